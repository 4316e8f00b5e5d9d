import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../../certs/certificate-request.ts';
import { generateKeyPair, publicKeyOf } from '../../../../certs/key-pair.ts';
import { describeCertificate, issueLeaf } from '../../../../certs/leaf.ts';
import { type Fault, fault } from '../../../../core/base/errors.ts';
import { silentLogger } from '../../../../core/base/logger.ts';
import { seededRandom, systemRandom } from '../../../../core/base/random.ts';
import { type FileSystem, nodeFiles } from '../../../../core/seal/file-system.ts';
import { KeyRing } from '../../../../core/seal/key-ring.ts';
import { CertificateAgent, type Renewable } from '../../../../core/site/trust/certificate-agent.ts';
import {
  readOwnFolder,
  readOwnRing,
  storeInFolder,
  storeInRing,
} from '../../../../core/site/trust/own-identity.ts';
import type { OwnIdentity, Trust } from '../../../../core/site/trust/trust.ts';
import { openTrust } from '../../../support/door-setting.ts';
import { Pki } from '../../../support/pki.ts';
import { SimulatedClock } from '../../../support/simulated-clock.ts';
import { TemporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The site's clock, whose wall time somebody sets; the authority's goes on as it did. */
class SetClock extends SimulatedClock {
  offMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.offMs;
  }

  get trueMs(): number {
    return super.nowMs();
  }
}

let clock: SetClock;
let pki: Pki;
let folder: TemporaryFolder;
let trust: Trust;
let own: OwnIdentity;
let asked: number[];
let problem: Fault | undefined;
let recorded: string[];
let agent: CertificateAgent;
let renewable: Renewable;

beforeEach(async () => {
  clock = new SetClock();
  pki = await Pki.create('hunan.example', clock);
  await pki.publish([], clock.nowMs(), 366 * dayMs);
  folder = TemporaryFolder.inMemory();
  own = await issued();
  const material = pki.material(own.chain[0] ?? new Uint8Array(), own.privateKey);
  trust = await openTrust(folder.path, pki, { material, fingerprint: '', serial: '' }, clock);
  [asked, recorded, problem] = [[], [], undefined];
  renewable = {
    name: 'data',
    trust,
    own: () => own,
    ask: (csr) => issue(csr),
    install: (renewed) => {
      own = renewed;
      trust.replaceOwn(renewed.chain, renewed.privateKey);
    },
  };
  agent = agentOf();
});
afterEach(() => {
  agent.stop();
  folder.remove();
});

function agentOf(record: (name: string) => void = (name) => recorded.push(name)): CertificateAgent {
  return new CertificateAgent({
    clock,
    random: seededRandom(7),
    logger: silentLogger,
    renewables: () => [renewable],
    record,
  });
}

/** A certificate of the site with its key, as of now. */
async function issued(): Promise<OwnIdentity> {
  const { privateKey, publicKey } = generateKeyPair();
  return { chain: (await sign(publicKey)).chain, privateKey };
}

async function issue(csr: Uint8Array, site = '430121', by = pki) {
  asked.push(clock.elapsedMs);
  if (problem) throw problem;
  return sign(await checkRequest(csr), site, by);
}

/** The authority, by its own clock. */
async function sign(publicKey: Uint8Array, site = '430121', by = pki) {
  const identity = { trustDomain: by.trustDomain, site, role: 'node', name: '' } as const;
  const issuance = { clock: { nowMs: () => clock.trueMs }, random: systemRandom };
  const leaf = { identity, hosts: [], publicKey, lifeDays: 7 };
  const { certificate } = await issueLeaf(by.issuing, leaf, issuance);
  return {
    chain: [certificate, by.issuing.certificate],
    roots: [by.root.certificate],
    issuers: [by.issuing.certificate],
    crls: by.lists.map(({ der }) => der),
  };
}

/** Signing goes through threads: simulated time stands still until the agent sleeps again. */
async function pass(ms: number, stepMs = hourMs): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    await clock.advance(Math.min(stepMs, left));
    await until('the agent to sleep', () => clock.waiting > 0, 10);
  }
}

/** How much of its life the certificate in use has left, by the true time. */
function leftMs(): number {
  return describeCertificate(own.chain[0] ?? new Uint8Array()).notAfterMs - clock.trueMs;
}

function fits({ chain: [leaf], privateKey }: OwnIdentity): boolean {
  const spki = new X509Certificate(leaf ?? '').publicKey.export({ type: 'spki', format: 'der' });
  return spki.equals(publicKeyOf(privateKey));
}

