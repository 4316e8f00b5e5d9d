import { createHash } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRequest } from '../../certs/certificate-request.ts';
import { type Enrolled, Enrolment, type EnrolmentRequest } from '../../certs/enrolment.ts';
import { enrolmentDigest } from '../../certs/enrolment-digest.ts';
import { parseToken } from '../../certs/enrolment-token.ts';
import { generateKeyPair } from '../../certs/key-pair.ts';
import { keyWords } from '../../certs/key-words.ts';
import { checkSeparation } from '../../certs/role-separation.ts';
import { systemClock } from '../../core/base/clock.ts';
import { redactText } from '../../core/base/redact.ts';
import { MemoryApprovals } from '../support/memory-approvals.ts';
import { MemoryTokens } from '../support/memory-tokens.ts';
import { issuance, Pki } from '../support/pki.ts';

const hourMs = 3_600_000;
const siteKeys = { log: Buffer.alloc(32, 1), mirror: Buffer.alloc(32, 2), journal: Buffer.alloc(32, 3) };
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

async function token(grants = ['gate', 'node']): Promise<Buffer> {
  const order = { site: '430121', grants, lifeMs: hourMs, createdBy: 'operator/li' };
  const { line } = await enrolment.createToken({ ...order, hubSite: '430000', host: 'a', port: 7444 });
  return Buffer.from(parseToken(line).token);
}

/** A new site's request with keys of its own, and the words that it reads out. */
async function request(secret: Uint8Array): Promise<{ wanted: EnrolmentRequest; words: string }> {
  const made = ['gate', 'node'].map((role) => ({ role, name: '', hosts: [], keys: generateKeyPair() }));
  const certificates = await Promise.all(
    made.map(async ({ keys, ...wish }) => ({ ...wish, csr: await createRequest(keys, wish.role) })),
  );
  const content = made.map(({ keys, ...wish }) => ({ ...wish, publicKey: keys.publicKey }));
  const digest = enrolmentDigest({ site: '430121', certificates: content, keys: siteKeys });
  const wanted = { token: secret, site: '430121', certificates, keys: siteKeys };
  return { wanted, words: keyWords(digest) };
}

const answer = (wanted: EnrolmentRequest, from = '10.0.0.9') => enrolment.enrol(wanted, from);

describe('an enrolment', () => {
  test('gives nothing until an officer has approved, however often it is asked for', async () => {
    const { wanted, words } = await request(await token());
    const waiting = { requestId: expect.any(String), words, expiresMs: nowMs + hourMs };
    for (let i = 0; i < 3; i += 1) expect(await answer(wanted)).toEqual({ waiting });
    expect(approvals.opened).toHaveLength(1);
    expect(registered).toEqual([]);
    expect([...tokens.rows.values()].every(({ use }) => use === undefined)).toBe(true);
    approvals.decide('approved');
    expect(await answer(wanted)).toMatchObject({ registry: Buffer.from('registry') });
    expect(registered).toHaveLength(1);
  });

  test('tells the officer what it is about: site, roles, words of the keys, and whence', async () => {
    const { wanted, words } = await request(await token());
    await answer(wanted);
    expect(approvals.opened).toMatchObject([
      {
        token: { site: '430121', createdBy: 'operator/li' },
        words,
        grants: ['gate', 'node'],
        from: '10.0.0.9',
      },
    ]);
  });

  test('that an officer rejected stays so, with the same keys and with others', async () => {
    const secret = await token();
    const { wanted } = await request(secret);
    await answer(wanted);
    approvals.decide('rejected');
    await expect(answer(wanted)).rejects.toMatchObject({ code: 'TB1371' });
    await expect(answer((await request(secret)).wanted)).rejects.toMatchObject({ code: 'TB1371' });
    expect(registered).toEqual([]);
  });

  test('that nobody approved in time is over with its token', async () => {
    const { wanted } = await request(await token());
    await answer(wanted);
    nowMs += hourMs;
    await expect(answer(wanted)).rejects.toMatchObject({ code: 'TB1314' });
  });
});

