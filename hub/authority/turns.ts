/**
 * One at a time, in order: signing waits, and two that sign at once would have one list number, or renew what
 * the other has just revoked.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    // Whoever asked is told of a failure; the next one only waits.
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
