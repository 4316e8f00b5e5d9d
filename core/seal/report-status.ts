import type { Ceremony } from './ceremony.ts';
import { journalStart } from './journal-record.ts';
import type { SealCore } from './seal-core.ts';
import type { PendingStatus, SealStatus } from './seal-status.ts';
import { manifestHash } from './share-set.ts';

/** What the site says of its seal now; it changes nothing. */
export function reportStatus(core: SealCore): SealStatus {
  const { state, journal } = core.store;
  const current = state?.active ?? state?.pending;
  const collecting = core.collecting();
  const open = state?.active === undefined ? state?.ceremony : (collecting ?? provingOf(core));
  return {
    state: phaseOf(core, collecting),
    site: core.options.site,
    epoch: state?.epoch ?? 0,
    setId: current?.set.setId,
    threshold: current?.set.threshold ?? 0,
    holders: current?.set.holders.length ?? 0,
    officers: current?.set.holders.map(({ officer }) => officer) ?? [],
    manifestHash: current === undefined ? undefined : manifestHash(current.manifest),
    ceremony: open,
    received: open?.received ?? [],
    expiresAtMs: open?.expiresAtMs,
    pending: pendingOf(core, collecting),
    unproved: state?.unproved ?? [],
    lost: lostOf(core, collecting),
    journalHead: journal?.head() ?? journalStart,
  };
}

function phaseOf({ store, keys }: SealCore, collecting: Ceremony | undefined): SealStatus['state'] {
  if (store.state?.active === undefined) return 'empty';
  if (keys !== undefined) return 'unsealed';
  return collecting === undefined ? 'sealed' : 'unsealing';
}

/** A change of holders that waits, with the proofs that still count. */
function provingOf(core: SealCore): Ceremony | undefined {
  const change = core.change()?.ceremony;
  return change && { ...change, received: core.proved() };
}

function pendingOf(core: SealCore, collecting: Ceremony | undefined): PendingStatus | undefined {
  const change = core.change();
  if (change !== undefined) {
    const { ceremony, pending } = change;
    return {
      changeId: ceremony.id,
      expiresAtMs: ceremony.expiresAtMs,
      threshold: pending.set.threshold,
      officers: pending.set.holders.map(({ officer }) => officer),
      proved: core.proved(),
      setId: pending.set.setId,
      manifestHash: manifestHash(pending.manifest),
      ordered: [],
    };
  }
  if (collecting?.kind !== 'change-holders' || core.order === undefined) return undefined;
  const { threshold, holders } = core.order;
  return {
    changeId: collecting.id,
    expiresAtMs: collecting.expiresAtMs,
    threshold,
    officers: holders.map(({ officer }) => officer),
    proved: [],
    setId: undefined,
    manifestHash: undefined,
    ordered: holders,
  };
}

function lostOf(core: SealCore, collecting: Ceremony | undefined): string[] {
  const { ceremony, change } = core.store.state ?? {};
  const over = ceremony === undefined || ceremony.kind === 'init' ? core.ended : ceremony;
  const shares = collecting === undefined ? (over?.received ?? []) : [];
  const proofs = change?.received.filter((officer) => !core.proved().includes(officer)) ?? [];
  return [...new Set([...shares, ...proofs])];
}
