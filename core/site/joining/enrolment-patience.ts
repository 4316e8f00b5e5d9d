import type { Clock } from '../../base/clock.ts';
import { type Fault, fault } from '../../base/errors.ts';
import { Loop, type Round } from '../../base/loop.ts';
import type { Random } from '../../base/random.ts';
import type { EnrolmentClient } from '../../wire/enrolment-client.ts';
import type { EnrolmentRequest, EnrolmentResult, WaitingEnrolment } from '../../wire/enrolment-messages.ts';

/** What the person who enrols is told while officers decide. */
export interface WaitingForOfficers extends WaitingEnrolment {
  readonly site: string;
  /** Whose officers decide. */
  readonly hubSite: string;
}

/** How whoever enrols waits. */
export interface EnrolmentPatience {
  readonly clock: Clock;
  readonly random: Random;
  /** Gives up: the request is withdrawn. */
  readonly signal: AbortSignal;
  /** Told once, if an officer has to decide; the next question comes after it has resolved. */
  readonly waiting: (info: WaitingForOfficers) => Promise<void> | void;
  /** The hub could not be asked just now; it is asked again. */
  readonly unreachable?: (error: Fault) => void;
}

export interface EnrolmentQuestion {
  readonly hubSite: string;
  readonly request: EnrolmentRequest;
  /** Of our own keys. */
  readonly words: string;
}

/** An officer who approves is waited for no longer than this. */
const askAgainMs = 2_000;

/**
 * Asks until there is a decision. The first question fails at once when it fails; later ones are tried again
 * while only the line is at fault, for the request waits at the hub. Throws TB1373, TB1374, TB1375.
 */
export async function patiently(
  client: EnrolmentClient,
  { hubSite, request, words }: EnrolmentQuestion,
  patience: EnrolmentPatience,
): Promise<EnrolmentResult> {
  const { signal } = patience;
  let loop: Loop | undefined;
  // From the beginning: whoever interrupts the first question may have opened a request with it.
  const stop = () => loop?.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const first = await client.enrol(request);
    if (!('waiting' in first)) return first;
    const { waiting } = first;
    // A hub that shows its officers other keys than ours would have them approve somebody else.
    if (waiting.words !== words) throw fault('TB1373');
    await patience.waiting({ ...waiting, site: request.site, hubSite });
    let result: EnrolmentResult | undefined;
    loop = askingLoop(patience, async () => {
      const answer = await client.enrol(request);
      if ('waiting' in answer) return 'idle';
      result = answer;
      stop();
      return 'busy';
    });
    if (!signal.aborted) await loop.run();
    if (result) return result;
    throw await giveUp(client, request.token, waiting);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function askingLoop({ clock, random, unreachable }: EnrolmentPatience, once: () => Promise<Round>): Loop {
  return new Loop({
    name: 'enrolment',
    clock,
    random,
    intervalMs: askAgainMs,
    backoffMinMs: askAgainMs,
    backoffMaxMs: 30_000,
    once,
    failed: (error) => unreachable?.(error),
  });
}

async function giveUp(
  client: EnrolmentClient,
  token: Uint8Array,
  { requestId: id, expiresMs }: WaitingEnrolment,
): Promise<Fault> {
  const time = new Date(expiresMs).toISOString();
  return client.withdraw(token, id).then(
    () => fault('TB1374', { id, time }),
    (error: unknown) => fault('TB1375', { id, time }, error),
  );
}
