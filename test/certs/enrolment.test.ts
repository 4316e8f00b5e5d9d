import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRequest } from '../../certs/certificate-request.ts';
import {
  type Enrolled,
  Enrolment,
  type EnrolmentRequest,
  type EnrolmentResult,
} from '../../certs/enrolment.ts';
import { parseToken } from '../../certs/enrolment-token.ts';
import { checkIssued, trustDomainOf } from '../../certs/issued-identity.ts';
import { generateKeyPair, type KeyPair } from '../../certs/key-pair.ts';
import { systemClock } from '../../core/base/clock.ts';
import { MemoryApprovals } from '../support/memory-approvals.ts';
import { MemoryTokens } from '../support/memory-tokens.ts';
import { issuance, Pki } from '../support/pki.ts';

const hourMs = 3_600_000;
let pki: Pki;
let tokens: MemoryTokens;
let approvals: MemoryApprovals;
let held: string[];
let registered: Enrolled[];
let nowMs: number;
let enrolment: Enrolment;

beforeAll(async () => {
  pki = await Pki.create();
});

beforeEach(() => {
  tokens = new MemoryTokens();
  approvals = new MemoryApprovals();
  approvals.lenient = true;
  held = [];
  registered = [];
  nowMs = systemClock.nowMs();
  enrolment = new Enrolment({
    tokens,
    approvals,
    held: () => held,
    issuance: { random: issuance.random, clock: { nowMs: () => nowMs } },
    authority: async () => ({
      trustDomain: pki.trustDomain,
      root: pki.root.certificate,
      issuing: pki.issuing.certificate,
      signing: (work) => work(pki.issuing),
      crls: pki.lists.map(({ der }) => der),
      lifeDays: 7,
    }),
    register: async (enrolled) => {
      if (!tokens.consume(enrolled.token.hash, enrolled.use)) return undefined;
      registered.push(enrolled);
      return Buffer.from('registry');
    },
  });
});

const order = (changes = {}) => ({
  site: '430121',
  grants: ['gate', 'node'],
  lifeMs: hourMs,
  createdBy: 'officer/a',
  hubSite: '430000',
  host: 'hub.hunan.example',
  port: 7444,
  ...changes,
});

async function token(changes = {}): Promise<Buffer> {
  const { line } = await enrolment.createToken(order(changes));
  return Buffer.from(parseToken(line).token);
}

const siteKeys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
const noKeys = { log: Buffer.alloc(0), mirror: Buffer.alloc(0), journal: Buffer.alloc(0) };

async function wish(role: string, name = '', keys: KeyPair = generateKeyPair(), hosts: string[] = []) {
  return { role, name, csr: await createRequest(keys, role), hosts };
}

async function request(
  secret: Uint8Array,
  changes: Partial<EnrolmentRequest> = {},
): Promise<EnrolmentRequest> {
  const certificates = [await wish('gate'), await wish('node')];
  return { token: secret, site: '430121', certificates, keys: siteKeys, ...changes };
}

/** With an officer who has approved. */
async function enrolled(wanted: EnrolmentRequest, from = 'a'): Promise<EnrolmentResult> {
  const answer = await enrolment.enrol(wanted, from);
  if ('waiting' in answer) throw new TypeError('nobody has approved');
  return answer;
}

