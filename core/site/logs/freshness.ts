import { limits } from '../../link/limits.ts';
import type { Hearing } from '../open-site.ts';

/**
 * unheard: the sender never spoke since the start; silent: it spoke and stopped; behind: it has more than we
 * hold for longer than a moment; current: everything it has is here.
 */
export type Freshness = 'current' | 'behind' | 'silent' | 'unheard';

/** A batch is under way for about this long on a good line; shorter lags are no news. */
const behindMs = 2_000;

/** The one function that decides, for command line, metrics, alarms and screens. */
export function freshnessOf(hearing: Hearing | undefined): Freshness {
  if (!hearing) return 'unheard';
  if (hearing.heardAgoMs > limits.silenceMs) return 'silent';
  return hearing.lagMs > behindMs ? 'behind' : 'current';
}

const order: readonly Freshness[] = ['current', 'behind', 'silent', 'unheard'];

export function worst(states: readonly Freshness[]): Freshness {
  return states.reduce<Freshness>((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'current');
}
