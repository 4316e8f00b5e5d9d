/**
 * Events of one session, handled one after another. It holds at most what the two windows allow: a frame
 * for each batch under way, one answer for each effect, one tick.
 */
export class Mailbox<Event> {
  #events: Event[] = [];
  #waiting: { resolve: (event: Event) => void; reject: (error: unknown) => void } | undefined;
  #failure: { readonly error: unknown } | undefined;

  post(event: Event): void {
    if (this.#failure) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(event);
    else this.#events.push(event);
  }

  /** Ends the session with this error, after the events that came before it. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  next(): Promise<Event> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve(event);
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
