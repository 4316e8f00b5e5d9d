import { assert } from '../base/assert.ts';
import { fault } from '../base/errors.ts';
import type { SealCore } from './seal-core.ts';
import { sealError } from './seal-error.ts';
import { manifestHash } from './share-set.ts';

/**
 * What a holder found alone and off line, against a manifest. The site takes the officer's word for it: the
 * share itself is not shown, which is what a drill is for.
 */
export class Drill {
  readonly #core: SealCore;

  constructor(core: SealCore) {
    this.#core = core;
  }

  /** Throws MANIFEST_MISMATCH when the officer holds another manifest: two sets were dealt (T17). */
  record(officer: string, hash: string, result: string): void {
    const { store } = this.#core;
    this.#core.settle();
    this.#core.checkStanding(officer);
    assert(/^(ok|failed|TB\d{4})$/.test(result), 'a drill ends with ok, failed or a code');
    const { state } = store;
    if (state?.active === undefined) throw this.#core.noCeremony();
    const { set, manifest } = state.active;
    store.refusing(officer, '-', () => {
      if (!set.holders.some((holder) => holder.officer === officer)) {
        throw fault(sealError.officerNotHolder, { officer, set: set.setId });
      }
      const found = /^[0-9a-f]{64}$/.test(hash) ? hash : '?';
      const shown = { found, manifest: manifestHash(manifest) };
      if (shown.found !== shown.manifest) throw fault(sealError.manifestMismatch, shown);
    });
    store.record('-', 'drill', officer, result);
    if (result !== 'ok' || !state.unproved.includes(officer)) return;
    store.replace({ ...state, unproved: state.unproved.filter((holder) => holder !== officer) });
    store.tidyShareFiles();
  }
}
