import { Fault } from '../../base/errors.ts';
import { rawKeys } from '../../store/cipher.ts';
import { Database } from '../../store/database.ts';
import { rekeyFile } from '../../store/rekey.ts';
import { type Asked, serveThread, threadData } from '../thread.ts';

export interface RekeyThreadData {
  /** As `databaseKey` gives them: the first is the one that files get. */
  readonly databaseKey: Uint8Array;
}

export interface RekeyOutcome {
  /** False when the file had the newest key already. */
  readonly changed: boolean;
  readonly tables: number;
  readonly rows: number;
  /** SHA-256, hex, of its content; empty for a file that was not touched. */
  readonly digest: string;
}

export type RekeyAsks = {
  rekey: readonly [{ path: string }, RekeyOutcome];
  close: readonly [undefined, undefined];
};

/** Copies and compares gigabytes without keeping the site's own thread from answering. */
serveThread((asked) => {
  for (const question of asked) answer(question);
});

/** A file that fails, on a bad disk too, keeps its key: nothing was lost, so the others are tried. */
function answer(question: Asked): void {
  try {
    const { path } = (question.ask ?? { path: '' }) as { path: string };
    question.answer(question.name === 'rekey' ? rekey(path) : undefined);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    question.refuse(error);
  }
}

function rekey(path: string): RekeyOutcome {
  const [to, ...retired] = rawKeys(threadData<RekeyThreadData>().databaseKey);
  if (!to || opens(path, to)) return { changed: false, tables: 0, rows: 0, digest: '' };
  const from = retired.find((key) => opens(path, key)) ?? to;
  return { changed: true, ...rekeyFile({ path, from, to }) };
}

function opens(path: string, key: Uint8Array): boolean {
  try {
    Database.open({ path, key, mode: 'read', durability: 'full' }).close();
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'TB1103') return false;
    throw error;
  }
}
