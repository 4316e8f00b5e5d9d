import type { Tier } from '../base/config.ts';
import type { Fault } from '../base/errors.ts';
import type { Intake } from '../intake/intake.ts';
import type { RecordTables } from '../intake/record-table.ts';
import type { Channel } from '../link/channel.ts';
import type { LaneView } from '../link/lane.ts';
import type { LogName } from '../log/batch.ts';
import type { EntryProof } from '../log/prove-entry.ts';
import type { TileWriter } from '../log/tile.ts';
import type { TlsMaterial } from '../wire/tls-material.ts';
import type { Approvals } from './approvals.ts';
import type { Audit } from './audit.ts';
import type { LogReport } from './log-report.ts';

/** One log as its site holds it. */
export interface LogView {
  readonly log: LogName;
  readonly own: boolean;
  readonly size: number;
  readonly signed: number;
  /** Root at `signed`; empty for an empty log. */
  readonly root: Uint8Array;
  readonly recorded: number;
  readonly quarantined: number;
  readonly receipts: readonly {
    readonly receiver: string;
    readonly size: number;
    readonly receivedMs: number;
  }[];
}

/** What a sender of a received log has said, and how long we have been behind it. */
export interface Hearing {
  readonly size: number;
  readonly lagEntries: number;
  readonly lagMs: number;
  readonly heardAgoMs: number;
}

/** An origin whose file or records can't be used now. */
export interface Trouble {
  readonly origin: string;
  readonly fault: Fault;
}

/** What a site can do while it is unsealed; a county's node and a hub each make one from the opened ring. */
export interface OpenSite {
  readonly tier: Tier;
  /** Certificate of the open site, for the listener. */
  readonly material: TlsMaterial;
  /** Serves a conversation that another site dialled; absent where nobody may. */
  readonly replication?: Readonly<Record<'push' | 'pull', (channel: Channel) => Promise<void>>>;
  readonly audit: Audit;
  readonly approvals: Approvals;
  intake(dataset: string): Intake;
  tables(dataset: string): RecordTables;
  logs(): Promise<LogView[]>;
  /** Undefined for own logs and before the first word. */
  hearing(log: LogName): Hearing | undefined;
  links(): LaneView[];
  /** What keeps a part of the site from working while the rest goes on. */
  troubles(): readonly Trouble[];
  /** Every log that `verify` without a name covers. */
  verify(log: LogName, progress: (size: number) => void): Promise<LogReport>;
  prove(log: LogName, index: number): Promise<EntryProof>;
  /** C2SP vkey of the log's origin. */
  vkey(log: LogName): string;
  export(log: LogName, write: TileWriter): Promise<void>;
  /** Own entries have grown: wakes whoever sends them. */
  grew(log: LogName): void;
  readonly hub?: HubDesk;
  close(): Promise<void>;
  /** Resolves when the site can't go on (I10). */
  readonly failed: Promise<Fault | Error>;
}

/** What only hubs are asked. */
export interface HubDesk {
  listSites(): Promise<readonly SiteSummary[]>;
  createToken(order: TokenOrder): Promise<{ readonly line: string; readonly expiresMs: number }>;
}

export interface TokenOrder {
  readonly site: string;
  readonly name: string;
  /** In the origin lines of its logs; '' means the hub's. */
  readonly trustDomain: string;
  readonly grants: readonly string[];
  readonly lifeMs: number;
  /** role/name of who asks. */
  readonly by: string;
}

export interface SiteSummary {
  readonly site: string;
  readonly name: string;
  readonly tier: string;
  readonly state: string;
  readonly entries: number;
  readonly lagEntries: number;
  readonly lagMs: number;
  readonly heardAgoMs: number | undefined;
  readonly logs: number;
}
