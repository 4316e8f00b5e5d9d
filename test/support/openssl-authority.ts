import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from '../../certs/authority.ts';
import { pem } from '../../core/base/pem.ts';

/** What openssl is to make: extensions as its configuration writes them, and everything around them. */
export interface OpensslOrder {
  readonly extensions: readonly string[];
  /** As `genpkey` takes it. */
  readonly key?: readonly string[];
  readonly digest?: string;
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
}

export interface OpensslPair {
  /** DER. */
  readonly certificate: Buffer;
  /** PKCS#8 DER. */
  readonly privateKey: Buffer;
}

const config = `
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
`;
const p256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** An authority whose certificates the openssl command makes, in a folder of its own. */
export class OpensslAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tongbu-openssl-ca-'));

  constructor({ certificate, privateKey }: Authority) {
    this.#write('ca.cnf', config);
    this.#write('index.txt', '');
    this.#write('ca.pem', pem('CERTIFICATE', certificate));
    this.#write('ca.key', pem('PRIVATE KEY', privateKey));
  }

  /** `by` signs in place of this authority: another pair, or the new key itself. */
  issue(order: OpensslOrder, by: OpensslPair | 'itself' | undefined, nowMs: number): OpensslPair {
    const { extensions, key = p256, digest = 'sha256', from = -1, to = 6 } = order;
    this.#write('leaf.ext', `[leaf]\n${extensions.join('\n')}\n`);
    this.#run('genpkey', ...key, '-out', 'leaf.key');
    this.#run('req', '-new', '-key', 'leaf.key', '-subj', '/CN=made by openssl', '-out', 'leaf.csr');
    if (by !== undefined && by !== 'itself') {
      this.#write('by.pem', pem('CERTIFICATE', by.certificate));
      this.#write('by.key', pem('PRIVATE KEY', by.privateKey));
    }
    const signer =
      by === undefined
        ? ['-cert', 'ca.pem', '-keyfile', 'ca.key']
        : by === 'itself'
          ? ['-selfsign', '-keyfile', 'leaf.key']
          : ['-cert', 'by.pem', '-keyfile', 'by.key'];
    const dates = ['-startdate', dateOf(nowMs, from), '-enddate', dateOf(nowMs, to)];
    const wish = ['-in', 'leaf.csr', '-out', 'leaf.pem', '-extfile', 'leaf.ext', '-extensions', 'leaf'];
    this.#run('ca', '-batch', '-notext', '-config', 'ca.cnf', ...signer, ...dates, '-md', digest, ...wish);
    this.#run('pkcs8', '-topk8', '-nocrypt', '-in', 'leaf.key', '-outform', 'DER', '-out', 'leaf.der');
    return {
      certificate: new X509Certificate(readFileSync(join(this.#folder, 'leaf.pem'))).raw,
      privateKey: readFileSync(join(this.#folder, 'leaf.der')),
    };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.#folder, name), content, { mode: 0o600 });
  }

  #run(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: this.#folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr.slice(-500)}`);
  }
}

/** YYYYMMDDHHMMSSZ */
function dateOf(nowMs: number, days: number): string {
  return new Date(nowMs + days * 86_400_000)
    .toISOString()
    .replaceAll(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z');
}
