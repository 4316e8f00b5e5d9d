/** What a county writes: the local data set that the province mirrors. */
export const countyDatasets = ['persons', 'enrollment', 'claims', 'audit'] as const;

/** What comes down from the province to every county. */
export const copiedDatasets = ['registry', 'catalog'] as const;
