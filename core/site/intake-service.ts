import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import { type Intake, parseLines, type RowFinding, SeenKeys } from '../intake/intake.ts';
import type { RecordTable, RecordTables, StoredRecord } from '../intake/record-table.ts';
import type { Peer } from '../link/channel.ts';
import { type Dataset, entityOf } from '../records/dataset.ts';
import type { RowContext } from '../records/prepare-row.ts';
import { rules } from '../records/rule.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';
import { intakeAct, LoadRecord, type RowCounts } from './audit/load-record.ts';
import { watchLog } from './logs/watch-log.ts';
import type { OpenSite } from './open-site.ts';
import { checkMayRead } from './rights/may-read.ts';

interface Rows {
  readonly dataset: string;
  readonly entity: string;
  readonly rows: Uint8Array;
  readonly firstRow: number;
  readonly migrated: boolean;
  readonly dryRun: boolean;
}

/** The way in for business systems and files (node.proto). `open` throws TB1601 while the site is sealed. */
export function intakeService(
  open: () => OpenSite,
  identity: { readonly site: string; readonly testIds: boolean },
  clock: Clock,
): ServiceHandlers {
  const put = (rows: Rows | null, peer: Peer, seen: SeenKeys) =>
    putRows(open(), rows ?? nothing, { peer, seen, clock, ...identity });
  const tables = (dataset: string, peer: Peer) => {
    checkMayRead(peer, { origin: identity.site, dataset });
    return open().tables(dataset);
  };
  return {
    put: {
      kind: 'unary',
      handle: async ({ messageId, rows }: { messageId: string; rows: Rows | null }, peer: Peer) => {
        const done = open().audit.with(() => {
          const { result, counts } = put(rows, peer, new SeenKeys());
          const { dataset, dryRun } = rows ?? nothing;
          return { done: result, act: intakeAct('put', dataset, peer, counts, dryRun) };
        });
        const dataset = rows?.dataset ?? '';
        if (done.accepted > 0 && !rows?.dryRun) open().grew({ origin: identity.site, dataset });
        return { messageId: messageId.slice(0, 64), result: done };
      },
    },
    load: {
      kind: 'portions',
      open: (peer: Peer) => {
        const seen = new SeenKeys();
        const record = new LoadRecord(peer);
        return {
          answer: async ({ rows }: { rows: Rows | null }) => {
            const { dataset, dryRun } = rows ?? nothing;
            const site = open();
            checkWritten(site, dataset);
            record.begin(site.audit, dataset, dryRun);
            const { result, counts } = put(rows, peer, seen);
            record.count(counts);
            if (result.accepted > 0 && !dryRun) site.grew({ origin: identity.site, dataset });
            return { result };
          },
          ended: (error) => record.end(error),
        };
      },
    },
    get: {
      kind: 'unary',
      handle: async ({ dataset, key }: { dataset: string; key: string }, peer: Peer) => {
        const { table, values } = tables(dataset, peer).at(key);
        const row = table.get(values, 'masked');
        if (!row) throw fault('TB1602', { dataset });
        return { row: rowMessage(row) };
      },
    },
    list: {
      kind: 'unary',
      handle: async (request: ListRequest, peer: Peer) => listRows(tables(request.dataset, peer), request),
    },
    watch: {
      kind: 'stream',
      handle: ({ dataset, from }: { dataset: string; from: number }, peer: Peer, signal: AbortSignal) => {
        checkMayRead(peer, { origin: identity.site, dataset });
        return watchLog(open(), dataset, from, signal, clock);
      },
    },
  };
}

interface ListRequest {
  readonly dataset: string;
  readonly entity: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface PutResult {
  readonly accepted: number;
  readonly unchanged: number;
  readonly logSize: number;
  readonly problems: readonly object[];
}

const written: ReadonlySet<string> = new Set(['registry', 'audit']);

interface Caller {
  readonly site: string;
  readonly testIds: boolean;
  readonly peer: Peer;
  readonly seen: SeenKeys;
  readonly clock: Clock;
}

/** The intake of a dataset that others may write. Throws TB1605. */
function checkWritten(site: OpenSite, dataset: string): Intake {
  // Written by the site itself: nobody's rows may look like its acts.
  if (written.has(dataset))
    throw fault('TB1605', { dataset, datasets: 'persons, enrollment, claims, catalog' });
  return site.intake(dataset);
}

function putRows(site: OpenSite, request: Rows, caller: Caller): { result: PutResult; counts: RowCounts } {
  const { peer, seen, clock } = caller;
  const { dataset, entity, rows: bytes, firstRow, migrated, dryRun } = request;
  const intake = checkWritten(site, dataset);
  const { rows, findings } = parseLines(bytes, Math.max(1, firstRow));
  const context: RowContext = {
    today: Math.floor((clock.nowMs() + 8 * 3_600_000) / 86_400_000),
    migrated,
    testIds: caller.testIds,
    defaults: {
      src_sys: 'U',
      crter_id: peer.name.slice(0, 20),
      opter_id: peer.name.slice(0, 20),
      optins_no: caller.site,
    },
  };
  const result = intake.put(rows, { entity: entity === '' ? undefined : entity, context, dryRun, seen });
  const problems = [...findings, ...result.findings].sort((a, b) => a.row - b.row);
  const { accepted, unchanged, logSize } = result;
  const refused = rows.length + findings.length - accepted - unchanged;
  return {
    result: {
      accepted,
      unchanged,
      logSize,
      problems: problems.map((finding) => problemMessage(intake.dataset, entity, finding)),
    },
    counts: { accepted, unchanged, refused },
  };
}

const nothing: Rows = {
  dataset: '',
  entity: '',
  rows: new Uint8Array(),
  firstRow: 1,
  migrated: false,
  dryRun: false,
};

function problemMessage(dataset: Dataset, entity: string, finding: RowFinding): object {
  const { row, rule, field, severity, nearest } = finding;
  const { en, zh } = rules[rule];
  const found = dataset.entities
    .filter(({ name }) => entity === '' || name === entity)
    .flatMap(({ fields }) => fields)
    .find(({ name }) => name === field);
  return {
    row,
    field,
    rule,
    severity,
    text: nearest ? `${en}; perhaps ${nearest} was meant` : en,
    textZh: nearest ? `${zh};或应为 ${nearest}` : zh,
    example: found?.example ?? '',
  };
}

const pageRows = { standard: 100, max: 1_000 } as const;

function listRows(
  tables: RecordTables,
  request: { entity: string; pageSize: number; pageToken: string },
): object {
  const entity = entityOf(tables.dataset, request.entity === '' ? undefined : request.entity);
  const table: RecordTable = tables.of(entity);
  const limit = Math.min(request.pageSize || pageRows.standard, pageRows.max);
  const after = request.pageToken === '' ? [] : tables.at(request.pageToken).values;
  const rows = table.page(after, limit, 'masked');
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { rows: rows.map(rowMessage), nextPageToken: last?.key ?? '' };
}

function rowMessage({ key, ver, index, fields }: StoredRecord): object {
  assert(key !== '', 'a stored row has a key');
  return { key, ver, index, json: JSON.stringify(fields) };
}