describe('enrolment', () => {
  it('gives what was asked for, under the root of the token, and tells the registry', async () => {
    const gate = generateKeyPair();
    const node = generateKeyPair();
    const certificates = [await wish('gate', '', gate, ['gate.a.example']), await wish('node', '', node)];
    const result = await enrolled(await request(await token(), { certificates }), '10.0.0.9');
    expect(trustDomainOf(result.root)).toBe('hunan.example');
    for (const [i, privateKey] of [gate.privateKey, node.privateKey].entries()) {
      const issued = result.certificates[i];
      const role = ['gate', 'node'][i] ?? '';
      const expected = { site: '430121', role, name: '', privateKey };
      expect(checkIssued(issued?.chain ?? [], result.root, expected, nowMs)).toMatchObject({
        site: '430121',
        role,
      });
      const other = { ...expected, privateKey: generateKeyPair().privateKey };
      expect(() => checkIssued(issued?.chain ?? [], result.root, other, nowMs)).toThrow(
        /TB1325.*another key/,
      );
      expect(() =>
        checkIssued(issued?.chain ?? [], result.root, { ...expected, site: '430122' }, nowMs),
      ).toThrow(/TB1325/);
      expect(() => checkIssued([...(issued?.chain ?? [])].reverse(), result.root, expected, nowMs)).toThrow(
        /TB1325/,
      );
    }
    expect(new X509Certificate(result.certificates[0]?.chain[0] ?? '').subjectAltName).toContain(
      'DNS:gate.a.example',
    );
    expect(registered).toHaveLength(1);
    expect(registered[0]).toMatchObject({ use: { from: '10.0.0.9' }, keys: siteKeys });
    expect(Buffer.from(result.registry).toString()).toBe('registry');
  });

  it('uses one token in parallel for exactly one set of certificates', async () => {
    const secret = await token();
    const same = await request(secret);
    const attempts = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        enrolled(same, `10.0.0.${i}`).then(
          () => 'issued' as const,
          (error: unknown) => error,
        ),
      ),
    );
    expect(attempts.filter((outcome) => outcome === 'issued')).toHaveLength(1);
    expect(registered).toHaveLength(1);
    const { use } = registered[0] ?? {};
    const time = new Date(nowMs).toISOString();
    for (const outcome of attempts.filter((one) => one !== 'issued')) {
      expect(outcome).toMatchObject({ code: 'TB1313', parameters: { time, address: use?.from } });
    }
  });

  it('tells the second user when and from where the first came', async () => {
    const secret = await token();
    await enrolment.enrol(await request(secret), '10.0.0.9');
    nowMs += 60_000;
    const second = enrolment.enrol(await request(secret), '10.0.0.10');
    const time = new Date(nowMs - 60_000).toISOString();
    await expect(second).rejects.toMatchObject({ code: 'TB1313', parameters: { time, address: '10.0.0.9' } });
  });

  it('takes a token for its site and roles only, and a refusal does not use it up', async () => {
    const secret = await token();
    const refused = async (changes: Partial<EnrolmentRequest>, code: string) =>
      expect(enrolment.enrol(await request(secret, changes), 'a')).rejects.toMatchObject({ code });
    const key = generateKeyPair();
    await refused({ token: Buffer.alloc(32) }, 'TB1312');
    await refused({ token: Buffer.alloc(0) }, 'TB1312');
    await refused({ site: '430122' }, 'TB1315');
    await refused({ certificates: [] }, 'TB1310');
    await refused({ certificates: Array(25).fill(await wish('node')) }, 'TB1310');
    await refused({ certificates: [await wish('hub')] }, 'TB1316');
    await refused({ certificates: [await wish('node', 'a')] }, 'TB1316');
    await refused({ certificates: [await wish('constructor')] }, 'TB1316');
    await refused({ certificates: [await wish('node'), await wish('node')] }, 'TB1316');
    await refused({ certificates: [await wish('gate', '', key), await wish('node', '', key)] }, 'TB1310');
    await refused({ certificates: [{ ...(await wish('node')), csr: Buffer.from('junk') }] }, 'TB1310');
    await refused({ certificates: [await wish('node', '', key, ['*.example'])] }, 'TB1309');
    await refused({ keys: { ...siteKeys, mirror: Buffer.alloc(31) } }, 'TB1327');
    await refused({ keys: noKeys }, 'TB1327');
    expect(registered).toEqual([]);
    await expect(enrolment.enrol(await request(secret), 'a')).resolves.toBeDefined();
  });

  it('ends with the life of the token', async () => {
    const secret = await token();
    nowMs += hourMs;
    await expect(enrolment.enrol(await request(secret), 'a')).rejects.toMatchObject({ code: 'TB1314' });
  });

  it('binds a person to the name in the token', async () => {
    const secret = await token({ grants: ['officer/li-wei'] });
    const stranger = { certificates: [await wish('officer', 'wang-fang')], keys: noKeys };
    await expect(enrolment.enrol(await request(secret, stranger), 'a')).rejects.toMatchObject({
      code: 'TB1316',
    });
    const officer = { certificates: [await wish('officer', 'li-wei')], keys: noKeys };
    await expect(enrolment.enrol(await request(secret, officer), 'a')).resolves.toBeDefined();
  });

  it('stores the hash of a token and never the token', async () => {
    const secret = await token();
    const stored = JSON.stringify([...tokens.rows]);
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(stored).not.toContain(secret.toString(form));
  });

  it('makes no token that lives longer than a day, has no role, or names what does not exist', async () => {
    const wrong = [
      { lifeMs: 24 * hourMs + 1 },
      { lifeMs: 0 },
      { lifeMs: Number.NaN },
      { grants: [] },
      { grants: ['node', 'node'] },
      { grants: ['root'] },
      { grants: ['officer'] },
      { grants: ['node/a'] },
      { grants: ['officer/a/b'] },
      { grants: ['node/'] },
      { site: '43012' },
    ];
    for (const changes of wrong) {
      await expect(enrolment.createToken(order(changes))).rejects.toMatchObject({ code: 'TB1317' });
    }
    expect(tokens.rows.size).toBe(0);
  });
});
