/** TB1230 to TB1269: ceremonies of officers beyond unsealing. */
export const ceremonyErrors = {} as const;
