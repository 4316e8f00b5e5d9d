import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import packageFile from '../../../package.json' with { type: 'json' };
import { createLogger, type Logger, type ProgramLog } from '../../base/logger.ts';
import type { CliContext } from '../../cli/context.ts';
import { documentVersion, printFault, printNote } from '../../cli/output.ts';
import { refuseExposedPaths } from '../exposed-files.ts';
import { readRunFile, writeRunFile } from '../run-file.ts';
import { SiteProcess } from '../site-process.ts';
import { ignoreInspectorSignal, keepPrivate, refuseCoreDumps, refuseUnsafeStart } from '../start-check.ts';
import { type DataFolder, openDataFolder, requireProgram } from './data-folder.ts';
import { OpenHere } from './open-here.ts';
import type { OpenParts, ServeOptions, ServeSpec } from './serve-command.ts';

/** Runs the site until the signal. A site that had to stop ends with exit code 1. */
export async function serveSite(context: CliContext, options: ServeOptions, spec: ServeSpec): Promise<void> {
  const folder = openDataFolder(context, options.data);
  requireProgram(folder, spec.program);
  const { execArgv } = process;
  const production = options.testIds !== true;
  refuseUnsafeStart({ execArgv, env: context.environment, production });
  refuseCoreDumps(production);
  refuseExposedPaths(folder.paths.folder);
  const token = options.tokenFile ?? options.uplinkTokenFile;
  const brought = token === undefined ? options : { ...options, token };
  const here = OpenHere.of(context, folder, brought, `tongbu ${spec.program} serve`);
  ignoreInspectorSignal(process);
  keepPrivate(process);
  const open = await spec.load();
  const logger = loggerOf(context, folder, options.logFile === true);
  // Whoever breaks in has then the whole machine; a port above 1,024 needs no rights.
  if (process.geteuid?.() === 0) logger.warn('running as root; give the site a user of its own');
  let isReady = false;
  try {
    const site = processOf(context, folder, logger, options.testIds === true, open, here);
    await site.run(context.signal, (port) => {
      isReady = true;
      announce(context, folder, port, here);
      if (options.testIds === true) warnOfTestIds(context);
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
  open: Awaited<ReturnType<ServeSpec['load']>>,
  here: OpenHere | undefined,
): SiteProcess {
  const { clock, random } = context;
  const parts: Omit<OpenParts, 'keys' | 'trust' | 'cut'> = {
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
    open: (ring, keys, ports) => open({ ...parts, ...ports, keys }, ring),
    testIds,
    here,
  });
}

function loggerOf(context: CliContext, { paths, config }: DataFolder, toFile: boolean): ProgramLog {
  const { clock } = context;
  if (toFile) mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const to = toFile ? { file: join(paths.logs, 'serve.log') } : context.stderr;
  return createLogger({ clock, to, fields: { site: config.site } });
}

function announce(
  context: CliContext,
  { paths, config }: DataFolder,
  port: number,
  here: OpenHere | undefined,
): void {
  const { site, listen } = config;
  if (context.json) {
    const opened = here && { opened: true, officers: here.officers, people: here.people };
    const document = { version: documentVersion, ready: true, port, ...opened };
    context.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const where = `${listen.host}:${port}`;
  if (here) return printOpened(context, site, where, here);
  const next = `tongbu seal unseal --data ${paths.folder} --share FILE`;
  printNote(
    context,
    context.text({
      en: `Site ${site} listens on ${where}, sealed. The officers open it, each with the own share: ${next}`,
      zh: `站点 ${site} 已在 ${where} 监听，处于封存状态。请安全员各用自己的份额解封：${next}`,
    }),
  );
}

function printOpened(context: CliContext, site: string, where: string, here: OpenHere): void {
  const { officers, people } = here;
  const names = officers.join(', ');
  printNote(
    context,
    context.text({
      en: `Site ${site} listens on ${where}, open. Opened here by ${names}.`,
      zh: `站点 ${site} 已在 ${where} 监听，已解封。由 ${names} 在本机解封。`,
    }),
  );
  if (people.length === 0) return;
  const list = people.map((path) => `  ${path}`).join('\n');
  printNote(
    context,
    context.text({
      en: `New certificates; each person takes the own folder away, and leaves no copy:\n${list}`,
      zh: `已签发新证书；请各自取走本人的目录，不留副本：\n${list}`,
    }),
  );
}

function warnOfTestIds(context: CliContext): void {
  if (context.json) return;
  const warning = {
    en: 'Made-up ID numbers are admitted: for demonstrations only.',
    zh: '接受虚构的身份证号：仅限演示。',
  };
  printNote(context, context.text(warning));
}
