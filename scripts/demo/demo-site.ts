import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { examinePeer } from '../../certs/peer-policy.ts';
import { assert } from '../../core/base/assert.ts';
import type { Clock } from '../../core/base/clock.ts';
import { type Config, readConfig } from '../../core/base/config.ts';
import { fault } from '../../core/base/errors.ts';
import { readShareFile } from '../../core/seal/share-file.ts';
import { printShareText } from '../../core/seal/share-text.ts';
import { readIdentity } from '../../core/site/trust/identity-folder.ts';
import { SiteClient } from '../../core/wire/site-client.ts';

const program = fileURLToPath(new URL('../../bin/tongbu', import.meta.url));

export interface SiteLocation {
  readonly code: string;
  readonly name: string;
  readonly tier: 'county' | 'province' | 'national';
  readonly dataDir: string;
  /** Share files of its officers. */
  readonly shares: string;
  /** age identities of its officers, by name: on media of their own in real life. */
  readonly identities: ReadonlyMap<string, string>;
  /** Where the process writes its program log. */
  readonly logFile: string;
}

/** One site of the demonstration: a real process with its own data folder, and the people who serve it. */
export class DemoSite {
  readonly location: SiteLocation;
  readonly #clock: Clock;
  #child: ChildProcess | undefined;
  #client: SiteClient | undefined;
  #port = 0;

  constructor(location: SiteLocation, clock: Clock) {
    this.location = location;
    this.#clock = clock;
  }

  get code(): string {
    return this.location.code;
  }

  get config(): Config {
    return readConfig(`${this.location.dataDir}/tongbu.yaml`, {});
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process and waits until it listens: sealed, unless `more` options of `serve` open it. */
  async start(
    environment: Readonly<Record<string, string>> = {},
    more: readonly string[] = [],
    input?: string,
  ): Promise<void> {
    const { tier, dataDir, logFile } = this.location;
    const group = tier === 'county' ? 'node' : 'hub';
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(
      process.execPath,
      [program, group, 'serve', '--data', dataDir, '--test-ids', '--json', ...more],
      {
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', log],
        env: { ...process.env, TONGBU_LANG: 'en', ...environment },
      },
    );
    this.#child = child;
    assert(child.stdout, 'standard output is a pipe');
    child.stdin?.end(input);
    const lines = createInterface({ input: child.stdout });
    const ready = once(lines, 'line') as Promise<[string]>;
    const exited = once(child, 'exit').then(() => undefined);
    const first = await Promise.race([ready, exited]);
    if (!first) throw fault('TB1801', { site: this.code, path: logFile });
    this.#port = (JSON.parse(first[0]) as { port: number }).port;
  }

  /**
   * The 2-of-3 ceremony: each officer opens the own share file and enters the share with the own certificate.
   */
  async unseal(officers: readonly string[]): Promise<void> {
    const { dataDir, shares, identities } = this.location;
    for (const officer of officers) {
      const file = readFileSync(`${shares}/${officer}.share.age`);
      const share = await readShareFile(file, { identities: [identities.get(officer) ?? ''] });
      const client = await this.#connect(`${dataDir}/people/officer-${officer}`);
      const { site, epoch, manifestHash } = share;
      const request = { share: printShareText(share), ceremonyId: '', site, epoch, manifestHash };
      await client.unary('seal', 'Seal', 'enterShare', request);
      client.close();
    }
    this.#client?.close();
    this.#client = undefined;
  }

  /** The operator's connection. */
  async client(): Promise<SiteClient> {
    this.#client ??= await this.#connect(`${this.location.dataDir}/people/operator-demo`);
    return this.#client;
  }

  /** A connection of one of its officers; the caller closes it. */
  officer(name: string): Promise<SiteClient> {
    return this.#connect(`${this.location.dataDir}/people/officer-${name}`);
  }

  /** A connection of any person or system that has its folder here; the caller closes it. */
  person(role: string, name: string): Promise<SiteClient> {
    return this.#connect(`${this.location.dataDir}/people/${role}-${name}`);
  }

  /** Ends the process without a word, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const grace = new AbortController();
    // A site that does not stop when asked is ended; its data survive that.
    void this.#clock.sleep(10_000, grace.signal).then(() => {
      if (!grace.signal.aborted) child.kill('SIGKILL');
    });
    await exited;
    grace.abort();
  }

  async #connect(identity: string): Promise<SiteClient> {
    const { site, trustDomain } = this.config;
    const material = await readIdentity(identity);
    const examine = (der: Uint8Array) =>
      examinePeer(der, { trustDomain, nowMs: this.#clock.nowMs(), revoked: new Set<string>() });
    const destination = { site, roles: ['gate', 'node', 'hub'], host: '127.0.0.1', port: this.#port };
    return new SiteClient(material, destination, examine, this.#clock);
  }
}
