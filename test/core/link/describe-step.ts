import type { ReceiverEffect } from '../../../core/link/receiver-session.ts';
import type { SenderEffect } from '../../../core/link/sender-session.ts';

/** A step in a few words, for tables: `sending: beat, read 5`. */
export function describeStep([state, effects]: readonly [
  { readonly phase: string },
  readonly (SenderEffect | ReceiverEffect)[],
]): string {
  const words = effects.map(describeEffect).filter((word) => word !== '');
  return words.length === 0 ? state.phase : `${state.phase}: ${words.join(', ')}`;
}

function describeEffect(effect: SenderEffect | ReceiverEffect): string {
  switch (effect.do) {
    case 'say': {
      const { frame } = effect;
      if (frame.kind === 'refusal') return `refuse ${frame.code} at ${frame.size ?? '-'}`;
      if (frame.kind === 'batch') return `batch ${frame.first}+${frame.count}`;
      if (frame.kind === 'position' || frame.kind === 'ack') return `${frame.kind} ${frame.size}`;
      return frame.kind;
    }
    case 'read':
      return `read ${effect.from}`;
    case 'keep':
      return `keep ${effect.ack.size}`;
    case 'compare':
      return `compare ${effect.position.size}`;
    case 'store':
      return `store ${effect.batch.first}+${effect.batch.count}`;
    case 'end':
      // Our own refusal stands before it.
      return effect.reason.by === 'us' && !['ahead', 'finished'].includes(effect.reason.code)
        ? 'end'
        : `end (${effect.reason.code})`;
    default:
      return effect.do;
  }
}
