/**
 * Events of one session, handled one after another. Whoever fills it from outside waits for `room`, so it
 * holds at most that many frames, an answer for each effect under way, and the ticks that came meanwhile.
 */
export class Mailbox<Event> {
  readonly #ahead: number;
  readonly #events: Event[] = [];
  #waiting: { resolve: (event: Event) => void; reject: (error: unknown) => void } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #roomy: (() => void) | undefined;

  /** `ahead`: events that may wait before `room` makes its caller wait. */
  constructor(ahead: number) {
    this.#ahead = ahead;
  }

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
    this.#roomy?.();
  }

  /** Resolves when fewer events wait; of one caller at a time. */
  async room(): Promise<void> {
    while (this.#events.length >= this.#ahead && !this.#failure) {
      await new Promise<void>((resolve) => {
        this.#roomy = resolve;
      });
    }
  }

  next(): Promise<Event> {
    const event = this.#events.shift();
    if (this.#events.length < this.#ahead) this.#roomy?.();
    if (event !== undefined) return Promise.resolve(event);
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}
