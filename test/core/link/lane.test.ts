import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fault } from '../../../core/base/errors.ts';
import { seededRandom } from '../../../core/base/random.ts';
import { Lane, type LaneView, sessionFault } from '../../../core/link/lane.ts';
import { limits } from '../../../core/link/limits.ts';
import { helloOf } from '../../../core/link/protocol.ts';
import { Receiver } from '../../../core/link/receiver.ts';
import { LogStore } from '../../../core/log/log-store.ts';
import { ReceivingStore } from '../../../core/site/logs/receiving-store.ts';
import { SendingStore } from '../../../core/site/logs/sending-store.ts';
import type { Database } from '../../../core/store/database.ts';
import {
  append,
  enrollment,
  mirrorOf,
  numbered,
  type OwnLog,
  openFile,
  openOwn,
  signerOf,
} from '../../support/log-setting.ts';
import { type MemoryLine, memoryLine } from '../../support/memory-channel.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';

let folder: TemporaryFolder;
let own: OwnLog;
let above: Database;
let lines: MemoryLine[];
let views: LaneView[];
let dials: number[];
let hubUp: boolean;
let lane: Lane;

beforeEach(() => {
  folder = TemporaryFolder.inMemory();
  own = openOwn(folder.file('site.db'));
  above = openFile(folder.file('hub.db'));
  [lines, views, dials, hubUp] = [[], [], [], true];
  const mirror = mirrorOf('430000');
  const receiving = new ReceivingStore(new LogStore(above), mirror, own.clock);
  lane = new Lane({
    name: enrollment,
    end: {
      direction: 'push',
      log: new SendingStore(own.store, enrollment, own.log, own.clock).for(() => mirror.verifier, '430000'),
    },
    site: '430121',
    peerSite: '430000',
    clock: own.clock,
    random: seededRandom(4),
    changed: (view) => views.push(view),
    dial: async () => {
      dials.push(own.clock.elapsedMs);
      if (!hubUp) throw fault('TB1442', { site: '430000' });
      const line = memoryLine('430121', '430000');
      lines.push(line);
      answer(line, receiving);
      return line.left;
    },
  });
});
afterEach(() => {
  lane.stop();
  own.database.close();
  above.close();
  folder.remove();
});

function answer(line: MemoryLine, receiving: ReceivingStore): void {
  let fence = 0;
  const { verifier } = signerOf(enrollment);
  const log = {
    open: async () => {
      const opened = receiving.open(enrollment);
      fence = opened.fence;
      return opened.position;
    },
    store: async (batch: Parameters<typeof receiving.store>[0][number]['batch']) => {
      const [outcome] = receiving.store([{ log: enrollment, batch, fence, verifier }]);
      if (!outcome) throw new RangeError('no outcome');
      return outcome;
    },
  };
  const observer = { stored: () => undefined, heard: () => undefined };
  const receiver = new Receiver(
    line.right,
    log,
    helloOf('430000', enrollment),
    undefined,
    own.clock,
    observer,
  );
  receiver.run(new AbortController().signal).catch(() => undefined);
}

test('carries what is there, then what comes, and shows how far it is', async () => {
  append(own, numbered(0, 5));
  const running = lane.run();
  await own.clock.advance(100);
  expect(lane.view()).toMatchObject({
    state: 'live',
    position: 5,
    size: 5,
    heardAgoMs: 100,
    problem: undefined,
  });
  append(own, numbered(5, 8));
  lane.wake();
  await own.clock.advance(10);
  expect(lane.view()).toMatchObject({ position: 8, size: 8, heardAgoMs: 10 });
  lane.stop();
  await own.clock.advance(1);
  await running;
  expect(lane.view().state).toBe('stopped');
});

test('a lost hint costs one heartbeat, not the entry', async () => {
  void lane.run();
  await own.clock.advance(100);
  append(own, numbered(0, 5));
  await own.clock.advance(limits.heartbeatMs + 3_000);
  expect(lane.view().position).toBe(5);
});

test('nothing was heard while nobody answered', async () => {
  hubUp = false;
  void lane.run();
  await own.clock.advance(1_000);
  expect(lane.view()).toMatchObject({ state: 'waiting', heardAgoMs: undefined, position: 0 });
  expect(lane.view().problem?.code).toBe('TB1442');
});

describe('waiting', () => {
  test('grows while the hub is away, to half a minute at most, and new entries do not shorten it', async () => {
    hubUp = false;
    void lane.run();
    for (let i = 0; i < 300; i += 1) {
      await own.clock.advance(1_000);
      append(own, numbered(i, i + 1));
      lane.wake();
    }
    const waits = dials.slice(1).map((at, i) => at - (dials[i] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(Math.max(...waits)).toBeGreaterThan(10_000);
    expect(dials.length).toBeLessThan(50);
    hubUp = true;
    await own.clock.advance(31_000);
    expect(lane.view()).toMatchObject({ state: 'live', position: 300 });
  });

  test('begins anew when a session had worked', async () => {
    void lane.run();
    for (let i = 0; i < 20; i += 1) {
      append(own, numbered(i, i + 1));
      await own.clock.advance(3_000);
      expect(lane.view()).toMatchObject({ state: 'live', position: i + 1 });
      lines.at(-1)?.break();
      await own.clock.advance(1);
      expect(lane.view()).toMatchObject({ state: 'waiting', position: i + 1 });
      expect(lane.view().problem?.code).toBe('TB1442');
    }
  });
});

test('a line that is silently dead is given up after three heartbeats and dialled again', async () => {
  append(own, numbered(0, 5));
  void lane.run();
  await own.clock.advance(100);
  lines.at(-1)?.mute();
  await own.clock.advance(limits.silenceMs + limits.heartbeatMs + 5_000);
  expect(lines).toHaveLength(2);
  expect(lane.view().state).toBe('live');
  expect(views.some(({ state, problem }) => state === 'waiting' && problem?.code === 'TB1446')).toBe(true);
});

test('what ended a session is told by code', () => {
  const view = { position: 9, size: 4 };
  const codes = (['us', 'peer'] as const).map(
    (by) => sessionFault({ by, code: 'fork', text: 'x' }, enrollment, '430000', view).code,
  );
  expect(codes).toEqual(['TB1446', 'TB1445']);
  const ahead = sessionFault({ by: 'us', code: 'ahead', text: '' }, enrollment, '430000', view);
  expect(ahead).toMatchObject({ code: 'TB1441', retry: true, parameters: { theirs: 9, ours: 4 } });
});
