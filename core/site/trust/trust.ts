import { X509Certificate } from 'node:crypto';
import { keyIdOf } from '../../../certs/certificate-record.ts';
import { examinePeer } from '../../../certs/peer-policy.ts';
import {
  type RevocationList,
  readRevocationList,
  requireLists,
  requireNewer,
} from '../../../certs/revocation-list.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import { type FileSystem, nodeFiles } from '../../seal/file-system.ts';
import type { TlsMaterial } from '../../wire/tls-material.ts';
import { checkAuthorities, sameCertificates } from './check-authorities.ts';
import { RevokedSerials } from './revoked-serials.ts';
import { TrustFolder } from './trust-folder.ts';

export interface TrustOptions {
  /** Identity folder that keeps what is learned; its certificate is of the trust domain. */
  readonly folder: string;
  readonly trustDomain: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly files?: FileSystem;
}

/** A certificate of this site with its key. */
export interface OwnIdentity {
  /** DER: leaf, issuing authority. */
  readonly chain: readonly Uint8Array[];
  /** PKCS#8 DER, secret. */
  readonly privateKey: Uint8Array;
}

/** News from the authority, the registry or a renewal; DER, fingerprints as lower-case hex. */
export interface Lesson {
  readonly roots?: readonly Uint8Array[];
  readonly issuers?: readonly Uint8Array[];
  readonly lists?: readonly Uint8Array[];
  readonly revoked?: readonly string[];
  /** Fingerprints of roots that are trusted no more. */
  readonly retired?: readonly string[];
}

/**
 * A certificate lives 31 days at most, so what was revoked longer ago is refused as expired anyway; twice
 * that, because clocks jump. It also bounds the set (I7).
 */
const revokedKeptMs = 62 * 86_400_000;

/**
 * What a site trusts in one trust domain: roots, newest revocation lists, revoked certificates; and the
 * identity that it shows there. The listener, the clients and the policy of every call read it here, so what
 * is learned reaches all of them at once.
 */
export class Trust {
  readonly trustDomain: string;
  /** Fingerprints. What only a revocation list names is not here, but `examine` knows it. */
  readonly revoked: ReadonlySet<string>;
  readonly #folder: TrustFolder;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #listeners = new Set<() => void>();
  readonly #revoked: Set<string>;
  readonly #learnedMs: Map<string, number>;
  readonly #serials = new RevokedSerials();
  #roots: readonly Uint8Array[];
  #issuers: readonly Uint8Array[];
  #lists: readonly RevocationList[];
  #own: OwnIdentity;
  #learning: Promise<void> = Promise.resolve();

  private constructor(
    { folder, trustDomain, clock, files = nodeFiles }: TrustOptions,
    own: OwnIdentity,
    stored: ReturnType<TrustFolder['read']>,
    lists: readonly RevocationList[],
  ) {
    this.trustDomain = trustDomain;
    this.#clock = clock;
    this.#folder = new TrustFolder(folder, files);
    const keptMs = clock.nowMs() - revokedKeptMs;
    this.#learnedMs = new Map([...stored.revoked].filter(([, learnedMs]) => learnedMs > keptMs));
    this.#revoked = new Set(this.#learnedMs.keys());
    this.revoked = this.#revoked;
    this.#roots = stored.roots;
    this.#issuers = stored.issuers;
    this.#lists = lists;
    this.#own = own;
    this.#serials.replace(lists, this.#authorities());
  }

