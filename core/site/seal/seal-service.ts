import type { Clock } from '../../base/clock.ts';
import { fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import { sealLimits } from '../../seal/limits.ts';
import type { OfficerView } from '../../seal/officer-view.ts';
import type { OpenableCeremony, OrderedHolder, Seal } from '../../seal/seal.ts';
import type { Handler, ServiceHandlers } from '../../wire/handlers.ts';
import { type AuditedSite, CeremonyAudit } from '../audit/ceremony-audit.ts';
import { sealMessage } from './seal-message.ts';

interface ShareMessage {
  readonly share: string;
  readonly ceremonyId: string;
  readonly site: string;
  readonly epoch: number;
  readonly manifestHash: string;
  readonly journalHead: string;
}

interface OrderMessage {
  readonly kind: string;
  readonly reason: string;
  readonly threshold: number;
  readonly holders: readonly OrderedHolder[];
}

export interface SealServiceParts {
  readonly seal: Seal;
  readonly clock: Clock;
  /** Throws while the site is not open. */
  open(): AuditedSite;
  /** The ring has been opened: the databases follow. */
  opened(): Promise<void>;
  /** Closes the open site; the ring is the seal's. */
  closed(by: string, reason: string): Promise<void>;
}

/** The one service that a sealed site answers. The certificate says who acts, and whose share it must be. */
export function sealService(parts: SealServiceParts): ServiceHandlers {
  const { seal } = parts;
  const audit = new CeremonyAudit(parts);
  const status = () => ({ status: sealMessage(seal) });
  const unary = <T>(handle: (request: T, peer: Peer) => Promise<object>): Handler => ({
    kind: 'unary',
    handle,
  });
  return {
    getSealStatus: unary(async () => status()),
    enterShare: unary(async ({ share, ...seen }: ShareMessage, peer) => {
      if (seal.enterShare(peer.name, share, viewOf(seen)).opened) await parts.opened();
      return status();
    }),
    sealSite: unary(async ({ reason }: { reason: string }, peer) => {
      const subject = parts.seal.status().site;
      return audit.around({ step: 'sealed', peer, subject, reason }, async () => {
        await parts.closed(peer.name, reason.slice(0, 500));
        seal.seal(peer.name);
        return status();
      });
    }),
    emergencySeal: unary((request: { reason: string }, peer) => emergency(parts, audit, request, peer)),
    ...ceremonies(seal, audit, status),
    getManifests: unary(async () => {
      const { active, pending } = seal.manifests();
      return { active: active ?? Buffer.alloc(0), pending: pending ?? Buffer.alloc(0), ...status() };
    }),
    readJournal: unary(async ({ from }: { from: number }) => {
      const records = seal.journalRecords(from).slice(0, sealLimits.journalPageMax);
      return { lines: records.map(({ line }) => line), ...status() };
    }),
    recordDrill: unary(async ({ manifestHash, result }: { manifestHash: string; result: string }, peer) => {
      const outcome = /^(ok|failed|TB\d{4})$/.test(result) ? result : 'failed';
      const subject = seal.status().setId ?? '';
      const act = { kind: 'drill', step: 'reported', peer, subject, detail: outcome } as const;
      await audit.around(act, () => seal.recordDrill(peer.name, manifestHash, outcome));
      return status();
    }),
  };
}

/** What several officers do one after the other; each act is audited, each answer the state after it. */
function ceremonies(seal: Seal, audit: CeremonyAudit, status: () => { status: object }): ServiceHandlers {
  const unary = <T>(handle: (request: T, peer: Peer) => Promise<object>): Handler => ({
    kind: 'unary',
    handle,
  });
  return {
    openCeremony: unary(async ({ kind, reason, threshold, holders }: OrderMessage, peer) => {
      const wanted = kindOf(kind);
      // with the recipients: who ordered that somebody's share goes to another's key stands here for ever
      const names = holders.map(({ officer, recipient }) => `${officer} ${recipient}`).join(', ');
      const detail = wanted === 'change-holders' ? `${threshold} of ${holders.length}: ${names}` : '';
      await audit.around({ step: 'opened', peer, subject: wanted, reason, detail }, () =>
        seal.openCeremony(wanted, peer.name, reason, { threshold, holders }),
      );
      return status();
    }),
    enterCeremonyShare: unary(async ({ share, ...seen }: ShareMessage, peer) => {
      const subject = `${seal.status().ceremony?.kind ?? '-'} ${idOf(seen.ceremonyId)}`;
      await audit.around({ step: 'share-entered', peer, subject }, () =>
        seal.enterCeremonyShare(peer.name, share, viewOf(seen)),
      );
      return status();
    }),
    fetchShare: unary(async (_request: object, peer) => {
      const subject = seal.status().pending?.setId ?? seal.status().setId ?? '';
      const file = await audit.around({ step: 'share-fetched', peer, subject }, () => {
        const found = seal.dealtShareFile(peer.name);
        if (found === undefined) throw fault('TB1234', { officer: peer.name, site: seal.status().site });
        return found;
      });
      return { file, ...status() };
    }),
    proveShare: unary(async ({ share, ...seen }: ShareMessage, peer) => {
      const subject = seal.status().pending?.setId ?? seal.status().setId ?? '';
      await audit.around({ step: 'share-proved', peer, subject }, () =>
        seal.proveShare(peer.name, share, viewOf(seen)),
      );
      return status();
    }),
    cancelCeremony: unary(async ({ ceremonyId, reason }: { ceremonyId: string; reason: string }, peer) => {
      await audit.around({ step: 'cancelled', peer, subject: idOf(ceremonyId), reason }, () =>
        seal.cancelCeremony(peer.name, reason, ceremonyId),
      );
      return status();
    }),
  };
}

/** Keys first, then the record, then the files and streams: none of the later steps can hold up the first. */
async function emergency(
  { seal, open, closed }: SealServiceParts,
  audit: CeremonyAudit,
  { reason }: { reason: string },
  peer: Peer,
): Promise<object> {
  let site: AuditedSite | undefined;
  try {
    site = open();
  } catch {
    // sealed, or closed for another reason: there is no log to write to
  }
  const { ended, recorded } = seal.emergencySeal(peer.name);
  if (site) {
    const act = { step: 'emergency-sealed', peer, subject: seal.status().site, reason: reason.slice(0, 400) };
    await audit.emergency(site, act, ended);
  }
  await closed(peer.name, reason.slice(0, 400));
  return { status: sealMessage(seal), ended, recorded };
}

/** What the officer's tool did not say is not compared. */
function viewOf(seen: Omit<ShareMessage, 'share'>): OfficerView {
  return {
    ceremonyId: seen.ceremonyId || undefined,
    site: seen.site || undefined,
    epoch: seen.epoch || undefined,
    manifestHash: seen.manifestHash || undefined,
    journalHead: seen.journalHead || undefined,
  };
}

function kindOf(kind: string): OpenableCeremony {
  if (kind === 'change-holders' || kind === 'rotate-root') return kind;
  throw fault('TB1230', { reason: 'kind: change-holders, rotate-root' });
}

function idOf(id: string): string {
  return /^[0-9a-f]{32}$/.test(id) ? id : '?';
}
