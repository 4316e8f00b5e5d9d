/** TB1390 to TB1399: what a site knows of authorities and revocations. */
export const trustErrors = {} as const;