  /** Throws TB1003, TB1324, and TB1322 with the authority of the own chain whose list is missing. */
  static async open(options: TrustOptions, own: OwnIdentity): Promise<Trust> {
    const stored = new TrustFolder(options.folder).read();
    const authorities = [...stored.issuers, ...stored.roots];
    const lists = await Promise.all(stored.lists.map((der) => readRevocationList(der, authorities)));
    const trust = new Trust(options, own, stored, lists);
    requireLists(trust.#ownAuthorities(), lists);
    return trust;
  }

  get roots(): readonly Uint8Array[] {
    return this.#roots;
  }

  get lists(): readonly RevocationList[] {
    return this.#lists;
  }

  /** Complete, for a listener or client; a context of it is refused (TB1321) while `lapsed` has an entry. */
  get material(): TlsMaterial {
    return this.materialOf(this.#own);
  }

  materialOf({ chain, privateKey }: OwnIdentity): TlsMaterial {
    const nowMs = this.#clock.nowMs();
    const own = this.#ownLists();
    // A list of another generation that has expired shuts out its own leafs alone.
    const lists = this.#lists.filter((list) => list.nextUpdateMs > nowMs || own.includes(list));
    return { chain, privateKey, roots: this.#roots, lists };
  }

  /** The peer policy as of now; `der` is the certificate of a connection, asked again for every call. */
  readonly examine = (der: Uint8Array): Peer | { readonly refusal: string } => {
    const policy = { trustDomain: this.trustDomain, nowMs: this.#clock.nowMs(), revoked: this.#revoked };
    const peer = examinePeer(der, policy);
    if ('refusal' in peer) return peer;
    // A connection that was made before its list came: OpenSSL does not look again.
    return this.#serials.has(der, peer.fingerprint) ? { refusal: 'revoked' } : peer;
  };

  /** Lists of the own chain that have expired: nobody can be checked by them any more. */
  lapsed(): readonly Fault[] {
    const nowMs = this.#clock.nowMs();
    return this.#ownLists()
      .filter((list) => list.nextUpdateMs <= nowMs)
      .map(({ authority, nextUpdateMs }) => fault('TB1396', { authority, time: iso(nextUpdateMs) }));
  }

  /** `lapsed`, and lists that should have been replaced by now. */
  troubles(): readonly Fault[] {
    const nowMs = this.#clock.nowMs();
    const late = this.#ownLists().filter(
      ({ thisUpdateMs, nextUpdateMs }) => nextUpdateMs > nowMs && nowMs > (thisUpdateMs + nextUpdateMs) / 2,
    );
    return [
      ...this.lapsed(),
      ...late.map(({ authority, nextUpdateMs }) => fault('TB1395', { authority, time: iso(nextUpdateMs) })),
    ];
  }

  /** Another certificate of this site is shown from now on; its files are the caller's. */
  replaceOwn(chain: readonly Uint8Array[], privateKey: Uint8Array): void {
    const before = this.#own;
    this.#own = { chain, privateKey };
    try {
      this.#tell();
    } catch (error) {
      // A pair that no context takes must not stand in the way of the next lesson.
      this.#own = before;
      throw error;
    }
  }

  /** Called after every change, also of the own identity; what it throws reaches the one who changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Revoked certificates count at once, before anything is awaited or written. The rest is verified, then
   * stored, then in force; a lesson that is refused changes nothing but those. Throws TB1390, TB1324 for what
   * is not genuine, TB1323 for a list older than one that was seen, TB1397 when it can't be stored.
   */
  async learn(lesson: Lesson): Promise<void> {
    const { revoked = [] } = lesson;
    this.#revoke(revoked);
    const { roots = [], issuers = [], lists = [], retired = [] } = lesson;
    if (roots.length + issuers.length + lists.length + retired.length === 0) return;
    const before = this.#learning;
    const learned = before.then(() => this.#learnAuthority({ roots, issuers, lists, retired }));
    this.#learning = learned.catch(() => undefined);
    await learned;
  }

  /**
   * Lists from somebody who may know authorities that are not trusted here yet, or be behind: each for
   * itself, and what is not of use is left out.
   */
  async learnLists(lists: readonly Uint8Array[]): Promise<void> {
    for (const der of lists) {
      try {
        await this.learn({ lists: [der] });
      } catch (error) {
        if (!(error instanceof Fault) || !['TB1323', 'TB1324'].includes(error.code)) throw error;
      }
    }
  }

  /** The trusted root above a chain (DER, without it); undefined when there is none. */
  rootOf(chain: readonly Uint8Array[]): Uint8Array | undefined {
    const top = chain.at(-1);
    if (top === undefined) return undefined;
    const issuing = new X509Certificate(top);
    return this.#roots.find((der) => issuing.checkIssued(new X509Certificate(der)));
  }

  #revoke(fingerprints: readonly string[]): void {
    const fresh = fingerprints.filter((each) => /^[0-9a-f]{64}$/.test(each) && !this.#revoked.has(each));
    if (fresh.length === 0) return;
    const nowMs = this.#clock.nowMs();
    for (const fingerprint of fresh) {
      this.#revoked.add(fingerprint);
      this.#learnedMs.set(fingerprint, nowMs);
    }
    try {
      this.#tell();
    } finally {
      this.#folder.writeRevoked(this.#learnedMs);
    }
  }

  async #learnAuthority({
    roots,
    issuers,
    lists,
    retired,
  }: Required<Omit<Lesson, 'revoked'>>): Promise<void> {
    const known = { roots: this.#roots, issuers: this.#issuers };
    const ownRoot = this.#ownAuthorities().at(-1);
    const next = checkAuthorities(known, { roots, issuers, retired }, this.trustDomain, ownRoot);
    const authorities = [...next.issuers, ...next.roots];
    const offered = await Promise.all(lists.map((der) => readRevocationList(der, authorities)));
    const newest = new Map(this.#lists.map((list) => [list.authorityKeyId, list]));
    for (const list of offered) {
      const seen = newest.get(list.authorityKeyId);
      requireNewer(list, seen?.number ?? 0);
      if (seen === undefined || list.number > seen.number) newest.set(list.authorityKeyId, list);
    }
    const kept = [...newest.values()].filter(({ authorityKeyId }) => next.keyIds.has(authorityKeyId));
    const same = sameCertificates(next.roots, this.#roots) && sameCertificates(next.issuers, this.#issuers);
    const sameLists = kept.length === this.#lists.length && kept.every((list) => this.#lists.includes(list));
    if (same && sameLists) return;
    if (!same) this.#folder.writeAuthorities(next.roots, next.issuers);
    if (!sameLists) this.#folder.writeLists(kept.map(({ der }) => der));
    this.#roots = next.roots;
    this.#issuers = next.issuers;
    this.#lists = kept;
    this.#serials.replace(kept, this.#authorities());
    this.#tell();
  }

  /** Every listener is told, whatever another one throws: a client's trouble must not keep a door open. */
  #tell(): void {
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #authorities(): readonly Uint8Array[] {
    return [...this.#issuers, ...this.#roots];
  }

  /** The issuing authority of the own certificate, then its root. */
  #ownAuthorities(): readonly Uint8Array[] {
    const issuers = this.#own.chain.slice(1);
    const root = this.rootOf(issuers);
    return root === undefined ? issuers : [...issuers, root];
  }

  #ownLists(): readonly RevocationList[] {
    const ids = new Set(this.#ownAuthorities().map(keyIdOf));
    return this.#lists.filter(({ authorityKeyId }) => ids.has(authorityKeyId));
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
