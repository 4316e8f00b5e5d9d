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
  readonly sites: readonly { readonly code: string; readonly name: string; readonly tier: Tier; readonly dataDir: string }[];
  readonly logs: readonly LogFigures[];
  readonly lostEntries: number;
  readonly duplicateEntries: number;
  readonly entriesPerSecond: number;
  readonly seconds: number;
  readonly rows: { readonly accepted: number; readonly refused: number };
}

/** Where a log should be: its origin's tier and those above; below for a catalog. */
export function compareTiers(
  name: string,
  found: Partial<Record<Tier, readonly CheckedLog[]>>,
): LogFigures {
  const tiers: LogFigures['tiers'] = {};
  for (const tier of ['county', 'province', 'national'] as const) {
    const checked = found[tier]?.find(({ log }) => log === name);
    if (checked) tiers[tier] = { size: checked.size, root: checked.root };
  }
  const held = Object.values(tiers);
  const [first] = held;
  const equal = held.length > 1 && held.every(({ size, root }) => size === first?.size && root === first.root);
  return { name, tiers, equal };
}

/** Entries that a higher tier should hold and does not, counted from what each disk was found to hold. */
export function missingEntries({ tiers }: LogFigures): number {
  const sizes = Object.values(tiers).map(({ size }) => size);
  const most = Math.max(0, ...sizes);
  return sizes.reduce((sum, size) => sum + (most - size), 0);
}
