import { generateX25519Identity, identityToRecipient } from 'age-encryption';

/** An officer's own age key: the recipient may be known to anybody, the identity is secret. */
export interface AgeIdentity {
  readonly identity: string;
  readonly recipient: string;
}

/** A new one, or the recipient of a known identity. */
export async function newAgeIdentity(identity?: string): Promise<AgeIdentity> {
  const own = identity ?? (await generateX25519Identity());
  return { identity: own, recipient: await identityToRecipient(own) };
}
