import type { Ceremony } from './ceremony.ts';

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
  readonly ceremony: Ceremony | undefined;
  /** Officers whose share counts in the open ceremony. */
  readonly received: readonly string[];
  readonly expiresAtMs: number | undefined;
  /** Officers whose shares were wiped by an expiry or a restart and have to be entered again. */
  readonly lost: readonly string[];
  readonly journalHead: string;
}
