import { unreachable } from '../base/assert.ts';
import type { Batch, BatchBounds, Position } from '../log/batch.ts';
import { limits } from './limits.ts';
import type { Ack, Frame, Hello, RefusalCode } from './messages.ts';
import { commonProtocol } from './protocol.ts';
import type { Inbound } from './session-input.ts';

/** The sending end of one conversation, as a value. sender.ts performs what `stepSender` asks for. */
export interface SenderState {
  readonly phase: 'greeting' | 'positioning' | 'comparing' | 'sending' | 'ended';
  readonly self: Hello;
  readonly peer: Hello | undefined;
  /** Entries that the receiver has answered for. */
  readonly acked: number;
  /** Next entry to read; [acked, next) is under way. */
  readonly next: number;
  readonly inflight: readonly { readonly end: number; readonly bytes: number }[];
  readonly reading: boolean;
  /** The log had nothing more at the last look; a hint or the next heartbeat ends it. */
  readonly dry: boolean;
  /** The log grew after the read under way had begun: that read's 'nothing more' is out of date. */
  readonly hinted: boolean;
  /** Reads no more and ends when the receiver has answered for all that is under way. */
  readonly finishing: boolean;
  readonly openedMs: number;
  /** When the other side was last heard; 0 before its first word. */
  readonly heardMs: number;
  readonly saidMs: number;
}

export type SenderEvent =
  | { readonly kind: 'opened'; readonly atMs: number }
  | Inbound
  /** What our own log says about the receiver's position. */
  | { readonly kind: 'compared'; readonly verdict: 'same' | 'ahead' | 'fork' }
  | { readonly kind: 'read'; readonly batch: Batch | undefined }
  | { readonly kind: 'grew' }
  /** The conversation is to go on over another connection. */
  | { readonly kind: 'finish' };

export type SenderEffect =
  | { readonly do: 'say'; readonly frame: Frame }
  | { readonly do: 'beat' }
  | { readonly do: 'compare'; readonly position: Position }
  | { readonly do: 'read'; readonly from: number; readonly bounds: BatchBounds }
  /** Check and store the receipt; only then do its entries count as acknowledged. */
  | { readonly do: 'keep'; readonly ack: Ack }
  | { readonly do: 'end'; readonly reason: SessionEnd };

/** Why a conversation is over. */
export type SessionEnd =
  | { readonly by: 'us'; readonly code: RefusalCode | 'ahead' | 'finished'; readonly text: string }
  | { readonly by: 'peer'; readonly code: RefusalCode; readonly text: string };

export type SenderStep = readonly [SenderState, readonly SenderEffect[]];

export function openSender(self: Hello, peer: Hello | undefined): SenderState {
  return {
    phase: peer ? 'positioning' : 'greeting',
    self,
    peer,
    acked: 0,
    next: 0,
    inflight: [],
    reading: false,
    dry: false,
    hinted: false,
    finishing: false,
    openedMs: 0,
    heardMs: 0,
    saidMs: 0,
  };
}

export function stepSender(state: SenderState, event: SenderEvent): SenderStep {
  if (state.phase === 'ended') return [state, []];
  switch (event.kind) {
    case 'opened':
      return [
        { ...state, openedMs: event.atMs, heardMs: state.peer ? event.atMs : 0, saidMs: event.atMs },
        [{ do: 'say', frame: state.self }],
      ];
    case 'frame':
      return hear({ ...state, heardMs: event.atMs }, event.frame);
    case 'malformed':
      return refuse(state, 'malformed', event.text);
    case 'compared':
      return compared(state, event.verdict);
    case 'read':
      return send({ ...state, reading: false }, event.batch);
    case 'grew':
      return pump({ ...state, dry: false, hinted: state.reading });
    case 'finish':
      return pump({ ...state, finishing: true });
    case 'tick':
      return tick(state, event.atMs);
    default:
      return unreachable(event);
  }
}

function hear(state: SenderState, frame: Frame): SenderStep {
  switch (frame.kind) {
    case 'hello':
      if (state.phase !== 'greeting') return refuse(state, 'protocol', 'a second hello');
      return greet(state, frame);
    case 'position':
      if (state.phase !== 'positioning') return refuse(state, 'protocol', 'a position out of turn');
      return [
        { ...state, phase: 'comparing', acked: frame.size, next: frame.size },
        [{ do: 'compare', position: { size: frame.size, root: frame.root } }],
      ];
    case 'ack':
      return acknowledge(state, frame);
    case 'heartbeat':
      return [state, []];
    case 'refusal':
      return end(state, { by: 'peer', code: frame.code, text: frame.text });
    case 'batch':
      return refuse(state, 'protocol', 'a batch from a receiver');
    default:
      return unreachable(frame);
  }
}