describe('the agent of certificates', () => {
  it('renews once, at two thirds of the life and up to a twentieth later, with a new key', async () => {
    const before = own;
    void agent.run();
    await pass(4.66 * dayMs);
    expect(asked).toEqual([]);
    await pass(0.4 * dayMs);
    expect(asked).toHaveLength(1);
    expect(own.privateKey).not.toEqual(before.privateKey);
    expect(fits(own)).toBe(true);
    expect(recorded).toEqual(['data']);
    await pass(4 * dayMs);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a day forward', dayMs],
    ['a day back', -dayMs],
  ])('renews once and lets nothing lapse when the clock jumps %s just before', async (_name, jumpMs) => {
    void agent.run();
    await pass(4.5 * dayMs);
    clock.offMs = jumpMs;
    await pass(1.5 * dayMs);
    expect(asked).toHaveLength(1);
    expect(leftMs()).toBeGreaterThan(5 * dayMs);
    // Set right again, it goes on as if nothing had been.
    clock.offMs = 0;
    await pass(5 * dayMs);
    expect(asked).toHaveLength(2);
    expect(agent.troubles()).toEqual([]);
  });

  it('tries again with a growing wait, raises the alarm at a tenth, and stops at the end', async () => {
    problem = fault('TB1342', { reason: 'ECONNREFUSED' });
    void agent.run();
    await pass(6 * dayMs);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(120);
    expect(agent.troubles()).toEqual([]);
    await pass(0.5 * dayMs);
    expect(agent.troubles()).toMatchObject([
      { code: 'TB1393', parameters: { which: 'data', reason: 'TB1342' } },
    ]);
    await pass(0.6 * dayMs);
    const tried = asked.length;
    expect(agent.troubles()).toMatchObject([{ code: 'TB1394', parameters: { which: 'data' } }]);
    problem = undefined;
    await pass(dayMs);
    expect(asked).toHaveLength(tried);
  });

  it('goes on by itself when the way is there again', async () => {
    problem = fault('TB1342', { reason: 'ECONNREFUSED' });
    void agent.run();
    await pass(5.5 * dayMs);
    problem = undefined;
    await pass(0.2 * dayMs);
    expect(leftMs()).toBeGreaterThan(6 * dayMs);
    expect(agent.troubles()).toEqual([]);
  });

  it('installs no answer that is not what was asked for', async () => {
    const before = own;
    const stranger = await Pki.create('hunan.example', clock);
    await stranger.publish([], clock.nowMs());
    const wrong: Renewable['ask'][] = [
      (csr) => issue(csr, '430122'),
      (csr) => issue(csr, '430121', stranger),
      async () => {
        const { createRequest } = await import('../../../../certs/certificate-request.ts');
        return issue(await createRequest(generateKeyPair(), 'another key'));
      },
    ];
    for (const ask of wrong) {
      await expect(agent.renew({ ...renewable, ask })).rejects.toMatchObject({
        code: expect.stringMatching(/TB1325|TB1390/),
      });
      expect(own).toBe(before);
    }
    expect(trust.roots).toHaveLength(1);
  });

  it('installs nothing that could not be written down', async () => {
    const before = own;
    const strict = agentOf(() => {
      throw fault('TB1219', { path: 'audit' });
    });
    await expect(strict.renew(renewable)).rejects.toMatchObject({ code: 'TB1219' });
    expect(own).toBe(before);
  });
});

/** A disk that fails at the n-th call and every one after it, as a process that is killed there. */
function failingAt(n: number): { files: FileSystem; calls: () => number } {
  let calls = 0;
  const guard =
    <Args extends unknown[], Result>(call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      calls += 1;
      if (calls >= n) throw Object.assign(new Error('killed'), { code: 'EIO' });
      return call(...args);
    };
  const { openSync, writeSync, fsyncSync, renameSync } = nodeFiles;
  const files = {
    ...nodeFiles,
    openSync: guard(openSync as never),
    writeSync: guard(writeSync as never),
    fsyncSync: guard(fsyncSync),
    renameSync: guard(renameSync),
  } as FileSystem;
  return { files, calls: () => calls };
}

describe('a crash in the middle of putting a renewed certificate in place', () => {
  it('leaves a usable pair at every step, of a key on the disk', async () => {
    const renewed = await issued();
    const whole = failingAt(Number.POSITIVE_INFINITY);
    storeInFolder(folder.path, renewed, whole.files);
    const found = new Set<string>();
    for (let n = 1; n <= whole.calls(); n += 1) {
      storeInFolder(folder.path, own);
      expect(() => storeInFolder(folder.path, renewed, failingAt(n).files)).toThrow();
      const read = readOwnFolder(folder.path);
      expect(fits(read)).toBe(true);
      expect(readOwnFolder(folder.path)).toEqual(read);
      found.add(read.chain[0]?.toString() === renewed.chain[0]?.toString() ? 'new' : 'old');
    }
    expect(found).toEqual(new Set(['old', 'new']));
    storeInFolder(folder.path, renewed);
    expect(readOwnFolder(folder.path).chain[0]).toEqual(renewed.chain[0]);
  });

  it('leaves a usable pair at every step, of a key in the ring, and the ring does not grow', async () => {
    let ring = KeyRing.empty().withKey('tls', own.privateKey, 1);
    const keys = {
      ring: () => ring,
      replace: (change: (before: KeyRing) => KeyRing) => {
        ring = change(ring);
      },
    };
    for (let n = 1; n <= 12; n += 1) {
      const renewed = await issued();
      try {
        storeInRing(folder.path, 'tls', renewed, keys, n, failingAt(n).files);
      } catch (error) {
        expect(error).toMatchObject({ code: 'TB1397' });
      }
      expect(fits(readOwnRing(folder.path, ring, 'tls'))).toBe(true);
      expect(ring.list().length).toBeLessThanOrEqual(2);
    }
    const last = await issued();
    storeInRing(folder.path, 'tls', last, keys, 99);
    expect(readOwnRing(folder.path, ring, 'tls').chain[0]).toEqual(last.chain[0]);
  });

  it('with the key of another backup is named, and nothing is served with it', async () => {
    const ring = KeyRing.empty().withKey('tls', generateKeyPair().privateKey, 1);
    expect(() => readOwnRing(folder.path, ring, 'tls')).toThrow(expect.objectContaining({ code: 'TB1398' }));
  });
});
