import type { Text } from '../../base/language.ts';

/** Roles of certificates; `gate`, `node` and `hub` are sites, the others persons and systems. */
export const callerRoles = [
  'gate',
  'node',
  'hub',
  'officer',
  'operator',
  'auditor',
  'city',
  'business',
  'subscriber',
] as const;

export type CallerRole = (typeof callerRoles)[number];

/**
 * How an rpc gets into the audit log. `call`, `export` and `publish`: the door writes one act of that kind
 * before the handler runs, and a second one when it fails. `itself`: the service or what it calls writes its
 * own acts first. `read`: reading, which the login of its caller records. `look`: the state of site and seal,
 * shown even when that login can't be written, or nobody could see why.
 */
export type Audited = 'call' | 'export' | 'publish' | 'itself' | 'read' | 'look';

/** Who may call one rpc, and of which site the caller must be. A role stands in one of the lists at most. */
export interface Right extends Text {
  /** Callers whose certificate is of this very site. */
  readonly own?: readonly CallerRole[];
  /** Callers whose city lies in the province of this site; a site that is no province has none. */
  readonly area?: readonly CallerRole[];
  /** Callers of any site of the trust domain; the service checks more where it must. */
  readonly any?: readonly CallerRole[];
  /** Whether it is answered while the site is sealed. */
  readonly sealed: boolean;
  readonly audited: Audited;
}
