import { copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeCertificate } from '../../../certs/leaf.ts';
import { readLeaf, type StoredIdentity, writeIdentity } from '../trust/identity-folder.ts';
import { personFolder } from './wanted-identity.ts';

export interface Person {
  readonly role: 'officer' | 'operator';
  readonly name: string;
}

/** What the officer's tool saw last of the seal: it has to survive the certificate. */
const seenFile = 'seen.json';

/** Whether the certificate of a person that lies here has ended; undefined where none lies here. */
export function hasEnded(people: string, person: Person, nowMs: number): boolean | undefined {
  const folder = personFolder(people, person);
  if (!existsSync(folder)) return undefined;
  return describeCertificate(readLeaf(folder)).notAfterMs <= nowMs;
}

/** Operators whose folder lies here, with a certificate that has ended. */
export function endedOperators(people: string, nowMs: number): Person[] {
  const names = existsSync(people) ? readdirSync(people) : [];
  return names
    .flatMap((folder) => /^operator-([a-z0-9-]{1,32})$/.exec(folder)?.[1] ?? [])
    .map((name): Person => ({ role: 'operator', name }))
    .filter((person) => hasEnded(people, person, nowMs) === true);
}

/**
 * Puts a new identity where the old one lay, which stays beside it as `….expired-2026-11-22`. Complete before
 * it has its name: a crash leaves `….new` at the worst. Gives the folder.
 */
export function replacePerson(
  people: string,
  person: Person,
  identity: StoredIdentity,
  nowMs: number,
): string {
  const folder = personFolder(people, person);
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  writeIdentity(making, identity);
  if (existsSync(folder)) {
    const seen = join(folder, seenFile);
    if (existsSync(seen)) copyFileSync(seen, join(making, seenFile));
    renameSync(folder, freeName(`${folder}.expired-${new Date(nowMs).toISOString().slice(0, 10)}`));
  }
  renameSync(making, folder);
  return folder;
}

function freeName(wanted: string): string {
  if (!existsSync(wanted)) return wanted;
  const taken = readdirSync(join(wanted, '..')).filter((name) => name.startsWith(basename(wanted)));
  return `${wanted}-${taken.length + 1}`;
}