function greet(state: SenderState, peer: Hello): SenderStep {
  const problem = commonProtocol(state.self, peer);
  if (problem) return refuse(state, 'protocol', problem);
  return [{ ...state, phase: 'positioning', peer }, []];
}

function compared(state: SenderState, verdict: 'same' | 'ahead' | 'fork'): SenderStep {
  if (state.phase !== 'comparing') return [state, []];
  switch (verdict) {
    case 'same': {
      // The first heartbeat tells at once how far behind the receiver is.
      const [next, effects] = pump({ ...state, phase: 'sending' });
      return [next, [{ do: 'beat' }, ...effects]];
    }
    case 'ahead':
      return end(state, { by: 'us', code: 'ahead', text: `the receiver holds ${state.acked} entries` });
    case 'fork':
      return refuse(state, 'fork', `another root at size ${state.acked}`);
    default:
      return unreachable(verdict);
  }
}

function acknowledge(state: SenderState, ack: Ack): SenderStep {
  if (state.phase !== 'sending') return refuse(state, 'protocol', 'an ack out of turn');
  if (ack.size <= state.acked) return [state, []];
  if (!state.inflight.some((sent) => sent.end === ack.size)) {
    return refuse(state, 'protocol', `an ack of size ${ack.size}, which no batch ended at`);
  }
  const inflight = state.inflight.filter((sent) => sent.end > ack.size);
  const [next, effects] = pump({ ...state, acked: ack.size, inflight });
  return [next, [{ do: 'keep', ack }, ...effects]];
}

function send(state: SenderState, batch: Batch | undefined): SenderStep {
  if (state.phase !== 'sending') return [state, []];
  if (!batch) return pump({ ...state, dry: !state.hinted, hinted: false });
  const end = batch.first + batch.count;
  const sent = { end, bytes: batch.entries.length };
  const inflight = [...state.inflight, sent];
  const [next, effects] = pump({ ...state, next: end, inflight, hinted: false });
  return [next, [{ do: 'say', frame: { kind: 'batch', ...batch } }, ...effects]];
}

/** Reads on while the window has room: at most one read at a time, so batches leave in order. */
function pump(state: SenderState): SenderStep {
  const { peer } = state;
  if (state.finishing) return finish(state);
  if (state.phase !== 'sending' || state.reading || state.dry || !peer) return [state, []];
  const bytes = state.inflight.reduce((sum, sent) => sum + sent.bytes, 0);
  if (state.inflight.length >= peer.windowBatches || bytes >= peer.windowBytes) return [state, []];
  const bounds = { entriesMax: peer.batchEntriesMax, bytesMax: peer.batchBytesMax };
  return [{ ...state, reading: true }, [{ do: 'read', from: state.next, bounds }]];
}

/** At a batch border: nothing is under way that would have to be sent again. */
function finish(state: SenderState): SenderStep {
  const border = state.phase !== 'sending' || (!state.reading && state.inflight.length === 0);
  return border ? end(state, { by: 'us', code: 'finished', text: 'goes on elsewhere' }) : [state, []];
}

function tick(state: SenderState, atMs: number): SenderStep {
  const silentMs = atMs - Math.max(state.openedMs, state.heardMs);
  if (silentMs > limits.silenceMs) {
    return refuse(state, 'silent', `nothing heard for ${Math.round(silentMs)} ms`);
  }
  if (state.phase === 'greeting' || atMs - state.saidMs < limits.heartbeatMs) return [state, []];
  // A hint may get lost; the log is looked at anew with every heartbeat.
  const [next, effects] = pump({ ...state, saidMs: atMs, dry: false });
  return [next, [{ do: 'beat' }, ...effects]];
}

function refuse(state: SenderState, code: RefusalCode, text: string): SenderStep {
  const frame: Frame = { kind: 'refusal', code, size: undefined, text };
  const [ended, effects] = end(state, { by: 'us', code, text });
  return [ended, [{ do: 'say', frame }, ...effects]];
}

function end(state: SenderState, reason: SessionEnd): SenderStep {
  return [{ ...state, phase: 'ended' }, [{ do: 'end', reason }]];
}
