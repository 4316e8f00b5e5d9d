import { expect, test } from 'vitest';
import { type Fault, fault } from '../../../core/base/errors.ts';
import type { Peer } from '../../../core/link/channel.ts';
import { endingOnDoubt } from '../../../core/site/ending-on-doubt.ts';

const peer: Peer = { site: '430121', trustDomain: 'a', role: 'officer', name: 'zhao', fingerprint: '' };

function handlersThat(throwing: Fault, ended: Fault[]) {
  const answer = async () => {
    throw throwing;
  };
  const handlers = { act: { kind: 'unary', handle: answer } } as const;
  return endingOnDoubt(handlers, (error) => void ended.push(error));
}

test.each([
  ['whose outcome nobody knows ends the process', 'TB1228', 1],
  ['that certainly changed nothing does not', 'TB1227', 0],
] as const)('a write to the sealed state %s; the caller hears of it', async (_what, code, count) => {
  const ended: Fault[] = [];
  const { act } = handlersThat(fault(code, { path: 'seal.state' }), ended);
  if (act?.kind !== 'unary') throw new TypeError('a unary handler');
  await expect(act.handle({} as never, peer)).rejects.toMatchObject({ code });
  expect(ended).toHaveLength(count);
});
