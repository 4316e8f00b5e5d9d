import { unreachable } from '../base/assert.ts';
import type { Batch, Position } from '../log/batch.ts';
import { limits } from './limits.ts';
import type { Ack, Frame, Heartbeat, Hello, RefusalCode } from './messages.ts';
import { commonProtocol } from './protocol.ts';
import type { SessionEnd } from './sender-session.ts';
import type { Inbound } from './session-input.ts';

/** The receiving end of one conversation, as a value. receiver.ts performs what `stepReceiver` asks for. */
export interface ReceiverState {
  readonly phase: 'greeting' | 'opening' | 'receiving' | 'ended';
  readonly self: Hello;
  /** Answered position: verified and fsynced (I3). */
  readonly size: number;
  /** End of the last batch that was handed on to be stored. */
  readonly expected: number;
  /** Batches handed on and not yet answered, oldest first: their compressed bytes. */
  readonly storing: readonly number[];
  /** Takes no more batches and ends when those at hand are answered. */
  readonly finishing: boolean;
  readonly openedMs: number;
  /** When the other side was last heard; 0 before its first word. */
  readonly heardMs: number;
  readonly saidMs: number;
}

/** What the ledger says to a batch. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly size: number; readonly cosignature: Uint8Array }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly size: number; readonly text: string };

export type ReceiverEvent =
  | { readonly kind: 'opened'; readonly atMs: number }
  | Inbound
  | { readonly kind: 'positioned'; readonly position: Position }
  | { readonly kind: 'stored'; readonly outcome: Outcome }
  /** The conversation is to go on over another connection. */
  | { readonly kind: 'finish' };

export type ReceiverEffect =
  | { readonly do: 'say'; readonly frame: Frame }
  | { readonly do: 'beat' }
  /** Raise the log's fence and tell what is durable. */
  | { readonly do: 'open' }
  | { readonly do: 'store'; readonly batch: Batch }
  | { readonly do: 'note'; readonly heartbeat: Heartbeat }
  | { readonly do: 'end'; readonly reason: SessionEnd };

export type ReceiverStep = readonly [ReceiverState, readonly ReceiverEffect[]];

export function openReceiver(self: Hello, peer: Hello | undefined): ReceiverState {
  return {
    phase: peer ? 'opening' : 'greeting',
    self,
    size: 0,
    expected: 0,
    storing: [],
    finishing: false,
    openedMs: 0,
    heardMs: 0,
    saidMs: 0,
  };
}

export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverStep {
  if (state.phase === 'ended') return [state, []];
  switch (event.kind) {
    case 'opened': {
      const hello: ReceiverEffect = { do: 'say', frame: state.self };
      const greeted = state.phase === 'opening';
      const heardMs = greeted ? event.atMs : 0;
      const next = { ...state, openedMs: event.atMs, heardMs, saidMs: event.atMs };
      return [next, greeted ? [hello, { do: 'open' }] : [hello]];
    }
    case 'frame':
      return hear({ ...state, heardMs: event.atMs }, event.frame);
    case 'malformed':
      return refuse(state, 'malformed', event.text);
    case 'positioned':
      return [
        { ...state, phase: 'receiving', size: event.position.size, expected: event.position.size },
        [{ do: 'say', frame: { kind: 'position', ...event.position } }],
      ];
    case 'stored':
      return stored(state, event.outcome);
    case 'finish':
      return finish({ ...state, finishing: true });
    case 'tick':
      return tick(state, event.atMs);
    default:
      return unreachable(event);
  }
}

function hear(state: ReceiverState, frame: Frame): ReceiverStep {
  switch (frame.kind) {
    case 'hello': {
      if (state.phase !== 'greeting') return refuse(state, 'protocol', 'a second hello');
      const problem = commonProtocol(state.self, frame);
      if (problem) return refuse(state, 'protocol', problem);
      return [{ ...state, phase: 'opening' }, [{ do: 'open' }]];
    }
    case 'batch':
      return take(state, frame);
    case 'heartbeat':
      return [state, [{ do: 'note', heartbeat: frame }]];
    case 'refusal':
      return end(state, { by: 'peer', code: frame.code, text: frame.text });
    case 'position':
    case 'ack':
      return refuse(state, 'protocol', `a ${frame.kind} from a sender`);
    default:
      return unreachable(frame);
  }
}

/** Hands a batch on at once: several under way share one fsync. The window bounds how many. */
function take(state: ReceiverState, batch: Batch): ReceiverStep {
  if (state.phase !== 'receiving') return refuse(state, 'protocol', 'a batch before the position');
  // Its sender holds it still, and sends it again over the next connection.
  if (state.finishing) return [state, []];
  const bytes = state.storing.reduce((sum, size) => sum + size, 0);
  if (state.storing.length >= state.self.windowBatches || bytes >= state.self.windowBytes) {
    return refuse(state, 'limit', `${state.storing.length} batches of ${bytes} bytes are waiting`);
  }
  const { first, count, compression, entries, checkpoint } = batch;
  const plain: Batch = { first, count, compression, entries, checkpoint };
  const storing = [...state.storing, entries.length];
  return [{ ...state, storing, expected: first + count }, [{ do: 'store', batch: plain }]];
}

function stored(state: ReceiverState, outcome: Outcome): ReceiverStep {
  const storing = state.storing.slice(1);
  if (outcome.kind === 'refused') {
    const size = Math.max(state.size, outcome.size);
    return refuse({ ...state, storing, size }, outcome.code, outcome.text);
  }
  const next = { ...state, storing, size: Math.max(state.size, outcome.size) };
  // A group of batches is answered once, with the newest size: the cosignature covers all of it.
  if (outcome.cosignature.length === 0) return finish(next);
  const ack: Ack = { kind: 'ack', size: outcome.size, cosignature: outcome.cosignature };
  const [after, effects] = finish(next);
  return [after, [{ do: 'say', frame: ack }, ...effects]];
}

function finish(state: ReceiverState): ReceiverStep {
  if (!state.finishing || state.storing.length > 0) return [state, []];
  return end(state, { by: 'us', code: 'finished', text: 'goes on elsewhere' });
}

function tick(state: ReceiverState, atMs: number): ReceiverStep {
  const silentMs = atMs - Math.max(state.openedMs, state.heardMs);
  if (silentMs > limits.silenceMs) {
    return refuse(state, 'silent', `nothing heard for ${Math.round(silentMs)} ms`);
  }
  if (state.phase !== 'receiving' || atMs - state.saidMs < limits.heartbeatMs) return [state, []];
  return [{ ...state, saidMs: atMs }, [{ do: 'beat' }]];
}

function refuse(state: ReceiverState, code: RefusalCode, text: string): ReceiverStep {
  const known = state.phase === 'receiving' ? state.size : undefined;
  const [ended, effects] = end(state, { by: 'us', code, text });
  return [ended, [{ do: 'say', frame: { kind: 'refusal', code, size: known, text } }, ...effects]];
}

function end(state: ReceiverState, reason: SessionEnd): ReceiverStep {
  return [{ ...state, phase: 'ended' }, [{ do: 'end', reason }]];
}
