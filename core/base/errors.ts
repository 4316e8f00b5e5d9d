import { assert } from './assert.ts';
import { accessErrors } from './catalogue/access.ts';
import { admissionErrors } from './catalogue/admission.ts';
import { approvalErrors } from './catalogue/approvals.ts';
import { auditErrors } from './catalogue/audit.ts';
import { authorityErrors } from './catalogue/authority.ts';
import { ceremonyErrors } from './catalogue/ceremonies.ts';
import { certsErrors } from './catalogue/certs.ts';
import { demoErrors } from './catalogue/demo.ts';
import { generalErrors } from './catalogue/general.ts';
import { intakeErrors } from './catalogue/intake.ts';
import { linkErrors } from './catalogue/link.ts';
import { officerErrors } from './catalogue/officers.ts';
import { recordErrors } from './catalogue/records.ts';
import { replicationErrors } from './catalogue/replication.ts';
import { sealErrors } from './catalogue/seal.ts';
import { serverErrors } from './catalogue/servers.ts';
import { siteErrors } from './catalogue/site.ts';
import { storeErrors } from './catalogue/store.ts';
import { trustErrors } from './catalogue/trust.ts';

/**
 * One error that a person can meet. `{name}` in a text is filled from the fault's parameters, which are
 * codes, sizes, sites, paths and hashes, never field values (I9).
 */
export interface CatalogueEntry {
  readonly en: string;
  readonly zh: string;
  /** The next command or act that repairs it. */
  readonly hintEn: string;
  readonly hintZh: string;
  /** Whether the loop may try again by itself. */
  readonly retry?: boolean;
  /** Exit code of a command that ends with it: 1 failed, 2 usage, 3 sealed. Default 1. */
  readonly exit?: 1 | 2 | 3;
}

const catalogue = {
  ...generalErrors, // TB10xx
  ...storeErrors, // TB11xx
  ...sealErrors, // TB12xx
  ...certsErrors, // TB13xx
  ...linkErrors, // TB14xx: formats
  ...replicationErrors, // TB144x to TB149x: logs and links at work
  ...recordErrors, // TB15xx
  ...intakeErrors, // TB1552 to TB1579
  ...siteErrors, // TB16xx and TB17xx
  ...ceremonyErrors, // TB1230 to TB1254
  ...officerErrors, // TB1255 to TB1264
  ...authorityErrors, // TB1350 to TB1369
  ...admissionErrors, // TB1370 to TB1389
  ...trustErrors, // TB1390 to TB1399
  ...demoErrors, // TB18xx
  ...approvalErrors, // TB1900 to TB1909
  ...accessErrors, // TB1910 to TB1929
  ...serverErrors, // TB1930 to TB1949
  ...auditErrors, // TB1950 to TB1969
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
export type Language = 'en' | 'zh';
export type FaultParameters = Readonly<Record<string, string | number>>;

/** The world failed (or a person asked for what can't be). Bugs are assertions; refusals are values. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: ErrorCode;
  readonly parameters: FaultParameters;
  readonly retry: boolean;

  constructor(
    code: ErrorCode,
    parameters: FaultParameters = {},
    cause?: unknown,
    retry = entryOf(code).retry ?? false,
  ) {
    super(`${code} ${fill(entryOf(code).en, parameters)}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.parameters = parameters;
    this.retry = retry;
  }

  /** The same as somebody else's word: what is final there may be otherwise at the next attempt. */
  heard(): Fault {
    return new Fault(this.code, this.parameters, this.cause, true);
  }
}

export function fault(code: ErrorCode, parameters: FaultParameters = {}, cause?: unknown): Fault {
  return new Fault(code, parameters, cause);
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}

export function entryOf(code: ErrorCode): CatalogueEntry {
  return catalogue[code];
}

export function errorCodes(): ErrorCode[] {
  return Object.keys(catalogue).filter(isErrorCode).sort();
}

/** What to print for a fault: one sentence and the next act, in the reader's language. */
export function explain(code: ErrorCode, parameters: FaultParameters, language: Language): [string, string] {
  const entry = entryOf(code);
  const [text, hint] = language === 'zh' ? [entry.zh, entry.hintZh] : [entry.en, entry.hintEn];
  return [fill(text, parameters), fill(hint, parameters)];
}

function fill(template: string, parameters: FaultParameters): string {
  return template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    assert(name !== '', 'an empty parameter name');
    return String(parameters[name] ?? `{${name}}`);
  });
}
