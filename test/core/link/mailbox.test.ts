import { expect, test } from 'vitest';
import { Mailbox } from '../../../core/link/mailbox.ts';

test('events come out in the order in which they came in', async () => {
  const mailbox = new Mailbox<number>(4);
  const first = mailbox.next();
  for (const event of [1, 2, 3]) mailbox.post(event);
  expect([await first, await mailbox.next(), await mailbox.next()]).toEqual([1, 2, 3]);
});

test('a failure ends it, after what came before and for ever', async () => {
  const mailbox = new Mailbox<number>(4);
  mailbox.post(1);
  mailbox.fail(new Error('broken'));
  mailbox.fail(new Error('later'));
  mailbox.post(2);
  expect(await mailbox.next()).toBe(1);
  await expect(mailbox.next()).rejects.toThrow('broken');
  await expect(mailbox.next()).rejects.toThrow('broken');
});

test('a failure reaches who is waiting', async () => {
  const mailbox = new Mailbox<number>(4);
  const waiting = mailbox.next();
  mailbox.fail(new Error('broken'));
  await expect(waiting).rejects.toThrow('broken');
});

test('who fills it waits for room, until an event is taken or it failed', async () => {
  const mailbox = new Mailbox<number>(2);
  const done: string[] = [];
  mailbox.post(1);
  await mailbox.room();
  mailbox.post(2);
  const waiting = mailbox.room().then(() => done.push('room'));
  await Promise.resolve();
  expect(done).toEqual([]);
  await mailbox.next();
  await waiting;
  expect(done).toEqual(['room']);
  mailbox.post(3);
  const failed = mailbox.room();
  mailbox.fail(new Error('broken'));
  await failed;
});
