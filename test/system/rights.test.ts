import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roles } from '../../certs/identity.ts';
import { authorise, rights } from '../../core/site/rights.ts';
import { root } from '../support/tidy/sources.ts';

/** Served on a listener of its own, to strangers. */
const elsewhere = 'tongbu.v1.Enrolment';

/** Every rpc of the contract as gRPC names it, read from the proto files themselves. */
function methodsOfContract(): string[] {
  const folder = join(root, 'proto', 'tongbu', 'v1');
  const files = readdirSync(folder).filter((name) => name.endsWith('.proto'));
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\/.*/g, '');
    return [...text.matchAll(/service (\w+) \{([^}]*)\}/g)].flatMap(([, service = '', body = '']) =>
      [...body.matchAll(/rpc (\w+)\(/g)].map(([, method = '']) => `/tongbu.v1.${service}/${method}`),
    );
  });
}

const methods = methodsOfContract().filter((method) => !method.startsWith(`/${elsewhere}/`));

/** Who may call what, said a second time: whoever changes a right changes it in two places, on purpose. */
const people = {
  replicate: ['node', 'hub'],
  share: ['officer'],
  seal: ['officer', 'operator'],
  look: ['officer', 'operator', 'auditor'],
  prove: ['officer', 'operator', 'auditor', 'business'],
  write: ['operator', 'business'],
} as const;

const expected: Readonly<Record<string, readonly string[]>> = {
  '/tongbu.v1.Replication/Push': people.replicate,
  '/tongbu.v1.Replication/Pull': people.replicate,
  '/tongbu.v1.Seal/GetSealStatus': people.seal,
  '/tongbu.v1.Seal/EnterShare': people.share,
  '/tongbu.v1.Seal/SealSite': people.seal,
  '/tongbu.v1.Site/GetStatus': people.look,
  '/tongbu.v1.Site/Verify': people.look,
  '/tongbu.v1.Site/Prove': people.prove,
  '/tongbu.v1.Site/ExportLog': people.look,
  '/tongbu.v1.Intake/Put': people.write,
  '/tongbu.v1.Intake/Load': people.write,
  '/tongbu.v1.Intake/Get': people.write,
  '/tongbu.v1.Intake/List': people.write,
  '/tongbu.v1.Intake/Watch': people.write,
  '/tongbu.v1.Hub/ListSites': people.look,
  '/tongbu.v1.Hub/CreateToken': people.seal,
};

function peer(site: string, role: string) {
  return { site, role, name: 'x', trustDomain: 'hunan.example', fingerprint: '' };
}

test('every rpc of the contract has a rule, and every rule is of an rpc', () => {
  expect(methods.length).toBeGreaterThanOrEqual(16);
  expect(Object.keys(rights).sort()).toEqual([...methods].sort());
  expect(Object.keys(expected).sort()).toEqual([...methods].sort());
});

test('rules name roles that certificates can have', () => {
  const named = Object.values(rights).flatMap((rule) => rule.roles);
  expect(named.filter((role) => !roles.some((known) => known === role))).toEqual([]);
});

test.each(methods)('%s admits the roles of the table, and refuses all others by name', (method) => {
  for (const role of roles) {
    const refused = authorise('430000', peer('430000', role), method);
    if (expected[method]?.includes(role)) expect(refused).toBeUndefined();
    else expect(refused).toMatchObject({ code: 'TB1606', parameters: { role, method } });
  }
});

test.each(methods)('%s admits nobody of another site, but sites that replicate', (method) => {
  const admitted = roles.filter((role) => !authorise('430000', peer('430121', role), method));
  expect(admitted).toEqual(method.includes('.Replication/') ? ['node', 'hub'] : []);
});

test('a method without a rule is refused to everybody', () => {
  const admitted = roles.filter((role) => !authorise('430000', peer('430000', role), '/tongbu.v1.Site/New'));
  expect(admitted).toEqual([]);
  const inherited = roles.filter((role) => !authorise('430000', peer('430000', role), 'constructor'));
  expect(inherited).toEqual([]);
});
