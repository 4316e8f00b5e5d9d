/** What a hub writes itself. */
export const hubDatasets = ['registry', 'catalog', 'audit'] as const;

/** What every admitted site may have of it. */
export const publicDatasets: readonly string[] = ['registry', 'catalog'];

/** What comes down to it from the hub above. */
export const copiedDatasets = ['registry', 'catalog'] as const;

/** Tables of the hub's own file beside those of the logs. */
export const hubSchemas = [
  new URL('./hub.sql', import.meta.url),
  new URL('./authority/authority.sql', import.meta.url),
] as const;
