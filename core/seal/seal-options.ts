import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { FileSystem } from './file-system.ts';

export interface SealOptions {
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The disk; a test puts one here that fails. */
  readonly files?: FileSystem;
  /** What the site knows of an officer's certificate; good unless told. */
  readonly standing?: (officer: string) => 'good' | 'unknown' | 'revoked';
  /** How long entered shares live. */
  readonly ceremonyMs?: number;
  /** How long a dealt set waits for its holders' proofs. */
  readonly confirmationMs?: number;
}
