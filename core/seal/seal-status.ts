import type { Ceremony } from './ceremony.ts';
import type { OrderedHolder } from './change-order.ts';

/** What a site says of its seal: public to officers and operators, no secret in it. */
export interface SealStatus {
  /** 'empty' until every holder of the first set has confirmed the own share. */
  readonly state: 'empty' | 'sealed' | 'unsealing' | 'unsealed';
  readonly site: string;
  /** Of the state file; 0 before `init`. Officers' tools keep the highest they saw (T21). */
  readonly epoch: number;
  /** The set in force, or the one that waits for confirmation: hex, undefined before `init`. */
  readonly setId: string | undefined;
  readonly threshold: number;
  /** How many hold a share, and who. */
  readonly holders: number;
  readonly officers: readonly string[];
  readonly manifestHash: string | undefined;
  /** What is open: it collects shares, or a change of holders waits for proofs. */
  readonly ceremony: Ceremony | undefined;
  /** Officers whose share or proof counts in the open ceremony. */
  readonly received: readonly string[];
  readonly expiresAtMs: number | undefined;
  /** What a change of holders asks for, and who has proved the new share; its set once it is dealt. */
  readonly pending: PendingStatus | undefined;
  /** Holders of the set in force who have not shown yet that they can use their share. */
  readonly unproved: readonly string[];
  /** Officers whose shares were wiped by an expiry, a sealing or a restart and have to be entered again. */
  readonly lost: readonly string[];
  readonly journalHead: string;
}

export interface PendingStatus {
  readonly changeId: string;
  readonly expiresAtMs: number;
  readonly threshold: number;
  readonly officers: readonly string[];
  readonly proved: readonly string[];
  /** Undefined until it is dealt. */
  readonly setId: string | undefined;
  readonly manifestHash: string | undefined;
  /** What was ordered, until it is dealt. */
  readonly ordered: readonly OrderedHolder[];
}
