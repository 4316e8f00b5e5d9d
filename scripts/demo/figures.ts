import type { CheckedLog } from './observe.ts';

export type Tier = 'county' | 'province' | 'national';

export interface LogFigures {
  readonly name: string;
  /** Size and root at every tier that holds the log; the contract keeps `persons` from the nation. */
  readonly tiers: Partial<Record<Tier, { readonly size: number; readonly root: string }>>;
  readonly equal: boolean;
}

export interface DemoFigures {
  readonly version: 1;
  readonly sites: readonly {
    readonly code: string;
    readonly name: string;
    readonly tier: Tier;
    readonly dataDir: string;
  }[];
  readonly logs: readonly LogFigures[];
  readonly lostEntries: number;
  readonly duplicateEntries: number;
  readonly entriesPerSecond: number;
  readonly seconds: number;
  readonly rows: { readonly accepted: number; readonly refused: number };
}

/** One log wherever it is held: at its origin's tier and those above; a catalog at every county. */
export function compareTiers(name: string, found: Partial<Record<Tier, readonly CheckedLog[]>>): LogFigures {
  const tiers: LogFigures['tiers'] = {};
  const all: CheckedLog[] = [];
  for (const tier of ['county', 'province', 'national'] as const) {
    const copies = (found[tier] ?? []).filter(({ log }) => log === name);
    all.push(...copies);
    // Of several copies the shortest one stands for the tier: none may be behind.
    const [least] = [...copies].sort((a, b) => a.size - b.size);
    if (least) tiers[tier] = { size: least.size, root: least.root };
  }
  const [first] = all;
  const equal = all.length > 1 && all.every(({ size, root }) => size === first?.size && root === first.root);
  return { name, tiers, equal };
}

/** Entries that a higher tier should hold and does not, counted from what each disk was found to hold. */
export function missingEntries({ tiers }: LogFigures): number {
  const sizes = Object.values(tiers).map(({ size }) => size);
  const most = Math.max(0, ...sizes);
  return sizes.reduce((sum, size) => sum + (most - size), 0);
}
