import { fault } from '../../base/errors.ts';
import { type LogName, printLog } from '../../log/batch.ts';
import { printVkey } from '../../log/keys.ts';
import { LogNodes } from '../../log/log-nodes.ts';
import type { LogState } from '../../log/log-store.ts';
import { type EntryProof, proveEntry } from '../../log/prove-entry.ts';
import { exportTiles, type TileWriter } from '../../log/tile.ts';
import type { Directory } from '../directory.ts';
import type { LogView } from '../open-site.ts';
import type { SiteData } from '../site-data.ts';
import type { LogReport } from './log-report.ts';
import { tileSourceOf } from './tile-source.ts';

/** What operators ask about the logs in the site's own file. */
export class LocalLogs {
  readonly #data: SiteData;
  readonly #directory: Directory;

  constructor(data: SiteData, directory: Directory) {
    this.#data = data;
    this.#directory = directory;
  }

  holds(log: LogName): boolean {
    return this.#data.store.find(log) !== undefined;
  }

  views(): LogView[] {
    const { store } = this.#data;
    const receipts = store.database.prepare<{ receiver: string; size: number; receivedMs: number }>(
      'SELECT receiver, size, received_ms AS receivedMs FROM receipt WHERE log_id = ? ORDER BY receiver',
    );
    const views = store.all().map((state) => ({
      log: state.name,
      own: this.#data.isOwn(state.name),
      size: state.size,
      signed: state.signed,
      root: store.newestCheckpoint(state.id)?.root ?? new Uint8Array(),
      ...this.#data.recorded(state.name),
      receipts: receipts.all(state.id),
    }));
    return views.sort((a, b) => Number(b.own) - Number(a.own));
  }

  async verify(log: LogName, progress: (size: number) => void): Promise<LogReport> {
    const key = this.#directory.originKeyOf(log);
    if (!key) throw fault('TB1607', { site: log.origin });
    return this.#data.inspect(log, key, progress);
  }

  prove(log: LogName, index: number): EntryProof {
    return proveEntry(this.#data.store, this.#state(log), index);
  }

  async export(log: LogName, write: TileWriter): Promise<void> {
    const state = this.#state(log);
    const nodes = new LogNodes(this.#data.store, state);
    await exportTiles(tileSourceOf(this.#data.store, state, nodes), write);
  }

  vkey(log: LogName): string {
    return vkeyOf(this.#directory, log);
  }

  #state(log: LogName): LogState {
    const state = this.#data.store.find(log);
    if (!state) throw fault('TB1447', { log: printLog(log) });
    return state;
  }
}

export function vkeyOf(directory: Directory, log: LogName): string {
  const verifier = directory.verifierOf(log);
  if (!verifier) throw fault('TB1607', { site: log.origin });
  return printVkey(verifier);
}
