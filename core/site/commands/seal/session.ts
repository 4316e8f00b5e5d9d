import type { CliContext } from '../../../cli/context.ts';
import { checkSeenEpoch, recallSeal, rememberSeal } from '../officer-memory.ts';
import { type SealAnswer, type SealMessage, sealMethods } from '../seal-message.ts';
import { connectTarget } from '../seal-target.ts';
import type { TargetOptions } from '../seal-target-options.ts';
import type { Method, RemoteSite, SiteConnection } from '../site-connection.ts';

/** Opening may have to read a ledger's heads; far beyond what a healthy disk needs. */
const actMs = 120_000;

/** A share with what its file says; a typed one says nothing but itself. */
export interface ShownShare {
  readonly text: string;
  readonly epoch?: number;
  readonly manifestHash?: string;
}

/** One person's conversation with the seal of a site, with what that person's tool remembers of it. */
export class SealSession implements Disposable {
  readonly connection: SiteConnection;
  readonly #identity: string;

  private constructor(connection: SiteConnection, identity: string) {
    this.connection = connection;
    this.#identity = identity;
  }

  /** `identityIn` names the caller's identity within a data folder. Throws as connectTarget. */
  static async open(
    context: CliContext,
    options: TargetOptions,
    identityIn: (target: RemoteSite) => string,
  ): Promise<SealSession> {
    const { connection, identity } = await connectTarget(context, options, identityIn);
    return new SealSession(connection, identity);
  }

  get site(): string {
    return this.connection.site;
  }

  /** The name in the caller's certificate. */
  get caller(): string {
    return this.connection.caller;
  }

  /** Throws STATE_OLDER where the caller has seen a newer state. */
  async status(): Promise<SealMessage> {
    return (await this.ask<SealAnswer>(sealMethods.status)).status;
  }

  async ask<Answer extends SealAnswer>(method: Method, request: object = {}): Promise<Answer> {
    const answer = await this.connection.unary<Answer>(method, request, actMs);
    checkSeenEpoch(this.#identity, this.caller, answer.status);
    return answer;
  }

  /** Sends a share with what was seen before, which the site compares with its journal; keeps the answer. */
  async show(method: Method, share: ShownShare, ceremonyId = ''): Promise<SealMessage> {
    const seen = recallSeal(this.#identity, this.site) ?? { epoch: 0, journalHead: '' };
    const { status } = await this.ask<SealAnswer>(method, {
      ceremonyId,
      share: share.text,
      site: this.site,
      epoch: Math.max(seen.epoch, share.epoch ?? 0),
      manifestHash: share.manifestHash ?? '',
      journalHead: seen.journalHead,
    });
    rememberSeal(this.#identity, status);
    return status;
  }

  /** The head of the journal when it was last compared; empty before. */
  get seenHead(): string {
    return recallSeal(this.#identity, this.site)?.journalHead ?? '';
  }

  /** The journal was read whole and holds what was seen before. */
  remember(status: SealMessage): void {
    rememberSeal(this.#identity, status);
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}
