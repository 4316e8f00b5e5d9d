import type { Tier } from '../base/config.ts';
import type { Fault } from '../base/errors.ts';
import type { Intake } from '../intake/intake.ts';
import type { RecordTables } from '../intake/record-table.ts';
import type { Channel, Peer } from '../link/channel.ts';
import type { LaneView } from '../link/lane.ts';
import type { LogName } from '../log/batch.ts';
import type { EntryProof } from '../log/prove-entry.ts';
import type { TileWriter } from '../log/tile.ts';
import type { Servers } from '../servers/servers.ts';
import type { Approval, Approvals } from './approvals/approvals.ts';
import type { ActList } from './audit/act-list.ts';
import type { Audit } from './audit/audit.ts';
import type { LogReport } from './logs/log-report.ts';
import type { StatusView } from './rights/city-view.ts';
import type { Renewable } from './trust/certificate-agent.ts';
import type { CertificateDesk } from './trust/certificate-desk.ts';
import type { OwnIdentity, Trust } from './trust/trust.ts';

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

/** What the process gives to the site that it opens. */
export interface ProcessPorts {
  /** What is trusted in the site's own trust domain; the listener goes by it. */
  readonly trust: Trust;
  /**
   * Ends live calls of these certificates with status 16, then destroys their connections. Only after the
   * trust has learned that they are revoked: what they try in between must get nowhere.
   */
  cut(fingerprints: readonly string[]): void;
}

/** What a site can do while it is unsealed; a county's node and a hub each make one from the opened ring. */
export interface OpenSite {
  readonly tier: Tier;
  /** Certificate of the open site, for the listener. */
  readonly own: OwnIdentity;
  /** Certificates that are renewed while the site is open, beside the gate's. */
  readonly renewables: readonly Renewable[];
  /** Serves a conversation that another site dialled; absent where nobody may. */
  readonly replication?: Readonly<Record<'push' | 'pull', (channel: Channel) => Promise<void>>>;
  readonly audit: Audit;
  readonly approvals: Approvals;
  /** Logins at database servers. */
  readonly servers: Servers;
  /** The acts of a site: of this one, or of one whose audit log is received here. */
  acts(site: string): ActList | undefined;
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
  /** The authority, at hubs. */
  readonly certificates?: CertificateDesk;
  close(): Promise<void>;
  /** Resolves when the site can't go on (I10). */
  readonly failed: Promise<Fault | Error>;
}

/** What only hubs are asked. */
export interface HubDesk {
  /** Sites that the view shows, made from the logs that it shows. */
  listSites(view: StatusView): Promise<readonly SiteSummary[]>;
  readonly contracts: ContractDesk;
  createToken(order: TokenOrder): Promise<{ readonly line: string; readonly expiresMs: number }>;
}

/** Which logs a subscriber may pull. */
export interface ContractView {
  /** `430000` or `430000/stats`: site, and name, of its certificate. */
  readonly subscriber: string;
  /** Datasets of every origin, or single logs as site/dataset. */
  readonly logs: readonly string[];
  readonly approvedBy: readonly string[];
  readonly inForce: boolean;
}

export interface ContractOrder {
  readonly subscriber: string;
  readonly logs: readonly string[];
  readonly reason: string;
}

/** Contracts of subscribers; nothing leaves without one (I13). */
export interface ContractDesk {
  ask(order: ContractOrder, by: Peer): Approval;
  end(order: Omit<ContractOrder, 'logs'>, by: Peer): ContractView;
  list(): readonly ContractView[];
}

export interface TokenOrder {
  readonly site: string;
  readonly name: string;
  /** In the origin lines of its logs; '' means the hub's. */
  readonly trustDomain: string;
  readonly grants: readonly string[];
  readonly lifeMs: number;
  /** Who asks: the enrolment will need another officer's word. */
  readonly by: Peer;
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
