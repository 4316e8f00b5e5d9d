import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roles } from '../../certs/identity.ts';
import { authorise } from '../../core/site/rights/authorise.ts';
import { rights } from '../../core/site/rights/rights.ts';
import { type ServiceParts, servicesOf } from '../../core/site/services.ts';
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
  share: { own: ['officer'] },
  seal: { own: ['officer', 'operator'] },
  look: { own: ['officer', 'operator', 'auditor'] },
  survey: { own: ['officer', 'operator', 'auditor'], area: ['city'] },
  prove: { own: ['officer', 'operator', 'auditor', 'business'] },
  write: { own: ['operator', 'business'] },
} as const satisfies Record<string, Callers>;

interface Callers {
  readonly own?: readonly string[];
  readonly area?: readonly string[];
  readonly any?: readonly string[];
}

const expected: Readonly<Record<string, Callers>> = {
  '/tongbu.v1.Replication/Push': { any: ['node', 'hub'] },
  '/tongbu.v1.Replication/Pull': { any: ['node', 'hub', 'subscriber'] },
  '/tongbu.v1.Seal/GetSealStatus': people.look,
  '/tongbu.v1.Seal/EnterShare': people.share,
  '/tongbu.v1.Seal/SealSite': people.seal,
  '/tongbu.v1.Site/GetStatus': people.survey,
  '/tongbu.v1.Site/Verify': people.look,
  '/tongbu.v1.Site/Prove': people.prove,
  '/tongbu.v1.Site/ExportLog': people.look,
  '/tongbu.v1.Site/ListActs': people.look,
  '/tongbu.v1.Database/RequestRekey': people.seal,
  '/tongbu.v1.Database/GetRekey': people.look,
  '/tongbu.v1.Database/RequestAccess': people.seal,
  '/tongbu.v1.Database/OpenSession': people.seal,
  '/tongbu.v1.Database/RunStatement': people.seal,
  '/tongbu.v1.Database/CloseSession': people.seal,
  '/tongbu.v1.Database/ListSessions': people.look,
  '/tongbu.v1.Approvals/ListRequests': people.look,
  '/tongbu.v1.Approvals/Approve': people.share,
  '/tongbu.v1.Approvals/Reject': people.share,
  '/tongbu.v1.Intake/Put': people.write,
  '/tongbu.v1.Intake/Load': people.write,
  '/tongbu.v1.Intake/Get': people.write,
  '/tongbu.v1.Intake/List': people.write,
  '/tongbu.v1.Intake/Watch': people.write,
  '/tongbu.v1.Hub/ListSites': people.survey,
  '/tongbu.v1.Hub/CreateToken': people.seal,
  '/tongbu.v1.Hub/AskContract': people.seal,
  '/tongbu.v1.Hub/EndContract': people.seal,
  '/tongbu.v1.Hub/ListContracts': people.look,
  '/tongbu.v1.Seal/EmergencySeal': people.share,
  '/tongbu.v1.Seal/OpenCeremony': people.share,
  '/tongbu.v1.Seal/EnterCeremonyShare': people.share,
  '/tongbu.v1.Seal/FetchShare': people.share,
  '/tongbu.v1.Seal/ProveShare': people.share,
  '/tongbu.v1.Seal/CancelCeremony': people.share,
  '/tongbu.v1.Seal/GetManifests': people.look,
  '/tongbu.v1.Seal/ReadJournal': people.look,
  '/tongbu.v1.Seal/RecordDrill': people.share,
  '/tongbu.v1.Servers/ListServers': people.look,
  '/tongbu.v1.Servers/AddServer': people.share,
  '/tongbu.v1.Servers/RotatePassword': people.seal,
  '/tongbu.v1.Servers/RemoveServer': people.share,
  '/tongbu.v1.Certificates/Renew': { any: roles },
  '/tongbu.v1.Certificates/GetTrust': { any: roles },
  '/tongbu.v1.Certificates/Revoke': people.share,
  '/tongbu.v1.Certificates/ListCertificates': people.look,
  '/tongbu.v1.Certificates/RollOver': people.seal,
  '/tongbu.v1.Certificates/PutRootList': people.seal,
};

