import { describe, expect, it } from 'vitest';
import { refusal, ringBytes, sealedSite } from './setting.ts';

describe('a share set in which every holder is needed', () => {
  it('is one whose threshold is the number of holders: all but one open nothing, all of them the ring', async () => {
    const { seal, shares, texts } = await sealedSite({ threshold: 3 });
    for (const [i, { officer }] of shares.entries()) {
      expect(refusal(() => seal.ring()).code).toBe('TB1201');
      const { opened, required } = seal.enterShare(officer, texts[i] ?? '');
      expect([opened, required]).toEqual([i === shares.length - 1, 3]);
    }
    expect(Buffer.from(seal.ring().key('db'))).toEqual(ringBytes);
    seal.close();
  });
});
