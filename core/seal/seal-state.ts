import { hash } from 'node:crypto';
import { equal, fromBase64, toBase64 } from '../base/bytes.ts';
import type { KnownSet } from './acceptance.ts';
import { type Ceremony, type CeremonyKind, ceremonyKinds } from './ceremony.ts';
import { parseManifest, type ShareSet } from './share-set.ts';

/** A share set and what only its shares open. */
export interface StoredSet {
  /** The note as it was signed; its hash binds the set. */
  readonly manifest: Buffer;
  readonly set: ShareSet;
  /** The root key under the unseal key of this set, bound to site, set id and the set's epoch. */
  readonly wrappedRoot: Buffer;
}

/** Everything that `seal.state` holds. Public, but for what the wraps protect. */
export interface SealState {
  readonly site: string;
  /** Rises with every change of root, set or ring, so that an older file can be told (T21). */
  readonly epoch: number;
  /** The ring under the root key, bound to site and `epoch`. */
  readonly wrappedRing: Buffer;
  /** None only before the holders of the first set have confirmed their shares. */
  readonly active: StoredSet | undefined;
  /** At most one: dealt, not yet confirmed by its holders. */
  readonly pending: StoredSet | undefined;
  /** The ceremony that dealt `pending`, where another set is in force; its `received` are the proofs. */
  readonly change: Ceremony | undefined;
  /** Holders of the active set who have not shown yet that they can use their share. */
  readonly unproved: readonly string[];
  /** Sets that were in force before, newest first. */
  readonly retired: readonly KnownSet[];
  readonly ceremony: Ceremony | undefined;
}

/** The first form knows no change of holders; a state without one is still written in it. */
const forms = ['tongbu/seal-state/v1', 'tongbu/seal-state/v2'] as const;

/**
 * One canonical text, a line for each field, its SHA-256 last. The sum finds damage, not forgery: that a
 * wrap was moved or altered shows when it is opened.
 */
export function printState(state: SealState): Buffer {
  const changed = state.change !== undefined || state.unproved.length > 0;
  const lines = [
    forms[changed ? 1 : 0],
    `site ${state.site}`,
    `epoch ${state.epoch}`,
    `ring ${toBase64(state.wrappedRing)}`,
    `active ${printSet(state.active)}`,
    `pending ${printSet(state.pending)}`,
    `retired ${state.retired.map(({ setId, epoch }) => `${setId}:${epoch}`).join(',') || '-'}`,
    `ceremony ${printCeremony(state.ceremony)}`,
    ...(changed
      ? [`change ${printCeremony(state.change)}`, `unproved ${state.unproved.join(',') || '-'}`]
      : []),
  ];
  const text = `${lines.join('\n')}\n`;
  return Buffer.from(`${text}sha256 ${hash('sha256', text)}\n`);
}

/** The inverse; for anything else the reason, which names the part and never its content. */
export function parseState(bytes: Uint8Array): SealState | string {
  const text = Buffer.from(bytes).toString('latin1');
  const sum = /^(.*\n)sha256 ([0-9a-f]{64})\n$/s.exec(text);
  if (sum === null || hash('sha256', sum[1] ?? '') !== sum[2]) return 'checksum';
  const lines = text.split('\n');
  const field = (line: number, name: string) =>
    lines[line]?.startsWith(`${name} `) ? lines[line].slice(name.length + 1) : undefined;
  const site = field(1, 'site');
  const epoch = field(2, 'epoch');
  const ring = base64(field(3, 'ring'));
  const form = forms.indexOf((lines[0] ?? '') as (typeof forms)[number]);
  if (form < 0) return 'format';
  if (site === undefined || !/^[0-9]{6}$/.test(site)) return 'site';
  if (epoch === undefined || !/^[1-9][0-9]{0,14}$/.test(epoch)) return 'epoch';
  if (ring === undefined) return 'ring';
  const active = parseSet(field(4, 'active'), site);
  const pending = parseSet(field(5, 'pending'), site);
  const retired = parseRetired(field(6, 'retired'));
  const ceremony = parseCeremony(field(7, 'ceremony'));
  if (active === null || pending === null || (active ?? pending) === undefined) return 'share set';
  const change = form === 0 ? undefined : parseCeremony(field(8, 'change'));
  const unproved = form === 0 ? [] : parseOfficers(field(9, 'unproved'));
  if (retired === null || ceremony === null || change === null || unproved === null) return 'ceremony';
  const sets = { active, pending, retired, unproved };
  const state = { site, epoch: Number(epoch), wrappedRing: ring, ...sets, ceremony, change };
  // a pending set will be in force from a later epoch on, unless it is the first
  if (((active ?? pending)?.set.epoch ?? 0) > state.epoch) return 'epoch';
  if (!consistent(state)) return 'change';
  return equal(printState(state), bytes) ? state : 'format';
}

