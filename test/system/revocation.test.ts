import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprintOf } from '../../certs/fingerprint.ts';
import { readIdentity, readLeaf } from '../../core/site/trust/identity-folder.ts';
import { faultOf } from '../../core/wire/status.ts';
import type { DemoSite } from '../../scripts/demo/demo-site.ts';
import { TestConstellation } from '../support/constellation.ts';
import { clientOf } from '../support/site-double.ts';
import { until } from '../support/until.ts';

let world: TestConstellation;
let province: DemoSite;
let county: DemoSite;

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  province = world.all.province;
  [county] = world.all.counties as [DemoSite];
}, 180_000);
afterAll(() => world?.close());

test('a person whom the province revoked is shut out at the county, and the log there says why', async () => {
  const folder = join(county.location.dataDir, 'people', 'operator-demo');
  const fingerprint = fingerprintOf(readLeaf(folder));
  const material = await readIdentity(folder);
  const live = clientOf(county, material);
  await live.unary('site', 'Site', 'getStatus', {});
  const officer = await province.officer('zhao');
  const order = { fingerprint, reason: 'key-compromise', note: 'the laptop was stolen' };
  await officer.unary('certificates', 'Certificates', 'revoke', order);
  officer.close();
  const refused = () =>
    live.unary('site', 'Site', 'getStatus', {}).then(
      () => undefined,
      (error: unknown) => faultOf(error).code,
    );
  expect(await until('the refusal', refused, 5)).toMatch(/TB1302|TB1340/);
  const log = () => readFileSync(county.location.logFile, 'utf8');
  await until('a refused handshake', async () => {
    const again = clientOf(county, material);
    await again.unary('site', 'Site', 'getStatus', {}).catch(() => undefined);
    again.close();
    return log().includes('"reason":"CERT_REVOKED"');
  });
  expect(log()).toContain('handshake refused');
  live.close();
  // Everybody else goes on.
  const sun = await county.officer('sun');
  await sun.unary('site', 'Site', 'getStatus', {});
  sun.close();
}, 120_000);