describe('a token that two people have', () => {
  test('takes no other keys while some wait or are approved, and the hub is told', async () => {
    const secret = await token();
    const genuine = await request(secret);
    const thief = await request(secret);
    await answer(genuine.wanted);
    const refused = { code: 'TB1370', parameters: { time: new Date(nowMs + hourMs).toISOString() } };
    await expect(answer(thief.wanted, '10.6.6.6')).rejects.toMatchObject(refused);
    approvals.decide('approved');
    await expect(answer(thief.wanted, '10.6.6.6')).rejects.toMatchObject(refused);
    expect(approvals.contests).toMatchObject([
      { from: '10.6.6.6', words: thief.words },
      { from: '10.6.6.6', words: thief.words },
    ]);
    expect(await answer(genuine.wanted)).toHaveProperty('certificates');
    await expect(answer(thief.wanted)).rejects.toMatchObject({ code: 'TB1313' });
    expect(registered).toHaveLength(1);
  });

  test('gives one of two simultaneous first requests the place, and refuses the other', async () => {
    const secret = await token();
    const both = [await request(secret), await request(secret)];
    const outcomes = await Promise.allSettled(both.map(({ wanted }) => answer(wanted)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(approvals.opened).toHaveLength(1);
  });

  test('approved, is answered to one of many who ask at once: one set of certificates', async () => {
    const { wanted } = await request(await token());
    await answer(wanted);
    approvals.decide('approved');
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => answer(wanted)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TB1313' });
    expect(registered).toHaveLength(1);
  });
});

describe('giving up', () => {
  test('makes room for other keys, and the old ones are void', async () => {
    const secret = await token();
    const first = await request(secret);
    const second = await request(secret);
    const opened = await answer(first.wanted);
    const { requestId } = (opened as { waiting: { requestId: string } }).waiting;
    await expect(enrolment.withdraw(secret, 'f'.repeat(16), 'a')).rejects.toMatchObject({ code: 'TB1372' });
    await expect(enrolment.withdraw(Buffer.alloc(32), requestId, 'a')).rejects.toMatchObject({
      code: 'TB1312',
    });
    await enrolment.withdraw(secret, requestId, 'a');
    await expect(enrolment.withdraw(secret, requestId, 'a')).rejects.toMatchObject({ code: 'TB1372' });
    expect(await answer(second.wanted)).toMatchObject({ waiting: { words: second.words } });
    await expect(answer(first.wanted)).rejects.toMatchObject({ code: 'TB1370' });
  });
});

describe('the words of keys', () => {
  test('are eight, change with every key, role, name, host and site, and nothing masks them', async () => {
    const publicKey = Buffer.alloc(91, 7);
    const base = { role: 'node', name: '', hosts: ['a', 'b'], publicKey };
    const content = { site: '430121', certificates: [base], keys: siteKeys };
    const variants = [
      content,
      { ...content, site: '430122' },
      { ...content, certificates: [base, base] },
      { ...content, certificates: [{ ...base, role: 'gate' }] },
      { ...content, certificates: [{ ...base, name: 'a' }] },
      { ...content, certificates: [{ ...base, hosts: ['ab'] }] },
      { ...content, certificates: [{ ...base, publicKey: Buffer.alloc(91, 8) }] },
      ...(['log', 'mirror', 'journal'] as const).map((which) => ({
        ...content,
        keys: { ...siteKeys, [which]: Buffer.alloc(32, 9) },
      })),
    ];
    const words = variants.map((variant) => keyWords(enrolmentDigest(variant)));
    expect(new Set(words).size).toBe(variants.length);
    for (const text of words) {
      expect(text).toMatch(/^([bdfghjklmnprstvz][aiou]){2}( ([bdfghjklmnprstvz][aiou]){2}){7}$/);
      expect(redactText(text)).toBe(text);
    }
  });

  test('have 96 bits: every one of the first 96 changes them, a later one does not', () => {
    const digest = createHash('sha256').update('keys').digest();
    const flipped = (bit: number) => {
      const other = Buffer.from(digest);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      return keyWords(other);
    };
    const found = Array.from({ length: 97 }, (_none, bit) => flipped(bit));
    expect(new Set([...found.slice(0, 96), keyWords(digest)]).size).toBe(97);
    expect(found[96]).toBe(keyWords(digest));
    expect(keyWords(Buffer.alloc(32))).toBe('baba baba baba baba baba baba baba baba');
    expect(keyWords(Buffer.alloc(32, 0xff))).toBe('zuzu zuzu zuzu zuzu zuzu zuzu zuzu zuzu');
  });
});

describe('one person', () => {
  test('has one of officer, operator and auditor at a site, refused when the token is made', async () => {
    const wrong = token(['officer/zhao', 'auditor/zhao']);
    await expect(wrong).rejects.toMatchObject({
      code: 'TB1376',
      parameters: { name: 'zhao', site: '430121', role: 'officer', other: 'auditor' },
    });
    held = ['operator/li'];
    await expect(token(['auditor/li'])).rejects.toMatchObject({ code: 'TB1376' });
    expect(tokens.rows.size).toBe(0);
    await expect(token(['operator/li', 'business/li', 'auditor/wu'])).resolves.toBeDefined();
  });

  test('and again when the certificate is asked for, because tokens outlive what was true', async () => {
    const secret = await token(['auditor/li']);
    const csr = await createRequest(generateKeyPair(), 'auditor');
    const certificates = [{ role: 'auditor', name: 'li', hosts: [], csr }];
    const none = Buffer.alloc(0);
    const wanted = {
      token: secret,
      site: '430121',
      certificates,
      keys: { log: none, mirror: none, journal: none },
    };
    held = ['officer/li'];
    await expect(answer(wanted)).rejects.toMatchObject({ code: 'TB1376' });
    expect(approvals.opened).toEqual([]);
  });

  test('who holds two already, from before, may still get what has nothing to do with it', () => {
    const both = ['officer/li', 'auditor/li'];
    expect(() => checkSeparation('430121', ['business/li', 'officer/wu'], both)).not.toThrow();
    expect(() => checkSeparation('430121', ['officer/li'], both)).toThrow(/TB1376/);
  });
});
