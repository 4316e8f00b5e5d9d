/** GetStatusResponse of site.proto, as it comes. */
export interface StatusMessage {
  readonly site: string;
  readonly tier: string;
  readonly version: string;
  readonly timeMs: number;
  readonly logs: readonly LogMessage[];
  readonly links: readonly LinkMessage[];
  readonly troubles: readonly TroubleMessage[];
}

export interface TroubleMessage {
  readonly origin: string;
  readonly code: string;
  readonly text: string;
}

export interface LogMessage {
  readonly log: string;
  readonly own: boolean;
  readonly size: number;
  readonly signed: number;
  readonly root: Uint8Array;
  readonly lagEntries: number;
  readonly lagMs: number;
  readonly heardAgoMs?: number;
  readonly state: string;
  readonly recorded: number;
  readonly quarantined: number;
  readonly receipts: readonly ReceiptMessage[];
}

export interface ReceiptMessage {
  readonly receiver: string;
  readonly size: number;
  readonly receivedMs: number;
}

export interface LinkMessage {
  readonly log: string;
  readonly direction: 'push' | 'pull';
  readonly peer: string;
  readonly state: string;
  readonly position: number;
  readonly size: number;
  readonly heardAgoMs?: number;
  readonly problemCode: string;
  readonly problemText: string;
}

export const statusMethod = ['site', 'Site', 'getStatus'] as const;
