import type { DemoSite } from './demo-site.ts';

/** One log as one site says that it holds it. */
export interface SeenLog {
  readonly log: string;
  readonly own: boolean;
  readonly size: number;
  readonly signed: number;
  readonly root: Uint8Array;
  readonly recorded: number;
}

interface StatusMessage {
  readonly logs: readonly SeenLog[];
}

/** The logs of a running site; undefined while it does not answer. */
export async function seenLogs(site: DemoSite): Promise<readonly SeenLog[] | undefined> {
  try {
    const client = await site.client();
    return (await client.unary<StatusMessage>('site', 'Site', 'getStatus', {}, 3_000)).logs;
  } catch {
    return undefined;
  }
}

/** What a site found when it hashed everything on its disk again. */
export interface CheckedLog {
  readonly log: string;
  readonly size: number;
  readonly root: string;
  readonly whole: boolean;
  readonly duplicates: number;
}

interface VerifyMessage {
  readonly log: string;
  readonly verdict: {
    readonly size: number;
    readonly root: Uint8Array;
    readonly whole: boolean;
    readonly duplicates: number;
  } | null;
}

export async function checkedLogs(site: DemoSite, signal: AbortSignal): Promise<readonly CheckedLog[]> {
  const client = await site.client();
  const found: CheckedLog[] = [];
  for await (const { log, verdict } of client.stream<VerifyMessage>(
    'site',
    'Site',
    'verify',
    { log: '' },
    signal,
  )) {
    if (!verdict) continue;
    const { size, root, whole, duplicates } = verdict;
    found.push({ log, size, root: Buffer.from(root).toString('hex'), whole, duplicates });
  }
  return found;
}
