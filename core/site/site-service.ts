import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import { type LogName, parseLog, printLog } from '../log/batch.ts';
import { actKinds } from '../records/audit.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';
import type { ActPage } from './audit/act-list.ts';
import { freshnessOf } from './logs/freshness.ts';
import type { LogReport } from './logs/log-report.ts';
import type { LogView, OpenSite } from './open-site.ts';
import { type StatusView, statusViewOf } from './rights/city-view.ts';
import { checkMayRead } from './rights/may-read.ts';

/** What operators and auditors ask (site.proto). `open` throws TB1601 while the site is sealed. */
export function siteService(
  open: () => OpenSite,
  identity: { readonly site: string; readonly version: string },
  clock: Clock,
): ServiceHandlers {
  return {
    getStatus: {
      kind: 'unary',
      handle: async (_request: object, peer: Peer) =>
        statusOf(open(), identity, clock.nowMs(), statusViewOf(peer)),
    },
    verify: {
      kind: 'stream',
      handle: (request: { log: string }) => verify(open(), request.log, clock),
    },
    prove: {
      kind: 'unary',
      handle: async (request: { log: string; entry?: string; index: number; key: string }, peer: Peer) => {
        const site = open();
        const log = await heldLog(site, request.log);
        checkMayRead(peer, log);
        const index = request.entry === 'key' ? indexOf(site, log, request.key) : request.index;
        return { ...(await site.prove(log, index)), vkey: site.vkey(log) };
      },
    },
    exportLog: {
      kind: 'stream',
      handle: (request: { log: string }, peer: Peer) => exportLog(open(), request.log, peer),
    },
    listActs: {
      kind: 'unary',
      handle: async (request: ActsRequest) => listActs(open(), request, identity.site),
    },
  };
}

async function statusOf(
  site: OpenSite,
  identity: { site: string; version: string },
  timeMs: number,
  view: StatusView,
) {
  const logs = (await site.logs()).filter(({ log }) => view.log(log));
  const troubles = site.troubles().filter(({ origin }) => view.site(origin));
  return {
    ...identity,
    tier: site.tier,
    timeMs,
    logs: logs.map((view) => logMessage(site, view)),
    troubles: troubles.map(({ origin, fault: { code, message: text } }) => ({ origin, code, text })),
    links: (view.links ? site.links() : []).map(({ problem, heardAgoMs, ...link }) => ({
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

interface ActsRequest {
  readonly site: string;
  readonly from: number;
  readonly sinceMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly pageSize: number;
}

const pageActs = { standard: 100, max: 1_000 } as const;

function listActs(site: OpenSite, { pageSize, site: asked, ...wanted }: ActsRequest, own: string): ActPage {
  const { kind, actor } = wanted;
  if (kind !== '' && !actKinds.some((known) => known === kind)) {
    throw fault('TB1955', { kind: /^[a-z-]{1,20}$/.test(kind) ? kind : '?', kinds: actKinds.join(', ') });
  }
  const code = asked === '' ? own : asked;
  const acts = /^[0-9]{6}$/.test(code) ? site.acts(code) : undefined;
  if (!acts) throw fault('TB1954', { site: /^[0-9]{6}$/.test(code) ? code : '?' });
  const limit = Math.min(pageSize || pageActs.standard, pageActs.max);
  return acts.page({ ...wanted, actor: actor.slice(0, 80), limit });
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
async function* exportLog(site: OpenSite, name: string, peer: Peer): AsyncGenerator<object> {
  const log = await heldLog(site, name);
  checkMayRead(peer, log);
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
