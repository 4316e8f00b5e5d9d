/** How the key that signs a log (or a receipt) is named, and what it is; the registry knows. */
export interface OriginKey {
  /** The log's origin line, or the mirror's name. */
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}
