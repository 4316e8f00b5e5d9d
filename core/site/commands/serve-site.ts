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
  ignoreInspectorSignal(process);
  keepPrivate(process);
  const open = await spec.load();
  const logger = loggerOf(context, folder, options.logFile === true);
  // Whoever breaks in has then the whole machine; a port above 1,024 needs no rights.
  if (process.geteuid?.() === 0) logger.warn('running as root; give the site a user of its own');
  let isReady = false;
  try {
    const site = processOf(context, folder, logger, options.testIds === true, open);
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
  open: Awaited<ReturnType<ServeSpec['load']>>,
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
      zh: `站点 ${site} 已在 ${where} 监听，处于封存状态。请安全员各用自己的份额解封：${next}`,
    }),
  );
  if (!testIds) return;
  const warning = {
    en: 'Made-up ID numbers are admitted: for demonstrations only.',
    zh: '接受虚构的身份证号：仅限演示。',
  };
  printNote(context, context.text(warning));
}
