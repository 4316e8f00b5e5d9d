import { bech32 } from '@scure/base';
import { fault } from '../base/errors.ts';
import { checkThreshold } from './dealing.ts';
import { sealError } from './seal-error.ts';

export interface OrderedHolder {
  readonly officer: string;
  /** SHA-256 of the DER of the officer's certificate, lower-case hex. */
  readonly certificateFingerprint: string;
  /** X25519 recipient of age, `age1…`: what the share file is encrypted to. */
  readonly recipient: string;
}

/** Who shall hold shares from now on, also those who stay. */
export interface ChangeOrder {
  readonly threshold: number;
  readonly holders: readonly OrderedHolder[];
}

/**
 * Throws TB1221 or TB1230 for what can't be dealt. No two holders have one recipient: else one person would
 * receive two shares under two names.
 */
export function checkOrder({ threshold, holders }: ChangeOrder): void {
  const officers = holders.map(({ officer }) => officer);
  checkThreshold(threshold, officers);
  const refuse = (reason: string) => fault(sealError.orderRefused, { reason });
  for (const { officer, certificateFingerprint, recipient } of holders) {
    if (!/^[0-9a-f]{64}$/.test(certificateFingerprint)) throw refuse(`certificate of ${officer}`);
    if (!isRecipient(recipient)) throw refuse(`recipient of ${officer}`);
  }
  if (new Set(holders.map(({ recipient }) => recipient)).size < holders.length) {
    throw refuse('one recipient for two holders');
  }
}

/** Only the classic recipients, which Debian's age knows too. */
function isRecipient(text: string): boolean {
  if (!/^age1[02-9ac-hj-np-z]{58}$/.test(text)) return false;
  try {
    return bech32.decodeToBytes(text).bytes.length === 32;
  } catch {
    return false;
  }
}
