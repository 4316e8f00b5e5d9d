import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../base/errors.ts';
import { pem } from '../../base/pem.ts';
import { type FileSystem, nodeFiles } from '../../seal/file-system.ts';
import { identityFiles, readPem } from './identity-folder.ts';
import { replaceFile } from './replace-file.ts';

/** What a site knows of one trust domain, as it lies in an identity folder. DER throughout. */
export interface StoredTrust {
  readonly roots: readonly Uint8Array[];
  /** Issuing authorities below the roots, of which there may be two during a roll-over. */
  readonly issuers: readonly Uint8Array[];
  readonly lists: readonly Uint8Array[];
  /** Fingerprint of a revoked certificate → when this site learned it, ms since 1970. */
  readonly revoked: ReadonlyMap<string, number>;
}

const issuersFile = identityFiles.issuers;
const revokedFile = 'revoked';

/**
 * The part of an identity folder that changes by learning. Each file is replaced whole and durably; they only
 * ever grow newer, so a crash between two of them leaves a folder that knows a little less.
 */
export class TrustFolder {
  readonly #folder: string;
  readonly #files: FileSystem;

  constructor(folder: string, files: FileSystem = nodeFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /** Throws TB1003 for a missing or damaged file. */
  read(): StoredTrust {
    const issuers = join(this.#folder, issuersFile);
    const own = readPem(join(this.#folder, identityFiles.chain), 'CERTIFICATE').slice(1);
    return {
      roots: readPem(join(this.#folder, identityFiles.root), 'CERTIFICATE'),
      issuers: existsSync(issuers) ? readPem(issuers, 'CERTIFICATE') : own,
      lists: readPem(join(this.#folder, identityFiles.lists), 'X509 CRL'),
      revoked: this.#readRevoked(),
    };
  }

  /** Authorities go first: a list without its authority is refused when it is read. */
  writeAuthorities(roots: readonly Uint8Array[], issuers: readonly Uint8Array[]): void {
    this.#replace(issuersFile, Buffer.concat(issuers.map((der) => pem('CERTIFICATE', der))));
    this.#replace(identityFiles.root, Buffer.concat(roots.map((der) => pem('CERTIFICATE', der))));
  }

  writeLists(lists: readonly Uint8Array[]): void {
    this.#replace(identityFiles.lists, Buffer.concat(lists.map((der) => pem('X509 CRL', der))));
  }

  writeRevoked(revoked: ReadonlyMap<string, number>): void {
    const lines = [...revoked].map(([fingerprint, learnedMs]) => `${fingerprint} ${learnedMs}\n`);
    this.#replace(revokedFile, Buffer.from(lines.join(''), 'latin1'));
  }

  #readRevoked(): Map<string, number> {
    const path = join(this.#folder, revokedFile);
    const revoked = new Map<string, number>();
    if (!existsSync(path)) return revoked;
    for (const line of readFileSync(path, 'latin1').split('\n')) {
      if (line === '') continue;
      const match = /^([0-9a-f]{64}) ([0-9]{1,15})$/.exec(line);
      // A line that can't be read would let somebody in who is revoked.
      if (match === null) throw fault('TB1003', { path });
      revoked.set(match[1] ?? '', Number(match[2]));
    }
    return revoked;
  }

  #replace(name: string, bytes: Uint8Array): void {
    replaceFile(join(this.#folder, name), bytes, this.#files);
  }
}
