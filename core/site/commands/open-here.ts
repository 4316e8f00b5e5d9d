import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { wipe } from '../../base/bytes.ts';
import { Fault, fault } from '../../base/errors.ts';
import type { CliContext } from '../../cli/context.ts';
import { printNote } from '../../cli/output.ts';
import { promptSecret } from '../../cli/prompt.ts';
import type { Seal } from '../../seal/seal.ts';
import { isLockedByPassphrase } from '../../seal/secret-age-file.ts';
import type { Share } from '../../seal/share.ts';
import { readShareFile } from '../../seal/share-file.ts';
import type { Act } from '../audit/audit.ts';
import {
  type BroughtShare,
  checkCount,
  enterHere,
  type OpeningHere,
  openedHere,
} from '../joining/open-here.ts';
import { checkRejoinToken, rejoin } from '../joining/rejoin.ts';
import { hasEnded, type Person, replacePerson } from '../joining/returned-person.ts';
import { personFolder } from '../joining/wanted-identity.ts';
import type { OpenSite } from '../open-site.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import { ApprovalNotes } from './approval-notes.ts';
import type { DataFolder } from './data-folder.ts';
import { readToken } from './init-options.ts';
import { recallSeal } from './officer-memory.ts';
import { keyFor } from './passphrase.ts';

export interface OpenHereOptions {
  readonly openHere?: boolean;
  /** Share files, one of each officer who is here. */
  readonly share?: readonly string[];
  /** age identity files that are tried for them. */
  readonly identity?: readonly string[];
  /** Of the hub above: the site enrols again. */
  readonly token?: string;
}

/** A wrong passphrase at a terminal may be typed again; elsewhere it ends the command. */
const tries = 3;

/** What the officers do at the terminal of `serve`, and what they get from it. */
export class OpenHere implements OpeningHere {
  readonly #context: CliContext;
  readonly #folder: DataFolder;
  readonly #options: OpenHereOptions;
  #officers: readonly string[] = [];
  #people: string[] = [];

  /** Throws TB1010 for options that go together and do not come together. */
  static of(
    context: CliContext,
    folder: DataFolder,
    options: OpenHereOptions,
    command: string,
  ): OpenHere | undefined {
    const { openHere, share, identity, token } = options;
    if (openHere === true && share === undefined) throw fault('TB1010', { option: '--share', command });
    const needless = openHere !== true && (share ?? identity ?? token) !== undefined;
    if (needless) throw fault('TB1010', { option: '--open-here', command });
    return openHere === true ? new OpenHere(context, folder, options) : undefined;
  }

  private constructor(context: CliContext, folder: DataFolder, options: OpenHereOptions) {
    this.#context = context;
    this.#folder = folder;
    this.#options = options;
  }

  get officers(): readonly string[] {
    return this.#officers;
  }

  /** Folders of persons that were made here. */
  get people(): readonly string[] {
    return this.#people;
  }

  async enter(seal: Seal, keys: RingAccess): Promise<readonly Act[]> {
    const { share: files = [], token } = this.#options;
    checkCount(seal, files.length);
    const line = token === undefined ? undefined : await readToken(this.#context, token);
    if (line !== undefined) checkRejoinToken(line, this.#folder.config);
    this.#officers = enterHere(seal, await this.#read(files));
    const opened = openedHere(this.#officers);
    if (line === undefined) return [opened];
    return [opened, ...(await this.#rejoin(line, seal, keys))];
  }

  /** A hub is its own authority: officers whose certificate has ended get the next one now. */
  async opened({ certificates }: OpenSite): Promise<void> {
    if (!certificates) return;
    const { people } = this.#folder.paths;
    const nowMs = this.#context.clock.nowMs();
    const officers = this.#officers.map((name) => {
      return { name, expired: hasEnded(people, { role: 'officer', name }, nowMs) };
    });
    for (const { name, ...identity } of await certificates.issueHere(officers)) {
      this.#people.push(replacePerson(people, { role: 'officer', name }, identity, nowMs));
      wipe(identity.privateKey);
    }
  }

  async #rejoin(line: string, seal: Seal, keys: RingAccess): Promise<readonly Act[]> {
    const { clock, random } = this.#context;
    const { paths: folder, config } = this.#folder;
    using notes = new ApprovalNotes(this.#context);
    const { acts, people } = await rejoin({
      line,
      folder,
      config,
      keys,
      officers: this.#officers,
      patience: notes.patience,
      clock,
      random,
      installing: (which, fingerprint) => seal.recordInstalling(which, fingerprint),
    });
    this.#people.push(...people);
    return acts;
  }

  /** All files are opened before the first share is entered: a forgotten passphrase starts no ceremony. */
  async #read(files: readonly string[]): Promise<readonly BroughtShare[]> {
    const brought: BroughtShare[] = [];
    const identities = await this.#identities();
    try {
      for (const file of files) {
        const share = await this.#readOne(file, identities);
        const person: Person = { role: 'officer', name: share.officer };
        const folder = personFolder(this.#folder.paths.people, person);
        const seen = existsSync(folder) ? recallSeal(folder, this.#folder.config.site) : undefined;
        brought.push({ share, seen });
      }
    } catch (error) {
      wipe(...brought.map(({ share }) => share.value));
      throw error;
    }
    return brought;
  }

  async #identities(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const file of this.#options.identity ?? []) {
      const name = basename(file);
      const question = { en: `Passphrase of ${name}`, zh: `${name} 的口令` };
      const key = await keyFor(this.#context, file, question);
      if ('identities' in key) found.push(...key.identities);
    }
    return found;
  }

  /** Throws TB1003, TB1224 and what `readShareFile` throws. */
  async #readOne(path: string, identities: readonly string[]): Promise<Share> {
    const file = read(path);
    // A share file is named after its officer; what counts is the name in it.
    const name = basename(path);
    if (!isLockedByPassphrase(file.toString('latin1'))) {
      if (identities.length === 0) throw fault('TB1224', { reason: `${name}: --identity` });
      return readShareFile(file, { identities });
    }
    const question = { en: `Passphrase of ${name}`, zh: `${name} 的口令` };
    for (let left = tries; ; left -= 1) {
      const passphrase = await promptSecret(this.#context, question);
      try {
        return await readShareFile(file, { passphrase });
      } catch (error) {
        if (left <= 1 || !this.#context.stdin.isTTY || !(error instanceof Fault)) throw error;
        const text = { en: `${name} does not open with it.`, zh: `该口令打不开 ${name}。` };
        printNote(this.#context, this.#context.text(text));
      }
    }
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}
