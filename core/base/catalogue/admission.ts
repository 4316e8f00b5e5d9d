/** TB1370 to TB1389: approved enrolment, files for browsers. */
export const admissionErrors = {} as const;
