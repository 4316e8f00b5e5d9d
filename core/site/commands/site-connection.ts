import { join } from 'node:path';
import { examinePeer } from '../../../certs/peer-policy.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault, fault } from '../../base/errors.ts';
import { type Destination, SiteClient } from '../../wire/site-client.ts';
import { isRunning, readRunFile } from '../run-file.ts';
import { identityFiles, readPem } from '../trust/identity-folder.ts';
import { readOwnFolder } from '../trust/own-identity.ts';
import { Trust } from '../trust/trust.ts';
import type { DataFolder } from './data-folder.ts';
import { reachable } from './reachable.ts';

/** Whom a call may reach: the sealed site's gate too, or only the open site, which alone may get data. */
export type Reach = 'any' | 'open';

export interface RemoteSite extends Pick<Destination, 'site' | 'host' | 'port'> {
  readonly trustDomain: string;
  /** The data folder, where the site is one of this machine. */
  readonly folder?: DataFolder;
}

/** A site of this machine, at the port that it wrote down. Throws TB1608 when it does not run. */
export function localSite(folder: DataFolder): RemoteSite {
  const { config, paths } = folder;
  const run = readRunFile(paths.run);
  if (!run) throw fault('TB1608', { path: paths.folder });
  const { site, trustDomain } = config;
  return { site, trustDomain, host: reachable(config.listen.host), port: run.port, folder };
}

/** A person's connection to a site; the caller closes it. */
export class SiteConnection implements Disposable {
  readonly site: string;
  readonly trustDomain: string;
  /** Name in the caller's own certificate. */
  readonly caller: string;
  readonly #client: SiteClient;
  readonly #folder: DataFolder | undefined;

  private constructor(remote: RemoteSite, caller: string, client: SiteClient) {
    this.site = remote.site;
    this.trustDomain = remote.trustDomain;
    this.caller = caller;
    this.#client = client;
    this.#folder = remote.folder;
  }

  /** `identity` is the folder of the caller's certificate. Throws TB1003, TB1604, TB1320, TB1321, TB1625. */
  static async open(
    remote: RemoteSite,
    identity: string,
    reach: Reach,
    clock: Clock,
  ): Promise<SiteConnection> {
    const { site, host, port, trustDomain } = remote;
    // As a renewal has left it, wherever that was interrupted.
    const trust = await Trust.open({ folder: identity, trustDomain, clock }, readOwnFolder(identity));
    await learnHere(trust, remote);
    const { material } = trust;
    const roles = reach === 'any' ? ['gate', 'node', 'hub'] : ['node', 'hub'];
    const examine = (der: Uint8Array) =>
      examinePeer(der, { trustDomain, nowMs: clock.nowMs(), revoked: new Set() });
    // The other side would only hang up; what is wrong with one's own certificate is said here.
    const own = examine(material.chain[0] ?? new Uint8Array());
    if ('refusal' in own) throw fault('TB1625', { path: identity, reason: own.refusal });
    const client = new SiteClient(material, { site, roles, host, port }, examine, clock);
    return new SiteConnection(remote, own.name, client);
  }

  async unary<Response>(
    [file, service, method]: Method,
    request: object = {},
    waitMs = 20_000,
  ): Promise<Response> {
    try {
      return await this.#client.unary<Response>(file, service, method, request, waitMs);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async *stream<Response>(
    [file, service, method]: Method,
    request: object,
    signal: AbortSignal,
  ): AsyncGenerator<Response> {
    try {
      yield* this.#client.stream<Response>(file, service, method, request, signal);
    } catch (error) {
      throw signal.aborted ? fault('TB1018', {}, error) : this.#explained(error);
    }
  }

  async *portions<Request extends object, Response>(
    [file, service, method]: Method,
    requests: AsyncIterable<Request>,
    ahead: number,
  ): AsyncGenerator<Response> {
    try {
      yield* this.#client.portions<Request, Response>(file, service, method, requests, ahead);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** A port on which nobody, or by now somebody else, listens means here that the site was killed. */
  #explained(error: unknown): unknown {
    if (!(error instanceof Fault) || !this.#folder) return error;
    const { paths } = this.#folder;
    const run = readRunFile(paths.run);
    const nobody = error.code === 'TB1342' || !run || (isStranger(error) && !isRunning(run));
    const isConnection = error.code.startsWith('TB134');
    return nobody && isConnection ? fault('TB1608', { path: paths.folder }, error) : error;
  }
}

/**
 * A person's lists live shorter than the certificate, and a person asks nobody in between: those of the site
 * on this machine are as good, since the authority has signed them.
 */
async function learnHere(trust: Trust, { folder }: RemoteSite): Promise<void> {
  if (!folder || trust.lapsed().length === 0) return;
  try {
    await trust.learnLists(readPem(join(folder.paths.gate, identityFiles.lists), 'X509 CRL'));
  } catch (error) {
    // What is missing is said when the connection is made; a medium that can't be written remembers nothing.
    if (!(error instanceof Fault)) throw error;
  }
}

/** proto file, service, method in camel case. */
export type Method = readonly [file: string, service: string, method: string];

function isStranger({ code }: Fault): boolean {
  return code === 'TB1340' || code === 'TB1345' || code === 'TB1346';
}