/** A set waits beside another one exactly while a change of holders does, and the unproved are holders. */
function consistent({ active, pending, change, unproved }: SealState): boolean {
  const waits = active !== undefined && pending !== undefined;
  if (waits !== (change !== undefined)) return false;
  if (change !== undefined && (change.kind !== 'change-holders' || change.setId !== pending?.set.setId)) {
    return false;
  }
  const holders = active?.set.holders.map(({ officer }) => officer) ?? [];
  return unproved.every((officer) => holders.includes(officer));
}

function printSet(stored: StoredSet | undefined): string {
  return stored === undefined ? '-' : `${toBase64(stored.manifest)} ${toBase64(stored.wrappedRoot)}`;
}

/** Undefined when there is none, null when it can't be read. */
function parseSet(line: string | undefined, site: string): StoredSet | undefined | null {
  if (line === '-') return undefined;
  const [manifestText, rootText, ...rest] = line?.split(' ') ?? [];
  const manifest = base64(manifestText);
  const wrappedRoot = base64(rootText);
  if (manifest === undefined || wrappedRoot === undefined || rest.length > 0) return null;
  const set = parseManifest(manifest);
  return set?.site === site ? { manifest, set, wrappedRoot } : null;
}

function parseRetired(line: string | undefined): KnownSet[] | null {
  if (line === '-') return [];
  const sets = line?.split(',').map((part) => /^([0-9a-f]{32}):([1-9][0-9]{0,14})$/.exec(part)) ?? [null];
  return sets.some((set) => set === null)
    ? null
    : sets.map((set) => ({ setId: set?.[1] ?? '', epoch: Number(set?.[2]) }));
}

function parseOfficers(line: string | undefined): string[] | null {
  if (line === '-') return [];
  const officers = line?.split(',') ?? [''];
  return officers.every((officer) => /^[a-z0-9-]{1,32}$/.test(officer)) ? officers : null;
}

function printCeremony(ceremony: Ceremony | undefined): string {
  if (ceremony === undefined) return '-';
  const { id, kind, setId, required, openedBy, openedAtMs, expiresAtMs } = ceremony;
  const received = ceremony.received.join(',') || '-';
  const reason = toBase64(Buffer.from(ceremony.reason)) || '-';
  return [id, kind, setId, required, openedBy, openedAtMs, expiresAtMs, received, reason].join(' ');
}

function parseCeremony(line: string | undefined): Ceremony | undefined | null {
  if (line === '-') return undefined;
  const form = new RegExp(
    '^([0-9a-f]{32}) ([a-z-]+) ([0-9a-f]{32}) ([1-9][0-9]?) ([a-z0-9-]{1,32}) ' +
      '([0-9]{1,15}) ([0-9]{1,15}) (-|[a-z0-9-]{1,32}(?:,[a-z0-9-]{1,32})*) ([A-Za-z0-9+/=-]+)$',
  );
  const [id = '', kind, setId = '', required, openedBy = '', opened, expires, officers = '', reason] =
    form.exec(line ?? '')?.slice(1) ?? [];
  const reasonBytes = reason === '-' ? Buffer.alloc(0) : base64(reason);
  if (!isKind(kind) || reasonBytes === undefined) return null;
  return {
    id,
    kind,
    setId,
    required: Number(required),
    received: officers === '-' ? [] : officers.split(','),
    openedBy,
    openedAtMs: Number(opened),
    expiresAtMs: Number(expires),
    reason: reasonBytes.toString('utf8'),
  };
}

function isKind(kind: string | undefined): kind is CeremonyKind {
  return ceremonyKinds.some((known) => known === kind);
}

function base64(text: string | undefined): Buffer | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}
