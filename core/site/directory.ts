import { readFileSync, writeFileSync } from 'node:fs';
import { fromHex } from '../base/bytes.ts';
import type { Tier } from '../base/config.ts';
import { fault } from '../base/errors.ts';
import type { LogName } from '../log/batch.ts';
import { cosignatureVerifier, ed25519Verifier, type VerifierKey } from '../log/keys.ts';
import { mirrorName, originLine } from '../log/log-origin.ts';
import type { Printed } from '../records/print-value.ts';
import type { OriginKey } from './logs/origin-key.ts';

/** A site as the registry has it. */
export interface KnownSite {
  readonly site: string;
  readonly name: string;
  readonly tier: Tier;
  readonly trustDomain: string;
  /** Ed25519 public keys, 64 hex digits. */
  readonly logKey: string;
  readonly mirrorKey: string;
  /** Nothing more is taken from it or given to it; what was received of its logs is still checked. */
  readonly dismissed?: true;
}

/** Where sites are looked up; each answers for its own registry. */
export type SiteSource = (site: string) => KnownSite | undefined;

/** Who exists and which keys are whose: the trust anchor of enrolment, and the registries that follow it. */
export class Directory {
  readonly #sources: readonly SiteSource[];
  readonly #verifiers = new Map<string, VerifierKey>();

  constructor(sources: readonly SiteSource[]) {
    this.#sources = sources;
  }

  find(site: string): KnownSite | undefined {
    for (const source of this.#sources) {
      const found = source(site);
      if (found) return found;
    }
    return undefined;
  }

  /** The same, unless the site has been dismissed: who may take part now. */
  admitted(site: string): KnownSite | undefined {
    const found = this.find(site);
    return found?.dismissed ? undefined : found;
  }

  /** The key that signs a log; undefined while the registry does not have its origin. */
  verifierOf(log: LogName): VerifierKey | undefined {
    const site = this.find(log.origin);
    if (!site) return undefined;
    const name = originLine(site.trustDomain, log);
    return this.#verifier(`${name} ${site.logKey}`, () => ed25519Verifier(name, fromHex(site.logKey)));
  }

  /** The same as name and bytes, for threads that make their own key of it. */
  originKeyOf(log: LogName): OriginKey | undefined {
    const site = this.find(log.origin);
    return site && { name: originLine(site.trustDomain, log), publicKey: fromHex(site.logKey) };
  }

  /** The key of a site's receipts. Throws TB1607 for an unknown site. */
  mirrorOf(code: string): VerifierKey {
    const site = this.find(code);
    if (!site) throw fault('TB1607', { site: code });
    const name = mirrorName(site.trustDomain, code);
    return this.#verifier(`${name} ${site.mirrorKey}`, () =>
      cosignatureVerifier(name, fromHex(site.mirrorKey)),
    );
  }

  #verifier(id: string, make: () => VerifierKey): VerifierKey {
    const known = this.#verifiers.get(id) ?? make();
    this.#verifiers.set(id, known);
    return known;
  }
}

/** A `site` record of a registry as a KnownSite. */
export function knownSiteOf(fields: Readonly<Record<string, Printed>>): KnownSite {
  return {
    site: String(fields['site_code']),
    name: String(fields['site_name']),
    tier: fields['tier'] as Tier,
    trustDomain: String(fields['trust_domain']),
    logKey: String(fields['log_key']),
    mirrorKey: String(fields['mirror_key']),
    ...(fields['stas'] === '3' ? { dismissed: true } : {}),
  };
}

/** A hub as it describes itself to a new site at enrolment. */
export interface Anchor extends KnownSite {
  /** Port of its replication. */
  readonly port: number;
}

export function writeAnchor(path: string, anchor: Anchor): void {
  writeFileSync(path, `${JSON.stringify(anchor, undefined, 2)}\n`, { mode: 0o644 });
}

export function readAnchor(path: string): Anchor {
  try {
    return parseAnchor(readFileSync(path));
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}

export function parseAnchor(bytes: Uint8Array): Anchor {
  const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Anchor;
  for (const key of [value.logKey, value.mirrorKey]) {
    if (fromHex(key).length !== 32) throw fault('TB1002', { what: 'anchor' });
  }
  return value;
}
