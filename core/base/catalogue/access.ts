/** TB1910 to TB1929: database keys and break-glass. */
export const accessErrors = {} as const;
