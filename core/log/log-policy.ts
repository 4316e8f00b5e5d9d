import { isUtf8 } from 'node:buffer';
import { toHex, view } from '../base/bytes.ts';
import { Fault, fault } from '../base/errors.ts';
import { canonicalDecimal } from './canonical.ts';
import { type KeyType, parseVkey, type VerifierKey } from './keys.ts';

/*
 * C2SP tlog-policy: which logs are trusted, and whose cosignatures a checkpoint must carry.
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> <k | any | all> <member> …
 *   quorum <name | none>
 */

/** A witness, or `threshold` of some members; a name is a group member at most once. */
export type Quorum =
  | { readonly kind: 'witness'; readonly key: VerifierKey }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Quorum[] };

export interface LogPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** As the file names it, for people. */
  readonly quorumName: string;
  /** undefined: no cosignature is required. */
  readonly quorum: Quorum | undefined;
}

/** Bytes of a policy file; some 500 keys fit, the format asks for 96. */
export const policyBytesMax = 65_536;

/** Trust in one log without any witness: what a bare vkey means. */
export function policyOfLog(log: VerifierKey): LogPolicy {
  return { logs: [log], witnesses: [], quorumName: 'none', quorum: undefined };
}

/** Whether these keys, whose cosignatures have been verified, make up the quorum. */
export function quorumReached(policy: LogPolicy, cosigners: readonly VerifierKey[]): boolean {
  const keys = new Set(cosigners.map(identityOf));
  const reached = (quorum: Quorum): boolean =>
    quorum.kind === 'witness'
      ? keys.has(identityOf(quorum.key))
      : quorum.members.filter(reached).length >= quorum.threshold;
  return policy.quorum === undefined || reached(policy.quorum);
}

/** Throws TB1415 with the number of the line. */
export function parsePolicy(bytes: Uint8Array): LogPolicy {
  if (bytes.length > policyBytesMax) throw unusable(1, `the file has more than ${policyBytesMax} bytes`);
  if (!isUtf8(bytes)) throw unusable(1, 'the file is not UTF-8 text');
  const parser = new PolicyParser();
  const lines = view(bytes).toString('utf8').split('\n');
  for (const [at, line] of lines.entries()) parser.read(at + 1, line);
  return parser.finish(lines.length);
}

class PolicyParser {
  readonly #logs: VerifierKey[] = [];
  readonly #witnesses: VerifierKey[] = [];
  readonly #names = new Map<string, Quorum | undefined>([['none', undefined]]);
  /** Names that are members of a group already. */
  readonly #members = new Set<string>();
  #quorum: { readonly name: string; readonly quorum: Quorum | undefined } | undefined;

  read(line: number, text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the format allows tab and newline alone
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw unusable(line, 'it has a control character');
    // Only blanks and tabs part words; the format knows no other white space.
    const words = text.split(/[ \t]+/).filter((word) => word !== '');
    const [keyword, ...rest] = words;
    if (keyword === undefined || keyword.startsWith('#')) return;
    switch (keyword) {
      case 'log':
        return this.#log(line, rest);
      case 'witness':
        return this.#witness(line, rest);
      case 'group':
        return this.#group(line, rest);
      case 'quorum':
        return this.#setQuorum(line, rest);
      default:
        throw unusable(line, 'it begins with none of log, witness, group, quorum');
    }
  }

  finish(line: number): LogPolicy {
    if (!this.#quorum) throw unusable(line, 'the quorum line is missing');
    const { name, quorum } = this.#quorum;
    return { logs: this.#logs, witnesses: this.#witnesses, quorumName: name, quorum };
  }

  #log(line: number, [vkey, _url, ...rest]: readonly string[]): void {
    if (!vkey || rest.length > 0) throw unusable(line, 'it is not of the form log <vkey> [<url>]');
    addKey(line, this.#logs, vkey, 'ed25519');
  }

  #witness(line: number, [name, vkey, _url, ...rest]: readonly string[]): void {
    if (name === undefined || vkey === undefined || rest.length > 0) {
      throw unusable(line, 'it is not of the form witness <name> <vkey> [<url>]');
    }
    this.#define(line, name, { kind: 'witness', key: addKey(line, this.#witnesses, vkey, 'cosignature') });
  }

  #group(line: number, [name, rule, ...names]: readonly string[]): void {
    if (name === undefined || rule === undefined || names.length === 0) {
      throw unusable(line, 'it is not of the form group <name> <k|any|all> <member> …');
    }
    const members = names.map((member) => this.#member(line, member));
    const threshold = rule === 'any' ? 1 : rule === 'all' ? members.length : canonicalDecimal(rule);
    if (threshold === undefined || threshold < 1 || threshold > members.length) {
      throw unusable(line, `its threshold is not any, all or 1 to ${members.length}`);
    }
    this.#define(line, name, { kind: 'group', threshold, members });
  }

  #setQuorum(line: number, [name, ...rest]: readonly string[]): void {
    if (name === undefined || rest.length > 0) throw unusable(line, 'it is not of the form quorum <name>');
    if (this.#quorum) throw unusable(line, 'there is a quorum line already');
    if (!this.#names.has(name)) throw unusable(line, `nothing above is called ${name}`);
    this.#quorum = { name, quorum: this.#names.get(name) };
  }

  #define(line: number, name: string, quorum: Quorum): void {
    if (this.#names.has(name)) throw unusable(line, `the name ${name} is taken`);
    this.#names.set(name, quorum);
  }

  #member(line: number, name: string): Quorum {
    const quorum = this.#names.get(name);
    if (!quorum) throw unusable(line, `no witness or group above is called ${name}`);
    if (this.#members.has(name)) throw unusable(line, `${name} is a member of a group already`);
    this.#members.add(name);
    return quorum;
  }
}

/** Keys are the same when their bytes are, whatever their names: nobody may count twice. */
function addKey(line: number, keys: VerifierKey[], vkey: string, type: KeyType): VerifierKey {
  const key = parseKey(line, vkey);
  if (key.type !== type) throw unusable(line, `the key of ${key.name} has the wrong type`);
  const known = keys.some((other) => other.publicKey.equals(key.publicKey));
  if (known) throw unusable(line, 'the key is there already');
  keys.push(key);
  return key;
}

function parseKey(line: number, vkey: string): VerifierKey {
  try {
    return parseVkey(vkey);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('TB1415', { line, reason: 'its key cannot be read' }, error);
  }
}

function identityOf(key: VerifierKey): string {
  return `${key.type} ${key.name} ${toHex(key.publicKey)}`;
}

function unusable(line: number, reason: string): Fault {
  return fault('TB1415', { line, reason });
}
