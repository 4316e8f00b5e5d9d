import { zstdCompressSync } from 'node:zlib';
import { Client, type ClientDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/base/clock.ts';
import type { BatchFrame, Frame } from '../../core/link/messages.ts';
import { helloOf } from '../../core/link/protocol.ts';
import type { Position } from '../../core/log/batch.ts';
import { signCheckpoint } from '../../core/log/checkpoint.ts';
import { RightEdge } from '../../core/log/right-edge.ts';
import { channelOptionsFor, clientCredentials } from '../../core/wire/client-credentials.ts';
import { encodeFrame, type FrameMessage } from '../../core/wire/codec.ts';
import { loadService } from '../../core/wire/load-proto.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import { faultOf } from '../../core/wire/status.ts';
import { checkedLogs } from '../../scripts/demo/observe.ts';
import { TestConstellation } from '../support/constellation.ts';
import { batchAfter, Conversation, Refused } from '../support/conversation.ts';
import { examineFor, portOf, SiteDouble } from '../support/site-double.ts';

const log = { origin: '430121', dataset: 'enrollment' } as const;
const entries = (count: number, text: string) =>
  Array.from({ length: count }, (_none, i) => Buffer.from(`${text} ${i}`));
const empty = RightEdge.empty();

let world: TestConstellation;
let county: SiteDouble;
let client: SiteClient;
/** What the hub holds before the wrong things are said. */
let held: { readonly edge: RightEdge; readonly first: BatchFrame; readonly last: BatchFrame };

beforeAll(async () => {
  world = await TestConstellation.start({ nation: false, counties: ['430121'] });
  county = await SiteDouble.replace(world.all.county('430121'), world.all.province);
  client = county.client();
  const [conversation, position] = await Conversation.open(client.dial('push'), log);
  expect(position).toEqual({ kind: 'position', size: 0, root: empty.root() });
  const signer = county.signer('enrollment');
  const first = batchAfter(empty, entries(10, 'first'), signer);
  const last = batchAfter(first.edge, entries(10, 'last'), signer);
  for (const { batch } of [first, last]) await conversation.say(batch);
  while ((await conversation.hear('ack')).size < 20);
  conversation.close();
  held = { edge: last.edge, first: first.batch, last: last.batch };
}, 120_000);
afterAll(async () => {
  client?.close();
  await world?.close();
});

/** The position that a new conversation is told. */
async function positionNow(): Promise<Position> {
  const [conversation, { size, root }] = await Conversation.open(client.dial('push'), log);
  conversation.close();
  return { size, root };
}

const here = (): Position => ({ size: 20, root: held.edge.root() });

function next(texts = entries(5, 'next'), signer = county.signer('enrollment')): BatchFrame {
  return batchAfter(held.edge, texts, signer).batch;
}

/** A checkpoint of that size with a root that no entries give. */
function otherRoot(size: number): Buffer {
  const signer = county.signer('enrollment');
  return signCheckpoint({ origin: signer.name, size, root: Buffer.alloc(32, 7) }, signer);
}

const wrongBatches: readonly (readonly [string, string, () => Frame])[] = [
  ['leaves a gap', 'gap', () => ({ ...next(), first: 21 })],
  ['overlaps what is held', 'overlap', () => ({ ...next(), first: 18 })],
  [
    'comes with a root that its entries do not give',
    'root',
    () => ({ ...next(), checkpoint: otherRoot(25) }),
  ],
  ['comes with a checkpoint of another size', 'root', () => ({ ...next(), checkpoint: otherRoot(26) })],
  [
    'is signed by another key',
    'signature',
    () => next(undefined, county.signer('enrollment', Buffer.alloc(32, 9))),
  ],
  [
    'carries a checkpoint of another log of the same origin',
    'signature',
    () => next(undefined, county.signer('claims')),
  ],
  ['has an entry altered', 'root', () => ({ ...next(), entries: next(entries(5, 'nexu')).entries })],
  ['has an entry left out', 'malformed', () => ({ ...next(), entries: next(entries(4, 'next')).entries })],
  ['has an entry too many', 'malformed', () => ({ ...next(), entries: next(entries(6, 'next')).entries })],
  [
    'has entries in another order',
    'root',
    () => ({ ...next(), entries: next(entries(5, 'next').reverse()).entries }),
  ],
  [
    'has an entry that runs over the end',
    'malformed',
    () => ({ ...next(), entries: Buffer.from('ffff00', 'hex') }),
  ],
  [
    'has a checkpoint that is no note',
    'malformed',
    () => ({ ...next(), checkpoint: Buffer.from('no note') }),
  ],
  ['has more entries than are taken', 'limit', () => next(entries(10_001, 'x'))],
  ['does not decompress', 'limit', () => ({ ...next(), compression: 'zstd' })],
  [
    'unfolds to a hundred times the limit',
    'limit',
    () => ({ ...next(), compression: 'zstd', entries: zstdCompressSync(Buffer.alloc(800 * 1024 * 1024)) }),
  ],
  [
    'contradicts an older checkpoint',
    'fork',
    () => batchAfter(empty, entries(10, 'other'), county.signer('enrollment')).batch,
  ],
  ['shrinks the log to another past', 'fork', () => ({ ...held.first, count: 7, checkpoint: otherRoot(7) })],
  ['contradicts the newest checkpoint', 'fork', () => ({ ...held.last, checkpoint: otherRoot(20) })],
];

describe('a batch of a genuine county', () => {
  test.each(wrongBatches)('that %s is refused as %s, and nothing moves', async (_what, code, make) => {
    const [conversation] = await Conversation.open(client.dial('push'), log);
    await conversation.say(make());
    expect(await conversation.end()).toMatchObject({ kind: 'refusal', code, size: 20 });
    expect(await positionNow()).toEqual(here());
  });

  test('that is sent twice is answered twice and stored once', async () => {
    const [conversation] = await Conversation.open(client.dial('push'), log);
    await conversation.say(held.last);
    expect(await conversation.hear('ack')).toMatchObject({ size: 20 });
    conversation.close();
    expect(await positionNow()).toEqual(here());
  });

  test('is refused in its log when it belongs to another site, and when nobody knows the dataset', async () => {
    const wrong = [
      [{ origin: '430105', dataset: 'enrollment' }, 'identity'],
      [{ origin: '430000', dataset: 'catalog' }, 'identity'],
      [{ origin: '430121', dataset: 'gossip' }, 'unknown-log'],
    ] as const;
    for (const [name, code] of wrong) {
      const refused = await Conversation.open(client.dial('push'), name, '430121').catch(
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(Refused);
      expect((refused as Refused).refusal).toMatchObject({ code });
    }
    const stranger = await Conversation.open(client.dial('push'), log, '430105').catch(
      (error: unknown) => error,
    );
    expect((stranger as Refused).refusal).toMatchObject({ code: 'identity' });
    const down = Conversation.on(client.dial('pull'));
    await down.say(helloOf('430121', { origin: '430105', dataset: 'persons' }));
    expect(await down.end()).toMatchObject({ code: 'unknown-log' });
    const logs = (await world.look(world.all.province, '430105/enrollment')) ?? 'none';
    expect(logs).toBe('none');
  });
});

describe('a frame', () => {
  const hello = helloOf('430121', log);
  const outOfTurn: readonly (readonly [string, string, readonly Frame[]])[] = [
    [
      'before any hello',
      'protocol',
      [{ kind: 'heartbeat', timeMs: 0, size: 0, checkpoint: Buffer.alloc(0), newestMs: 0 }],
    ],
    ['that greets a second time', 'protocol', [hello, hello]],
    ['of the receiver', 'protocol', [hello, { kind: 'ack', size: 20, cosignature: Buffer.alloc(8) }]],
    ['of a protocol that nobody speaks yet', 'protocol', [{ ...hello, protocolMin: 7, protocolMax: 9 }]],
    ['with a window of nothing', 'protocol', [{ ...hello, windowBatches: 0 }]],
  ];

  test.each(outOfTurn)('%s ends the conversation: %s', async (_what, code, frames) => {
    const conversation = Conversation.on(client.dial('push'));
    for (const frame of frames) await conversation.say(frame);
    expect(await conversation.end()).toMatchObject({ kind: 'refusal', code });
    expect(await positionNow()).toEqual(here());
  });

  const sound = encodeFrame({ ...hello });
  const malformed: readonly (readonly [string, readonly FrameMessage[]])[] = [
    ['that is empty', [{}]],
    ['that is empty after a hello', [sound, {}]],
    ['whose site is no code', [helloWith({ site: '43012x' })]],
    ['whose dataset is no name', [helloWith({ dataset: '../../etc' })]],
    ['with an unknown compression', [sound, batchWith({ compression: 'COMPRESSION_UNSPECIFIED' })]],
    ['with a batch of no entries', [sound, batchWith({ count: 0 })]],
    ['with an index beyond all bounds', [sound, batchWith({ first: Number.MAX_SAFE_INTEGER })]],
    ['with a checkpoint of 100 KiB', [sound, batchWith({ checkpoint: Buffer.alloc(100 * 1024) })]],
  ];

  test.each(malformed)('%s is refused as malformed', async (_what, messages) => {
    const ended = await raw(messages);
    expect(ended).toMatchObject({ frame: { refusal: { code: 'REFUSAL_CODE_MALFORMED' } } });
    expect(await positionNow()).toEqual(here());
  });

  test.each([
    ['that is no protobuf', 'INTERNAL', Buffer.from('ffffffffffffffff', 'hex')],
    ['larger than a message may be', 'RESOURCE_EXHAUSTED', Buffer.alloc(10 * 1024 * 1024)],
  ])('%s ends the call with %s, and the hub lives on', async (_what, status, bytes) => {
    expect(await raw([bytes])).toMatchObject({ code: 'TB1349', parameters: { status } });
    expect(await positionNow()).toEqual(here());
  });
});

test('a newer conversation for the same log fences the older one, whose next batch is not taken', async () => {
  const [older] = await Conversation.open(client.dial('push'), log);
  const [newer, position] = await Conversation.open(client.dial('push'), log);
  expect(position.size).toBe(20);
  const answered = older.say(next(entries(5, 'older'))).then(() => older.hear('ack'));
  await expect(answered).rejects.toBeInstanceOf(Error);
  const { batch, edge } = batchAfter(held.edge, entries(5, 'newer'), county.signer('enrollment'));
  await newer.say(batch);
  expect(await newer.hear('ack')).toMatchObject({ size: 25 });
  newer.close();
  expect(await positionNow()).toEqual({ size: 25, root: edge.root() });
});

test('after all of it the hub holds what it accepted, and verifies it', async () => {
  const checked = await checkedLogs(world.all.province, new AbortController().signal);
  expect(checked.find(({ log: name }) => name === '430121/enrollment')).toMatchObject({
    size: 25,
    whole: true,
  });
});

function helloWith(change: object): FrameMessage {
  const { frame } = encodeFrame(helloOf('430121', log));
  return { frame: { kind: 'hello', hello: { ...frame?.hello, ...change } } } as FrameMessage;
}

function batchWith(change: object): FrameMessage {
  const batch = {
    first: 20,
    count: 1,
    compression: 'COMPRESSION_NONE',
    entries: Buffer.from('000161', 'hex'),
  };
  return {
    frame: { kind: 'batch', batch: { ...batch, checkpoint: Buffer.alloc(0), ...change } },
  } as FrameMessage;
}

/** Says what no channel of ours would; answers the last word of the hub, or the fault that ended the call. */
async function raw(messages: readonly (FrameMessage | Buffer)[]): Promise<object> {
  const { province } = world.all;
  const expected = { site: province.code, roles: ['hub'] };
  const credentials = clientCredentials(county.material, expected, examineFor(province), systemClock);
  const address = `127.0.0.1:${portOf(province)}`;
  const connection = new Client(address, credentials, channelOptionsFor('127.0.0.1'));
  const { path, requestSerialize, responseDeserialize } =
    loadService('replication', 'Replication').service['Push'] ?? {};
  if (!path || !requestSerialize || !responseDeserialize) throw new TypeError('Replication has Push');
  const call: ClientDuplexStream<FrameMessage | Buffer, FrameMessage> = connection.makeBidiStreamRequest(
    path,
    (message: FrameMessage | Buffer) => (Buffer.isBuffer(message) ? message : requestSerialize(message)),
    responseDeserialize as (bytes: Buffer) => FrameMessage,
  );
  try {
    let last: object = {};
    for (const message of messages) call.write(message);
    for await (const answer of call) last = answer as object;
    return last;
  } catch (error) {
    return faultOf(error);
  } finally {
    connection.close();
  }
}
