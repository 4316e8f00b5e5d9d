import { systemClock } from '../../core/base/clock.ts';

/** Looks again and again until there is an answer; what is awaited stands in the error. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 90,
): Promise<T> {
  const endMs = systemClock.monotonicMs() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonicMs() > endMs) throw new Error(`not within ${seconds} s: ${what}`);
    await systemClock.sleep(50);
  }
}
