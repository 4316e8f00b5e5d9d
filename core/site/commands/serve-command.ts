import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { examinePeer } from '../../../certs/peer-policy.ts';
import packageFile from '../../../package.json' with { type: 'json' };
import type { Config } from '../../base/config.ts';
import { createLogger, type Logger, type ProgramLog } from '../../base/logger.ts';
import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { documentVersion, printFault, printNote } from '../../cli/output.ts';
import type { KeyRing } from '../../seal/key-ring.ts';
import { ignoreInspectorSignal, refuseUnsafeStart } from '../../wire/start-check.ts';
import type { OpenSite } from '../open-site.ts';
import { readRunFile, writeRunFile } from '../run-file.ts';
import type { SiteFolder } from '../site-folder.ts';
import { SiteProcess } from '../site-process.ts';
import { addDataOption, type DataFolder, openDataFolder, requireProgram } from './data-folder.ts';

/** What the program of a tier needs to open its site. */
export interface OpenParts {
  readonly folder: SiteFolder;
  readonly config: Config;
  readonly clock: CliContext['clock'];
  readonly random: CliContext['random'];
  readonly logger: Logger;
  /** Where the site listens. */
  port(): number;
  /** Told where new sites enrol, once that is known. */
  enrolling(port: number): void;
}

export interface ServeSpec {
  readonly program: 'node' | 'hub';
  open(parts: OpenParts, ring: KeyRing): Promise<OpenSite>;
}

interface ServeOptions {
  readonly data: string;
  readonly logFile?: boolean;
  readonly testIds?: boolean;
}

/** `node serve` and `hub serve`. */
export function registerServe(command: Command, context: CliContext, spec: ServeSpec): void {
  addDataOption(command, context);
  addOption(command, context, {
    flags: '--log-file',
    text: {
      en: 'write the program log to logs/ in the data folder, not to standard error',
      zh: '程序日志写入数据目录的 logs/,而不是标准错误',
    },
    group: groups.output,
  });
  addOption(command, context, {
    flags: '--test-ids',
    text: {
      en: 'admit made-up ID numbers (area 99); for demonstrations only',
      zh: '接受虚构的身份证号(地区码 99);仅用于演示',
    },
    group: groups.data,
  });
  addExamples(command, context, [
    {
      line: `tongbu ${spec.program} serve --data DIR`,
      text: {
        en: 'runs until Ctrl-C or SIGTERM; sealed until the officers have entered their shares',
        zh: '运行至 Ctrl-C 或 SIGTERM;安全员输入份额前保持封存',
      },
    },
    {
      line: `tongbu ${spec.program} serve --data DIR --json --log-file`,
      text: { en: 'one line of JSON as soon as it listens', zh: '开始监听后输出一行 JSON' },
    },
  ]);
  command.action((options: ServeOptions) => serve(context, options, spec));
}

async function serve(context: CliContext, options: ServeOptions, spec: ServeSpec): Promise<void> {
  const folder = openDataFolder(context, options.data);
  requireProgram(folder, spec.program);
  const { execArgv } = process;
  refuseUnsafeStart({ execArgv, env: context.environment, production: options.testIds !== true });
  ignoreInspectorSignal(process);
  const logger = loggerOf(context, folder, options.logFile === true);
  let isReady = false;
  try {
    const site = processOf(context, folder, logger, options.testIds === true, spec);
    await site.run(context.signal, (port) => {
      isReady = true;
      announce(context, folder, port, options.testIds === true);
    });
  } catch (error) {
    if (!isReady) throw error;
    // Whatever its code: a site that had to stop has failed (I10).
    printFault(context, error);
    context.exitCode = 1;
  } finally {
    await logger.close();
  }
}

function processOf(
  context: CliContext,
  { paths, config }: DataFolder,
  logger: Logger,
  testIds: boolean,
  { open }: ServeSpec,
): SiteProcess {
  const { clock, random } = context;
  const { trustDomain } = config;
  const parts: OpenParts = {
    folder: paths,
    config,
    clock,
    random,
    logger,
    port: () => readRunFile(paths.run)?.port ?? config.listen.port,
    enrolling: (enrolPort) => {
      const run = readRunFile(paths.run);
      if (run) writeRunFile(paths.run, { ...run, enrolPort });
    },
  };
  return new SiteProcess({
    folder: paths,
    config,
    version: packageFile.version,
    clock,
    random,
    logger,
    examine: (der) => examinePeer(der, { trustDomain, nowMs: clock.nowMs(), revoked: new Set() }),
    open: (ring) => open(parts, ring),
    testIds,
  });
}

function loggerOf(context: CliContext, { paths, config }: DataFolder, toFile: boolean): ProgramLog {
  const { clock } = context;
  if (toFile) mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const to = toFile ? { file: join(paths.logs, 'serve.log') } : context.stderr;
  return createLogger({ clock, to, fields: { site: config.site } });
}

function announce(context: CliContext, { paths, config }: DataFolder, port: number, testIds: boolean): void {
  if (context.json) {
    context.stdout.write(`${JSON.stringify({ version: documentVersion, ready: true, port })}\n`);
    return;
  }
  const { site, listen } = config;
  const where = `${listen.host}:${port}`;
  const next = `tongbu seal unseal --data ${paths.folder} --share FILE`;
  printNote(
    context,
    context.text({
      en: `Site ${site} listens on ${where}, sealed. The officers open it, each with the own share: ${next}`,
      zh: `站点 ${site} 已在 ${where} 监听,处于封存状态。请安全员各用自己的份额解封:${next}`,
    }),
  );
  if (!testIds) return;
  const warning = {
    en: 'Made-up ID numbers are admitted: for demonstrations only.',
    zh: '接受虚构的身份证号:仅限演示。',
  };
  printNote(context, context.text(warning));
}
