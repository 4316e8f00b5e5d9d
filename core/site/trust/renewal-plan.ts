/** What a certificate says of itself; fingerprint in hex. */
export interface Lifetime {
  readonly fingerprint: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export type RenewalPhase =
  | 'fresh'
  | 'due'
  /** Less than a tenth is left: a person has to know. */
  | 'ending'
  /** Only an authority in the same process renews it; any other site enrols again at its machine. */
  | 'expired';

/**
 * When to renew: at two thirds of life, and up to a twentieth later, so that sites which enrolled together do
 * not come back together. The spread is taken from the certificate, so it is the same each time one asks.
 */
export function renewalMs({ fingerprint, notBeforeMs, notAfterMs }: Lifetime): number {
  const spread = Number.parseInt(fingerprint.slice(0, 8), 16) / 2 ** 32;
  return notBeforeMs + (notAfterMs - notBeforeMs) * (2 / 3 + spread / 20);
}

export function renewalPhase(certificate: Lifetime, nowMs: number): RenewalPhase {
  const { notBeforeMs, notAfterMs } = certificate;
  if (nowMs >= notAfterMs) return 'expired';
  if (notAfterMs - nowMs < (notAfterMs - notBeforeMs) / 10) return 'ending';
  return nowMs >= renewalMs(certificate) ? 'due' : 'fresh';
}
