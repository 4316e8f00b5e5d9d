/** Acts that need an officer. Only the first kinds keep state between calls today; the format has all. */
export const ceremonyKinds = [
  'init',
  'unseal',
  'change-holders',
  'rotate-root',
  'rotate-data-keys',
  'recover',
  'approve-contract',
  'open-database',
  'replace-log-key',
  'accept-fork',
  'revoke-authority',
] as const;

export type CeremonyKind = (typeof ceremonyKinds)[number];

/** The one ceremony in progress, as it is stored: never with a share in it. */
export interface Ceremony {
  /** 16 random bytes, hex; quoted in every call. */
  readonly id: string;
  readonly kind: CeremonyKind;
  /** The set whose shares count now. */
  readonly setId: string;
  readonly required: number;
  /** Officers whose share was accepted, in that order. */
  readonly received: readonly string[];
  readonly openedBy: string;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** What a person gave as the reason, perhaps empty. */
  readonly reason: string;
}
