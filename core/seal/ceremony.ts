/** Acts that need officers and keep state between their calls. */
export const ceremonyKinds = ['init', 'unseal', 'change-holders', 'rotate-root'] as const;

export type CeremonyKind = (typeof ceremonyKinds)[number];

/** A ceremony in progress, as it is stored: never with a share in it. */
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
