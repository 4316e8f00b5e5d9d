import { beforeAll, expect, it } from 'vitest';
import { generateKeyPair } from '../../../../certs/key-pair.ts';
import { issueLeaf } from '../../../../certs/leaf.ts';
import { noticeEnd } from '../../../../core/site/commands/certificate-notice.ts';
import { createCliWorld, ManualClock } from '../../../support/cli-world.ts';
import { issuance, Pki } from '../../../support/pki.ts';

const dayMs = 86_400_000;
let certificate: Uint8Array;

beforeAll(async () => {
  const clock = new ManualClock();
  const { issuing } = await Pki.create('hunan.example', clock);
  const identity = { trustDomain: 'hunan.example', site: '430121', role: 'officer', name: 'zhao' } as const;
  const leaf = { identity, hosts: [], publicKey: generateKeyPair().publicKey, lifeDays: 7 };
  certificate = (await issueLeaf(issuing, leaf, { ...issuance, clock })).certificate;
});

it.each([
  [4.6, false],
  [4.7, true],
  [6.9, true],
  [7.1, false],
])(
  'after %d of 7 days a command says on standard error that the certificate ends: %s',
  async (days, says) => {
    const world = createCliWorld();
    await world.clock.pass(days * dayMs);
    noticeEnd(world.context, 'people/officer-zhao', certificate);
    expect(world.out()).toBe('');
    expect(world.err().includes('tongbu certs renew --identity people/officer-zhao')).toBe(says);
  },
);
