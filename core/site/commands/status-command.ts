import { Fault } from '../../base/errors.ts';
import type { CliContext, Command, ExitCode } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { documentVersion, printFault, printResult } from '../../cli/output.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from './local-options.ts';
import { type SealAnswer, sealDocument, sealMethods, sealSentence } from './seal-message.ts';
import type { SiteConnection } from './site-connection.ts';
import { type StatusMessage, statusMethod } from './status-message.ts';
import { statusDocument, statusText } from './status-view.ts';

interface StatusOptions extends LocalOptions {
  readonly watch?: boolean;
}

interface Seen {
  readonly document: object;
  readonly text: string;
  readonly exitCode: ExitCode;
}

const watchMs = 2_000;
const clearScreen = '\u001b[H\u001b[2J';

/** `node status` and `hub status`. */
export function registerStatus(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--watch',
    text: { en: 'again every two seconds, until Ctrl-C', zh: '每两秒刷新一次，直到 Ctrl-C' },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} status --data DIR`,
      text: {
        en: 'what is wrong and what to do, then the logs; exit code 3 while sealed',
        zh: '先说问题与处理办法，再列日志；封存时退出码为 3',
      },
    },
    {
      line: `tongbu ${program} status --data DIR --watch --json`,
      text: { en: 'one line of JSON every two seconds', zh: '每两秒输出一行 JSON' },
    },
  ]);
  command.action((options: StatusOptions) =>
    options.watch ? watch(context, options, program) : once(context, options, program),
  );
}

async function once(context: CliContext, options: StatusOptions, program: 'node' | 'hub'): Promise<void> {
  using connection = await connectLocal(context, options, program);
  const { document, text, exitCode } = await look(context, connection);
  context.exitCode = exitCode;
  printResult(context, document, () => text);
}

/** Goes on while the site stops and comes back, each time with a connection of its own. */
async function watch(context: CliContext, options: StatusOptions, program: 'node' | 'hub'): Promise<void> {
  const { signal, clock, stdout } = context;
  const isScreen = Boolean(stdout.isTTY) && !context.plain;
  while (!signal.aborted) {
    try {
      using connection = await connectLocal(context, options, program);
      const { document, text, exitCode } = await look(context, connection);
      context.exitCode = exitCode;
      if (context.json) stdout.write(`${JSON.stringify({ version: documentVersion, ...document })}\n`);
      else stdout.write(`${isScreen ? clearScreen : ''}${text}\n\n`);
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'TB1603' || error.code === 'TB1612') throw error;
      if (context.json) stdout.write(`${JSON.stringify(errorLine(error))}\n`);
      else printFault(context, error);
    }
    await clock.sleep(watchMs, signal);
  }
}

async function look(context: CliContext, connection: SiteConnection): Promise<Seen> {
  try {
    const status = await connection.unary<StatusMessage>(statusMethod);
    return { document: statusDocument(context, status), text: statusText(context, status), exitCode: 0 };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TB1601') throw error;
    const seal = (await connection.unary<SealAnswer>(sealMethods.status)).status;
    const summary = context.text(sealSentence(seal));
    const { state, ...rest } = { ...sealDocument(seal), state: seal.state };
    return { document: { ...rest, seal: state, well: false, summary }, text: summary, exitCode: 3 };
  }
}

function errorLine({ code, message, retry }: Fault): object {
  return { version: documentVersion, error: { code, message, retry } };
}
