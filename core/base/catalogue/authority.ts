/** TB1350 to TB1369: renewal, revocation, roll-over. */
export const authorityErrors = {} as const;
