/** To whom a share file is written: age allows recipients or a passphrase, never both in one file. */
export type ShareLock =
  | { readonly recipients: readonly string[] }
  | { readonly passphrase: string; readonly workFactor?: number };

export type ShareKey = { readonly identities: readonly string[] } | { readonly passphrase: string };
