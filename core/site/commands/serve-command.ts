import type { Config } from '../../base/config.ts';
import type { Logger } from '../../base/logger.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import type { OpenSite } from '../open-site.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import type { SiteFolder } from '../site-folder.ts';
import type { Trust } from '../trust/trust.ts';
import { addDataOption } from './data-option.ts';
import { addOpenHereOptions, openHereExamples } from './open-here-options.ts';

/** What the program of a tier needs to open its site. */
export interface OpenParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: CliContext['clock'];
  readonly random: CliContext['random'];
  readonly logger: Logger;
  /** The key ring, for what is changed in it while the site is open. */
  readonly keys: RingAccess;
  readonly trust: Trust;
  /** Ends live calls and connections of these certificates, which the trust refuses by now. */
  cut(fingerprints: readonly string[]): void;
  /** Where the site listens. */
  port(): number;
  /** Told where new sites enrol, once that is known. */
  enrolling(port: number): void;
}

export interface ServeSpec {
  readonly program: 'node' | 'hub';
  /** Loads what opens the site of the tier: only now, because a help text needs none of it. */
  load(): Promise<(parts: OpenParts, ring: KeyRing) => Promise<OpenSite>>;
}

export interface ServeOptions {
  readonly data: string;
  readonly logFile?: boolean;
  readonly testIds?: boolean;
  readonly openHere?: boolean;
  readonly share?: readonly string[];
  readonly identity?: readonly string[];
  /** At a node. */
  readonly tokenFile?: string;
  /** At a hub. */
  readonly uplinkTokenFile?: string;
}

/** `node serve` and `hub serve`. */
export function registerServe(command: Command, context: CliContext, spec: ServeSpec): void {
  addDataOption(command, context);
  addOption(command, context, {
    flags: '--log-file',
    text: {
      en: 'write the program log to logs/ in the data folder, not to standard error',
      zh: '程序日志写入数据目录的 logs/，而不是标准错误',
    },
    group: groups.output,
  });
  addOption(command, context, {
    flags: '--test-ids',
    text: {
      en: 'admit made-up ID numbers (area 99); for demonstrations only',
      zh: '接受虚构的身份证号（地区码 99）；仅用于演示',
    },
    group: groups.data,
  });
  addOpenHereOptions(command, context, spec.program);
  addExamples(command, context, [
    {
      line: `tongbu ${spec.program} serve --data DIR`,
      text: {
        en: 'runs until Ctrl-C or SIGTERM; sealed until the officers have entered their shares',
        zh: '运行至 Ctrl-C 或 SIGTERM；安全员输入份额前保持封存',
      },
    },
    {
      line: `tongbu ${spec.program} serve --data DIR --json --log-file`,
      text: { en: 'one line of JSON as soon as it listens', zh: '开始监听后输出一行 JSON' },
    },
    ...openHereExamples(spec.program),
  ]);
  command.action(async (options: ServeOptions) => {
    const { serveSite } = await import('./serve-site.ts');
    await serveSite(context, options, spec);
  });
}
