import type { Database, Statement } from '../../core/store/database.ts';

/** What the injected failure looks like: the machine, not the program. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
}

/**
 * Fails one durable step of whatever uses the database: a statement that writes, or a commit.
 * 'before': nothing of it happened. 'after': it happened, and the caller hears of a failure all the same.
 */
export class FaultPlan {
  readonly failAt: number;
  readonly when: 'before' | 'after';
  readonly #error: () => Error;
  #steps = 0;
  #fired = false;

  constructor(failAt: number, when: 'before' | 'after', error: () => Error = () => new InjectedError()) {
    this.failAt = failAt;
    this.when = when;
    this.#error = error;
  }

  get fired(): boolean {
    return this.#fired;
  }

  before(): number {
    const step = this.#steps;
    this.#steps += 1;
    this.#fail(step, 'before');
    return step;
  }

  after(step: number): void {
    this.#fail(step, 'after');
  }

  #fail(step: number, when: 'before' | 'after'): void {
    if (step !== this.failAt || when !== this.when || this.#fired) return;
    this.#fired = true;
    throw this.#error();
  }
}

/** The same open file, with the plan's failure in its way. */
export function failing(database: Database, plan: FaultPlan): Database {
  return new Proxy(database, {
    get(target, property) {
      if (property === 'transaction') return (work: () => never) => committed(target, plan, work);
      if (property === 'prepare') return (sql: string) => watched(target.prepare(sql), plan);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function committed(database: Database, plan: FaultPlan, work: () => never): unknown {
  let step = 0;
  const result = database.transaction(() => {
    const value = work();
    step = plan.before();
    return value;
  });
  plan.after(step);
  return result;
}

function watched(statement: Statement, plan: FaultPlan): Statement {
  return new Proxy(statement, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'run' || (property === 'get' && !target.readonly)) {
        return (...values: never[]) => {
          const step = plan.before();
          const result = Reflect.apply(value as () => unknown, target, values);
          plan.after(step);
          return result;
        };
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
