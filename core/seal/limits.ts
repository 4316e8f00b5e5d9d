/** Everything of the seal that can grow has its bound here (I7). */
export const sealLimits = {
  /** Officers of one set: more can't be brought together, and a manifest stays a page. */
  holdersMax: 16,
  /** seal.state: two manifests of 16 holders and a ring of 256 KiB in base64 stay far below. */
  stateBytesMax: 1024 * 1024,
  /** The ring before wrapping. */
  ringBytesMax: 256 * 1024,
  ringKeysMax: 1024,
  /** One key: PKCS#8 of any kind in use is below 4 KiB. */
  keyBytesMax: 8192,
  /** Sets that were in force before, kept by id so that their shares can be named. */
  retiredSetsMax: 64,
  /** The journal is read whole at start; ten records a day for 27 years. */
  journalRecordsMax: 100_000,
  journalBytesMax: 64 * 1024 * 1024,
  /** Refusals written to the journal in one life of the process, so that nobody fills it by trying. */
  refusalRecordsMax: 200,
  /** What a person may type as a reason. */
  reasonBytesMax: 400,
  /** A share file: header, stanzas and some 400 bytes of text. */
  shareFileBytesMax: 64 * 1024,
  passphraseCharactersMin: 12,
  /** Shares entered are wiped after this time (SECURITY 2.5). */
  ceremonyMs: 30 * 60 * 1000,
  /** Init and a dealt set keep no share in memory: every holder has a day to confirm the own one. */
  confirmationMs: 24 * 60 * 60 * 1000,
  /** Records of the journal in one answer: some 300 KiB. */
  journalPageMax: 1_000,
} as const;
