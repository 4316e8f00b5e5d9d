import type { Fault } from '../core/base/errors.ts';
import type { Logger } from '../core/base/logger.ts';
import type { Trouble } from '../core/site/open-site.ts';

/**
 * Origins that can't be served now: a damaged file costs its own county, a full disk its records, and the
 * others go on. Each is said once in the program log, and in the status for as long as it lasts.
 */
export class Troubles {
  readonly #logger: Logger;
  readonly #of = new Map<string, Trouble>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `part` tells the ledger's troubles from those of the records. */
  set(part: 'ledger' | 'records', origin: string, fault: Fault): void {
    const id = `${part} ${origin}`;
    const known = this.#of.get(id)?.fault.code === fault.code;
    this.#of.set(id, { origin, fault });
    if (!known) this.#logger.error('an origin can not be served', { part, site: origin, error: fault });
  }

  clear(part: 'ledger' | 'records', origin: string): void {
    if (this.#of.delete(`${part} ${origin}`))
      this.#logger.info('an origin is served again', { part, site: origin });
  }

  list(): readonly Trouble[] {
    return [...this.#of.values()];
  }
}
