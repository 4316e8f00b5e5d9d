import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { KeyRing } from '../../core/seal/key-ring.ts';
import { SiteData } from '../../core/site/site-data.ts';
import { MemoryProbe } from '../support/memory-probe.ts';

/** A process of its own: opens and closes the database of a site and prints where its keys are in memory. */
const folder = mkdtempSync(join(tmpdir(), 'tongbu-memory-'));
const probes: Record<string, MemoryProbe> = {};

function ringOfSecrets(): KeyRing {
  let ring = KeyRing.empty();
  for (const purpose of ['db', 'log', 'mirror', 'password/writer'] as const) {
    const secret = randomBytes(32);
    const next = ring.withKey(purpose, secret, 1);
    ring.wipe();
    ring = next;
    probes[purpose] = new MemoryProbe(secret);
    secret.fill(0);
  }
  const bytes = ring.toBytes();
  ring.wipe();
  const read = KeyRing.fromBytes(bytes);
  bytes.fill(0);
  if (!read) throw new Error('a damaged ring');
  return read;
}

const counts = () => Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, probe.count()]));

async function main(): Promise<object> {
  const ring = ringOfSecrets();
  const held = counts();
  const options = {
    path: join(folder, 'site.db'),
    site: '430121',
    trustDomain: 'hunan.example',
    ring,
    own: ['audit'],
    clock: systemClock,
    random: systemRandom,
  };
  const data = new SiteData(options, 'create');
  const open = counts();
  data.close();
  ring.wipe();
  return { held, open };
}

const { held, open } = (await main()) as { held: object; open: object };
for (let i = 0; i < 3; i += 1) {
  (globalThis as { gc?: () => void }).gc?.();
  await systemClock.sleep(20); // native handles are let go of between two turns
}
process.stdout.write(JSON.stringify({ held, open, closed: counts() }));
rmSync(folder, { recursive: true });