function peer(site: string, role: string) {
  return { site, role, name: 'x', trustDomain: 'hunan.example', fingerprint: '' };
}

test.each([
  ['county', ['Replication', 'Hub', 'Certificates']],
  ['province', []],
  ['national', []],
])('a %s serves every rpc of its services, and no other', (tier, without) => {
  // Nothing is asked of the parts before a call comes.
  const services = servicesOf({ config: { tier, site: '430000' } } as ServiceParts);
  const served = services.flatMap(([, service, handlers]) =>
    Object.keys(handlers).map((name) => `/tongbu.v1.${service}/${name[0]?.toUpperCase()}${name.slice(1)}`),
  );
  const wanted = methods.filter((method) => !without.some((name) => method.includes(`.${name}/`)));
  expect(served.sort()).toEqual(wanted.sort());
});

test('every rpc of the contract has a rule, and every rule is of an rpc', () => {
  expect(methods.length).toBeGreaterThanOrEqual(16);
  expect(Object.keys(rights).sort()).toEqual([...methods].sort());
  expect(Object.keys(expected).sort()).toEqual([...methods].sort());
});

test('a role stands in one list of a rule, and is one that certificates can have', () => {
  for (const [method, { own = [], area = [], any = [] }] of Object.entries(rights)) {
    const named: readonly string[] = [...own, ...area, ...any];
    expect(new Set(named).size, method).toBe(named.length);
    expect(
      named.filter((role) => !roles.some((known) => known === role)),
      method,
    ).toEqual([]);
    expect(named.length, method).toBeGreaterThan(0);
  }
});

test('every rule says in both languages what the call is for', () => {
  for (const [method, { en, zh }] of Object.entries(rights)) {
    expect(en, method).toMatch(/^[\x20-\x7e]{8,}$/);
    expect(zh, method).toMatch(/[\u4e00-\u9fff]/);
  }
});

/** Sites of callers: this province, a county and cities within it, and one of each elsewhere. */
const origins = ['430000', '430121', '430100', '440100', '440000', '100000'];

function mayCall({ own = [], area = [], any = [] }: Callers, role: string, from: string): boolean {
  if (any.includes(role)) return true;
  if (area.includes(role)) return from === '430100';
  return own.includes(role) && from === '430000';
}

test.each(methods)('%s admits the roles of the table, and refuses all others by name', (method) => {
  for (const role of roles) {
    for (const from of origins) {
      const refused = authorise('430000', peer(from, role), method);
      const place = `${role} of ${from}`;
      if (mayCall(expected[method] ?? {}, role, from)) expect(refused, place).toBeUndefined();
      else expect(refused, place).toMatchObject({ code: 'TB1606', parameters: { role, method } });
    }
  }
});

test('a city calls its own province, and neither a county nor the nation', () => {
  const everybodys = methods.filter((method) => expected[method]?.any?.includes('city'));
  const admitted = (site: string, city: string) =>
    methods.filter((method) => !authorise(site, peer(city, 'city'), method) && !everybodys.includes(method));
  const city = methods.filter((method) => expected[method]?.area?.includes('city'));
  expect(city.length).toBeGreaterThan(0);
  expect(admitted('430000', '430100')).toEqual(city);
  for (const site of ['440000', '430121', '430100', '100000']) expect(admitted(site, '430100')).toEqual([]);
  for (const code of ['430000', '430121', '431']) expect(admitted('430000', code)).toEqual([]);
});

test('a method without a rule is refused to everybody', () => {
  const admitted = roles.filter((role) => !authorise('430000', peer('430000', role), '/tongbu.v1.Site/New'));
  expect(admitted).toEqual([]);
  const inherited = roles.filter((role) => !authorise('430000', peer('430000', role), 'constructor'));
  expect(inherited).toEqual([]);
});
