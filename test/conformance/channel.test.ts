import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/base/clock.ts';
import type { Channel } from '../../core/link/channel.ts';
import type { Frame } from '../../core/link/messages.ts';
import { helloOf } from '../../core/link/protocol.ts';
import { SiteClient } from '../../core/wire/site-client.ts';
import { SiteListener } from '../../core/wire/site-listener.ts';
import { enrollment } from '../support/log-setting.ts';
import { memoryLine } from '../support/memory-channel.ts';
import { Pki } from '../support/pki.ts';

interface Line {
  readonly dialler: Channel;
  readonly answerer: Channel;
  break(): void;
}

interface Transport {
  readonly name: string;
  connect(): Promise<Line>;
  close(): void;
}

const hello: Frame = helloOf('430121', enrollment);
const bytes = (length: number) => new Uint8Array(length).fill(7);
const frames: readonly Frame[] = [
  hello,
  { kind: 'position', size: 2 ** 40, root: bytes(32) },
  { kind: 'batch', first: 0, count: 3, compression: 'none', entries: bytes(90), checkpoint: bytes(200) },
  {
    kind: 'batch',
    first: 2 ** 50,
    count: 10_000,
    compression: 'zstd',
    entries: bytes(3_000_000),
    checkpoint: bytes(1),
  },
  { kind: 'ack', size: 3, cosignature: bytes(140) },
  { kind: 'heartbeat', timeMs: 1_800_000_000_000, size: 4, checkpoint: bytes(0), newestMs: 0 },
  { kind: 'refusal', code: 'unknown-log', size: undefined, text: 'for the other side' },
  { kind: 'refusal', code: 'gap', size: 0, text: '' },
];

function memory(): Transport {
  return {
    name: 'memory',
    connect: async () => {
      const line = memoryLine('430121', '430000');
      return { dialler: line.left, answerer: line.right, break: () => line.break() };
    },
    close: () => undefined,
  };
}

/** gRPC over mutual TLS on loopback, with the listener and the client of the product. */
async function grpc(): Promise<Transport> {
  const pki = await Pki.create();
  const hub = await pki.identity('430000', 'hub', ['localhost']);
  const node = await pki.identity('430121', 'node');
  const answered: ((channel: Channel) => void)[] = [];
  const open = new Set<() => void>();
  const handle = (channel: Channel) =>
    new Promise<void>((resolve) => {
      open.add(resolve);
      answered.shift()?.(channel);
    });
  const service = { push: { kind: 'frames', handle }, pull: { kind: 'frames', handle } } as const;
  const ports = { examine: pki.examine, authorise: () => undefined, refused: () => undefined };
  const listener = new SiteListener(
    hub.material,
    [['replication', 'Replication', service]],
    ports,
    systemClock,
  );
  const port = await listener.listen('127.0.0.1', 0);
  const clients: SiteClient[] = [];
  return {
    name: 'gRPC',
    connect: async () => {
      const destination = { host: 'localhost', port, site: '430000', roles: ['hub'] as const };
      const client = new SiteClient(node.material, destination, pki.examine, systemClock);
      clients.push(client);
      const answerer = new Promise<Channel>((resolve) => answered.push(resolve));
      const dialler = await client.dial('push');
      // The answerer exists with the first frame of the dialler.
      await dialler.send(hello);
      const other = await answerer;
      await other.receive();
      return { dialler, answerer: other, break: () => client.close() };
    },
    close: () => {
      for (const resolve of open) resolve();
      for (const client of clients) client.close();
      void listener.close();
    },
  };
}

describe.each([
  ['memory', async () => memory()],
  ['gRPC over mutual TLS', grpc],
] as const)('the channel over %s', (_name, make) => {
  let transport: Transport;
  let line: Line;

  beforeAll(async () => {
    transport = await make();
  });
  afterAll(() => transport.close());
  beforeEach(async () => {
    line = await transport.connect();
  });
  afterEach(() => {
    line.dialler.close();
    line.answerer.close();
  });

  test('knows who is at the other end', () => {
    expect([line.dialler.peer.site, line.answerer.peer.site]).toEqual(['430000', '430121']);
  });

  test('carries every frame whole and in order, both ways at once', async () => {
    const carry = async (from: Channel, to: Channel) => {
      const sent = (async () => {
        for (const frame of frames) await from.send(frame);
      })();
      const got: unknown[] = [];
      for (const _ of frames) got.push(plain(await to.receive()));
      await sent;
      expect(got).toEqual(frames.map(plain));
    };
    await Promise.all([carry(line.dialler, line.answerer), carry(line.answerer, line.dialler)]);
  });

  test('ends properly: what was said before is heard, and then that it is over', async () => {
    await line.dialler.send(hello);
    line.dialler.close();
    line.dialler.close();
    expect(plain(await line.answerer.receive())).toEqual(plain(hello));
    expect(await line.answerer.receive()).toBeUndefined();
  });

  test('tells a broken line as a fault that may be tried again', async () => {
    const waiting = line.dialler.receive();
    line.break();
    await expect(waiting).rejects.toMatchObject({ name: 'Fault', retry: true });
    await expect(line.dialler.send(hello)).rejects.toMatchObject({ name: 'Fault', retry: true });
  });
});

/** Buffers and arrays of bytes are the same here, and an absent size is none. */
function plain(frame: Frame | undefined): unknown {
  return JSON.parse(
    JSON.stringify(frame, (_key, value: unknown) =>
      value instanceof Uint8Array ? `${value.length} of ${value[0] ?? '-'}` : bufferOf(value),
    ),
  );
}

function bufferOf(value: unknown): unknown {
  const isBuffer = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
  if (!isBuffer || !('data' in value) || !Array.isArray(value.data)) return value;
  const [first]: unknown[] = value.data;
  return `${value.data.length} of ${first ?? '-'}`;
}
