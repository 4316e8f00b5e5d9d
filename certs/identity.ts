/**
 * Who a certificate names: `spiffe://<trust domain>/site/<code>/<role>[/<name>]`. One grammar for issuing
 * and for checking; anything that is not printed by `printIdentity` is not an identity.
 */
export interface Identity {
  readonly trustDomain: string;
  /** 6 digits, GB/T 2260. */
  readonly site: string;
  readonly role: Role;
  /** '' for a site. */
  readonly name: string;
}

/** Which roles serve (and so carry host names), and which belong to a person or system with a name. */
const roleTable = {
  gate: { serves: true, named: 'never' },
  node: { serves: true, named: 'never' },
  hub: { serves: true, named: 'never' },
  officer: { serves: false, named: 'always' },
  operator: { serves: false, named: 'always' },
  auditor: { serves: false, named: 'always' },
  city: { serves: false, named: 'maybe' },
  business: { serves: false, named: 'always' },
  subscriber: { serves: false, named: 'maybe' },
} as const;

export type Role = keyof typeof roleTable;

export const roles = Object.keys(roleTable).filter(isRole);

export function isRole(text: string): text is Role {
  return Object.hasOwn(roleTable, text);
}

/** Whether certificates of the role are for servers too: host names and the use serverAuth. */
export function serves(role: Role): boolean {
  return roleTable[role].serves;
}

export const trustDomainPattern =
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
export const sitePattern = /^[0-9]{6}$/;
const uriPattern = /^spiffe:\/\/([a-z0-9.-]{1,253})\/site\/([0-9]{6})\/([a-z]+)(?:\/([a-z0-9-]{1,32}))?$/;

export type IdentityRefusal = 'uri-malformed' | 'uri-domain' | 'uri-role' | 'uri-name';

export function printIdentity(identity: Identity): string {
  const { trustDomain, site, role, name } = identity;
  return `spiffe://${trustDomain}/site/${site}/${role}${name === '' ? '' : `/${name}`}`;
}

/** Exactly what `printIdentity` prints for this trust domain, or why not. */
export function parseIdentity(uri: string, trustDomain: string): Identity | IdentityRefusal {
  const match = uriPattern.exec(uri);
  if (match === null) return 'uri-malformed';
  const [, domain = '', site = '', role = '', name = ''] = match;
  if (domain !== trustDomain) return 'uri-domain';
  if (!isRole(role)) return 'uri-role';
  if (!nameFits(role, name)) return 'uri-name';
  return { trustDomain, site, role, name };
}

/** Whether a role may, must or must not have a name; '' is none. */
export function nameFits(role: Role, name: string): boolean {
  const { named } = roleTable[role];
  if (name === '') return named !== 'always';
  return named !== 'never' && /^[a-z0-9-]{1,32}$/.test(name);
}

/** `node`, `officer/li-wei`. */
export function printGrant(role: Role, name: string): string {
  return name === '' ? role : `${role}/${name}`;
}
