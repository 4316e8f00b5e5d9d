/** What a hub writes itself. */
export const hubDatasets = ['registry', 'catalog'] as const;

/** What comes down to it from the hub above. */
export const copiedDatasets = ['registry', 'catalog'] as const;

/** Tables of the hub's own file beside those of the logs. */
export const hubSchemas = [new URL('./hub.sql', import.meta.url)] as const;
