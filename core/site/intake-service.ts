import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { fault } from '../base/errors.ts';
import { parseLines, type RowFinding, SeenKeys } from '../intake/intake.ts';
import type { RecordTable, RecordTables, StoredRecord } from '../intake/record-table.ts';
import type { Peer } from '../link/channel.ts';
import { type Dataset, entityOf } from '../records/dataset.ts';
import type { RowContext } from '../records/prepare-row.ts';
import { rules } from '../records/rule.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';
import type { OpenSite } from './open-site.ts';
import { watchLog } from './watch-log.ts';

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
    putRows(open(), rows, { peer, seen, clock, ...identity });
  return {
    put: {
      kind: 'unary',
      handle: async ({ messageId, rows }: { messageId: string; rows: Rows | null }, peer: Peer) => ({
        messageId: messageId.slice(0, 64),
        result: put(rows, peer, new SeenKeys()),
      }),
    },
    load: {
      kind: 'portions',
      open: (peer: Peer) => {
        const seen = new SeenKeys();
        return async (request: { rows: Rows | null }) => ({ result: put(request.rows, peer, seen) });
      },
    },
    get: {
      kind: 'unary',
      handle: async ({ dataset, key }: { dataset: string; key: string }) => {
        const { table, values } = open().tables(dataset).at(key);
        const row = table.get(values, 'masked');
        if (!row) throw fault('TB1602', { dataset });
        return { row: rowMessage(row) };
      },
    },
    list: {
      kind: 'unary',
      handle: async (request: { dataset: string; entity: string; pageSize: number; pageToken: string }) =>
        listRows(open().tables(request.dataset), request),
    },
    watch: {
      kind: 'stream',
      handle: ({ dataset, from }: { dataset: string; from: number }, _peer: Peer, signal: AbortSignal) =>
        watchLog(open(), dataset, from, signal, clock),
    },
  };
}

const written: ReadonlySet<string> = new Set(['registry', 'audit']);

interface Caller {
  readonly site: string;
  readonly testIds: boolean;
  readonly peer: Peer;
  readonly seen: SeenKeys;
  readonly clock: Clock;
}

function putRows(site: OpenSite, request: Rows | null, caller: Caller): object {
  const { peer, seen, clock } = caller;
  const { dataset, entity, rows: bytes, firstRow, migrated, dryRun } = request ?? nothing;
  // Written by the site itself: nobody's rows may look like its acts.
  if (written.has(dataset))
    throw fault('TB1605', { dataset, datasets: 'persons, enrollment, claims, catalog' });
  const intake = site.intake(dataset);
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
  if (result.accepted > 0 && !dryRun) site.grew({ origin: caller.site, dataset });
  const problems = [...findings, ...result.findings].sort((a, b) => a.row - b.row);
  return {
    accepted: result.accepted,
    unchanged: result.unchanged,
    logSize: result.logSize,
    problems: problems.map((finding) => problemMessage(intake.dataset, entity, finding)),
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
