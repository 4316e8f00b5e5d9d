/** TB1930 to TB1949: passwords of database servers, files of a site. */
export const serverErrors = {} as const;
