import type { Clock } from '../core/base/clock.ts';
import { Fault } from '../core/base/errors.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Channel, Peer } from '../core/link/channel.ts';
import { limits } from '../core/link/limits.ts';
import type { Hello, RefusalCode } from '../core/link/messages.ts';
import type { ReceivingLog, SendingLog } from '../core/link/ports.ts';
import { commonProtocol, helloOf } from '../core/link/protocol.ts';
import { Receiver } from '../core/link/receiver.ts';
import { Sender } from '../core/link/sender.ts';
import type { SessionEnd } from '../core/link/sender-session.ts';
import { type LogName, printLog } from '../core/log/batch.ts';
import { datasets } from '../core/records/datasets.ts';
import type { Hearings } from '../core/site/logs/hearings.ts';

export interface ReplicationPorts {
  readonly site: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hearings: Hearings;
  /** May this site send that log here? */
  admits(site: string, log: LogName): boolean;
  /** The log as it is received from a peer. */
  receiving(log: LogName): ReceivingLog;
  /** The log for a peer that may receive it; undefined otherwise. */
  sending(peer: Peer, log: LogName): SendingLog | undefined;
  /** A session ended with what is no fault: a defect, or the loss of certainty about the disk (I10). */
  failed(error: unknown): void;
}

interface Live {
  readonly stop: AbortController;
  readonly sender: Sender | undefined;
  readonly channel: Channel;
  readonly log: LogName;
}

/** The answering side of replication: who may, then the same sender and receiver as everywhere. */
export class Replication {
  readonly #ports: ReplicationPorts;
  readonly #live = new Map<string, Live>();

  constructor(ports: ReplicationPorts) {
    this.#ports = ports;
  }

  /** The dialler sends a log; we receive it. */
  async push(channel: Channel): Promise<void> {
    const hello = await this.#hear(channel);
    if (!hello) return;
    const { log } = hello;
    const { site, clock, hearings } = this.#ports;
    if (!datasets.some(({ name }) => name === log.dataset)) return refuse(channel, 'unknown-log', log);
    if (!this.#ports.admits(channel.peer.site, log)) return refuse(channel, 'identity', log);
    const receiving = this.#ports.receiving(log);
    const observer = hearings.observer(log);
    const receiver = new Receiver(channel, receiving, helloOf(site, log), hello, clock, observer);
    await this.#run(`push ${printLog(log)}`, channel, log, (signal) => receiver.run(signal));
  }

  /** The dialler receives a log; we send it. */
  async pull(channel: Channel): Promise<void> {
    const hello = await this.#hear(channel);
    if (!hello) return;
    const { log } = hello;
    const sending = this.#ports.sending(channel.peer, log);
    if (!sending) return refuse(channel, 'unknown-log', log);
    const sender = new Sender(channel, sending, helloOf(this.#ports.site, log), hello, this.#ports.clock);
    const { site, role, name } = channel.peer;
    const id = `pull ${site}/${role}/${name} ${printLog(log)}`;
    await this.#run(id, channel, log, (signal) => sender.run(signal), sender);
  }

  /** A log that others receive from us has grown. */
  grew(log: LogName): void {
    const name = ` ${printLog(log)}`;
    for (const [id, { sender }] of this.#live) if (id.endsWith(name)) sender?.grew();
  }

  /** Tells pulls that are no longer allowed that it is over, and ends them. */
  cut(isMeant: (peer: Peer, log: LogName) => boolean): void {
    for (const { channel, log, sender, stop } of this.#live.values()) {
      if (!sender || !isMeant(channel.peer, log)) continue;
      const text = 'no contract in force names this log any more';
      const frame = { kind: 'refusal', code: 'unknown-log', size: undefined, text } as const;
      void channel.send(frame).catch(() => undefined);
      stop.abort();
    }
  }

  close(): void {
    for (const { stop } of this.#live.values()) stop.abort();
  }

  /** I8: a new session for the same log and direction ends the older one. */
  async #run(
    id: string,
    channel: Channel,
    log: LogName,
    session: (signal: AbortSignal) => Promise<SessionEnd>,
    sender?: Sender,
  ): Promise<void> {
    this.#fence(id);
    const live: Live = { stop: new AbortController(), sender, channel, log };
    this.#live.set(id, live);
    const { logger } = this.#ports;
    const fields = { peer: channel.peer.site, log: printLog(log) };
    try {
      const end = await session(live.stop.signal);
      logger.warn('session ended', { ...fields, by: end.by, refusal: end.code, text: end.text });
    } catch (error) {
      // A broken line is the dialler's to mend; anything that is no fault is ours, and ends the process.
      if (!(error instanceof Fault)) return this.#ports.failed(error);
      logger.info('session broke', { ...fields, code: error.code });
    } finally {
      if (this.#live.get(id) === live) this.#live.delete(id);
    }
  }

  /**
   * Tells the older session why it ends; what it has handed over is still stored, and fenced by the ledger.
   */
  #fence(id: string): void {
    const older = this.#live.get(id);
    if (!older) return;
    const text = 'a newer session for this log has begun';
    const frame = { kind: 'refusal', code: 'fenced', size: undefined, text } as const;
    void older.channel.send(frame).catch(() => undefined);
    older.stop.abort();
  }

  /** The first frame; it must be a hello of the site in the certificate, and come soon. */
  async #hear(channel: Channel): Promise<Hello | undefined> {
    const heard = new AbortController();
    void this.#ports.clock.sleep(limits.silenceMs, heard.signal).then(() => {
      if (!heard.signal.aborted) channel.close();
    });
    try {
      const frame = await channel.receive();
      if (frame?.kind !== 'hello') return void (await refuse(channel, 'protocol', undefined));
      if (frame.site !== channel.peer.site) return void (await refuse(channel, 'identity', frame.log));
      const problem = commonProtocol(helloOf(this.#ports.site, frame.log), frame);
      if (problem) return void (await refuse(channel, 'protocol', frame.log, problem));
      return frame;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === 'TB1401') await refuse(channel, 'malformed', undefined);
      return undefined;
    } finally {
      heard.abort();
    }
  }
}

async function refuse(
  channel: Channel,
  code: RefusalCode,
  log: LogName | undefined,
  problem?: string,
): Promise<void> {
  const asked = log ? `${channel.peer.site} asked for ${printLog(log)}` : 'the first frame must be a hello';
  const text = problem ?? asked;
  try {
    await channel.send({ kind: 'refusal', code, size: undefined, text });
  } finally {
    channel.close();
  }
}
