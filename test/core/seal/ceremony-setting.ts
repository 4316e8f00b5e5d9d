import { expect } from 'vitest';
import { newAgeIdentity } from '../../../core/seal/age-identity.ts';
import type { ChangeOrder, Seal } from '../../../core/seal/seal.ts';
import type { Share } from '../../../core/seal/share.ts';
import { readShareFile } from '../../../core/seal/share-file.ts';
import { printShareText } from '../../../core/seal/share-text.ts';
import { officers } from './setting.ts';

/** The officers of the next set: one stays, two are new; each with an own age identity. */
export const successors = ['li', 'sun', 'zhou'] as const;

const identities = new Map<string, { identity: string; recipient: string }>();
for (const officer of [...officers, ...successors]) identities.set(officer, await newAgeIdentity());

export function identityOf(officer: string): { identity: string; recipient: string } {
  return identities.get(officer) ?? expect.fail(`an identity of ${officer}`);
}

export function orderOf(threshold = 2, names: readonly string[] = successors): ChangeOrder {
  const holders = names.map((officer, i) => ({
    officer,
    certificateFingerprint: `${i + 4}`.padStart(64, 'a'),
    recipient: identityOf(officer).recipient,
  }));
  return { threshold, holders };
}

/** The first two officers unseal. */
export function open(seal: Seal, texts: readonly string[]): void {
  for (const i of [0, 1]) seal.enterShare(officers[i] ?? '', texts[i] ?? '');
}

/** The same two agree with the ceremony that is open. */
export async function agree(seal: Seal, texts: readonly string[]): Promise<void> {
  const ceremonyId = seal.status().ceremony?.id;
  for (const i of [0, 1]) await seal.enterCeremonyShare(officers[i] ?? '', texts[i] ?? '', { ceremonyId });
}

/** An open site with a dealt set that waits. */
export async function dealNext(seal: Seal, texts: readonly string[], order = orderOf()): Promise<void> {
  if (seal.status().state !== 'unsealed') open(seal, texts);
  seal.openCeremony('change-holders', 'chen', 'wang leaves', order);
  await agree(seal, texts);
}

/** What a holder of the new set has after fetching and opening the own file. */
export async function fetched(seal: Seal, officer: string): Promise<Share & { text: string }> {
  const file = seal.dealtShareFile(officer) ?? expect.fail(`a file for ${officer}`);
  const share = await readShareFile(Buffer.from(file), { identities: [identityOf(officer).identity] });
  return { ...share, text: printShareText(share) };
}

/** All new shares, and as many proofs as it takes. */
export async function proveAll(seal: Seal): Promise<(Share & { text: string })[]> {
  const shares = await Promise.all(successors.map((officer) => fetched(seal, officer)));
  for (const { officer, text } of shares.slice(0, 2)) seal.proveShare(officer, text);
  return shares;
}
