import { createRequest } from '../../../certs/certificate-request.ts';
import type { CertificateWish } from '../../../certs/enrolment.ts';
import { printGrant, type Role } from '../../../certs/identity.ts';
import { generateKeyPair, type KeyPair } from '../../../certs/key-pair.ts';

/** A key pair that was just made here, and what its certificate is to be for. */
export interface WantedIdentity {
  readonly role: Role;
  /** '' for a site. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly keys: KeyPair;
}

/** The first identities of a site: its gate, its data certificate, its operator and its officers. */
export function firstIdentities(
  dataRole: 'node' | 'hub',
  hosts: readonly string[],
  operator: string,
  officers: readonly string[],
  business: readonly string[],
): WantedIdentity[] {
  const site = (role: Role): WantedIdentity => ({ role, name: '', hosts, keys: generateKeyPair() });
  const person = (role: Role, name: string): WantedIdentity => ({
    role,
    name,
    hosts: [],
    keys: generateKeyPair(),
  });
  return [
    site('gate'),
    site(dataRole),
    person('operator', operator),
    ...officers.map((name) => person('officer', name)),
    ...business.map((name) => person('business', name)),
  ];
}

export function wishOf(wanted: WantedIdentity): Promise<CertificateWish> {
  const { role, name, hosts, keys } = wanted;
  return createRequest(keys, `${role} ${name}`.trim()).then((csr) => ({ role, name, hosts, csr }));
}

export function grantOf({ role, name }: WantedIdentity): string {
  return printGrant(role, name);
}

/** `operator-li`, `officer-zhao`: the folder of a person's identity. */
export function personFolder(people: string, { role, name }: { role: string; name: string }): string {
  return `${people}/${role}-${name}`;
}
