import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import { type LogName, parseLog, printLog } from '../log/batch.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';
import { freshnessOf } from './freshness.ts';
import type { LogReport } from './log-report.ts';
import type { LogView, OpenSite } from './open-site.ts';

/** What operators and auditors ask (site.proto). `open` throws TB1601 while the site is sealed. */
export function siteService(
  open: () => OpenSite,
  identity: { readonly site: string; readonly version: string },
  clock: Clock,
): ServiceHandlers {
  return {
    getStatus: { kind: 'unary', handle: async () => statusOf(open(), identity, clock) },
    verify: {
      kind: 'stream',
      handle: (request: { log: string }) => verify(open(), request.log, clock),
    },
    prove: {
      kind: 'unary',
      handle: async (request: { log: string; entry?: string; index: number; key: string }) => {
        const site = open();
        const log = await heldLog(site, request.log);
        const index = request.entry === 'key' ? indexOf(site, log, request.key) : request.index;
        return { ...(await site.prove(log, index)), vkey: site.vkey(log) };
      },
    },
    exportLog: {
      kind: 'stream',
      handle: (request: { log: string }) => exportLog(open(), request.log),
    },
  };
}

async function statusOf(site: OpenSite, identity: { site: string; version: string }, clock: Clock) {
  const logs = await site.logs();
  return {
    ...identity,
    tier: site.tier,
    timeMs: clock.nowMs(),
    logs: logs.map((view) => logMessage(site, view)),
    troubles: site.troubles().map(({ origin, fault: { code, message: text } }) => ({ origin, code, text })),
    links: site.links().map(({ problem, heardAgoMs, ...link }) => ({
      ...link,
      ...(heardAgoMs === undefined ? {} : { heardAgoMs: Math.round(heardAgoMs) }),
      problemCode: problem?.code ?? '',
      problemText: problem?.message ?? '',
    })),
  };
}

function logMessage(site: OpenSite, { log, ...view }: LogView): object {
  const hearing = view.own ? undefined : site.hearing(log);
  return {
    ...view,
    log: printLog(log),
    lagEntries: hearing?.lagEntries ?? 0,
    lagMs: Math.round(hearing?.lagMs ?? 0),
    ...(hearing ? { heardAgoMs: Math.round(hearing.heardAgoMs) } : {}),
    state: view.own ? 'current' : freshnessOf(hearing),
  };
}

/** The log of that name, if the site holds it. Throws TB1447. */
async function heldLog(site: OpenSite, name: string): Promise<LogName> {
  const log = parseLog(name);
  const held = log && (await site.logs()).some((view) => printLog(view.log) === name);
  if (!log || !held) throw fault('TB1447', { log: log ? name : '?' });
  return log;
}

function indexOf(site: OpenSite, log: LogName, key: string): number {
  const { table, values } = site.tables(log.dataset).at(key);
  const held = table.find(values);
  if (!held) throw fault('TB1602', { dataset: log.dataset });
  return held.index;
}

async function* verify(site: OpenSite, wanted: string, clock: Clock): AsyncGenerator<object> {
  const views = await site.logs();
  const chosen = wanted === '' ? views.map(({ log }) => log) : [await heldLog(site, wanted)];
  for (const log of chosen) {
    const size = views.find((view) => printLog(view.log) === printLog(log))?.size ?? 0;
    let done = 0;
    const ended = new AbortController();
    const verdict = site.verify(log, (hashed) => {
      done = hashed;
    });
    void verdict.finally(() => ended.abort()).catch(() => undefined);
    while (!ended.signal.aborted) {
      yield { log: printLog(log), done, size };
      await clock.sleep(1_000, ended.signal);
    }
    yield { log: printLog(log), done: size, size, verdict: verdictMessage(await verdict) };
  }
}

function verdictMessage({ bad, size, signed, root, duplicates }: LogReport): object {
  const whole = bad === undefined;
  return {
    size,
    signed,
    root,
    duplicates,
    whole,
    reason: bad?.reason ?? '',
    ...(bad ? { badIndex: bad.index } : {}),
  };
}

/** Files as they are made; the export waits while the reader is slow. */
async function* exportLog(site: OpenSite, name: string): AsyncGenerator<object> {
  const log = await heldLog(site, name);
  const files: { path: string; content: Uint8Array }[] = [];
  let wake = () => {};
  let more = () => {};
  const finished = { done: false, error: undefined as unknown };
  const work = site
    .export(log, async (path, content) => {
      files.push({ path, content });
      wake();
      if (files.length >= 64) await new Promise<void>((resolve) => (more = resolve));
    })
    .catch((error: unknown) => {
      finished.error = error;
    })
    .finally(() => {
      finished.done = true;
      wake();
    });
  while (!finished.done || files.length > 0) {
    const file = files.shift();
    if (file) {
      yield file;
      if (files.length < 32) more();
    } else await new Promise<void>((resolve) => (wake = resolve));
  }
  await work;
  if (finished.error) throw finished.error;
}
