import { type Enrolled, Enrolment } from '../../certs/enrolment.ts';
import { systemClock } from '../../core/base/clock.ts';
import { EnrolmentListener } from '../../core/wire/enrolment-service.ts';
import type { TlsMaterial } from '../../core/wire/tls-material.ts';
import { MemoryApprovals } from './memory-approvals.ts';
import { MemoryTokens } from './memory-tokens.ts';
import { issuance, Pki } from './pki.ts';

/** What a hub gives of its registry; an anchor that new sites accept. */
const anchor = {
  site: '430000',
  name: '430000',
  tier: 'province',
  trustDomain: 'hunan.example',
  logKey: 'ab'.repeat(32),
  mirrorKey: 'cd'.repeat(32),
  port: 7443,
};

/** A hub's enrolment behind its real listener; the test holds tokens and approvals in memory. */
export class EnrolmentHub {
  readonly pki: Pki;
  readonly tokens = new MemoryTokens();
  readonly approvals = new MemoryApprovals();
  readonly registered: Enrolled[] = [];
  readonly enrolment: Enrolment;
  #listener: EnrolmentListener | undefined;
  #port = 0;

  private constructor(pki: Pki) {
    this.pki = pki;
    this.enrolment = new Enrolment({
      tokens: this.tokens,
      approvals: this.approvals,
      held: () => [],
      issuance,
      authority: async () => ({
        trustDomain: pki.trustDomain,
        root: pki.root.certificate,
        issuing: pki.issuing.certificate,
        signing: (work) => work(pki.issuing),
        crls: pki.lists.map(({ der }) => der),
        lifeDays: 7,
      }),
      register: async (enrolled) => {
        if (!this.tokens.consume(enrolled.token.hash, enrolled.use)) return undefined;
        this.registered.push(enrolled);
        return Buffer.from(JSON.stringify(anchor));
      },
    });
  }

  static async start(pki?: Pki): Promise<EnrolmentHub> {
    const hub = new EnrolmentHub(pki ?? (await Pki.create()));
    await hub.listen();
    return hub;
  }

  get port(): number {
    return this.#port;
  }

  get listener(): EnrolmentListener {
    if (!this.#listener) throw new TypeError('the hub listens');
    return this.#listener;
  }

  /** On the same port again after `close`. */
  async listen(): Promise<void> {
    const host = {
      describe: () => ({ site: '430000', sealed: false, epoch: 4, protocolMin: 1, protocolMax: 1 }),
      revokedMs: async (fingerprint: string) =>
        fingerprint === 'a'.repeat(64) ? 1_790_000_000_000 : undefined,
      enrol: this.enrolment.enrol.bind(this.enrolment),
      withdraw: this.enrolment.withdraw.bind(this.enrolment),
    };
    this.#listener = new EnrolmentListener(await this.material(), host, systemClock);
    this.#port = await this.#listener.listen('127.0.0.1', this.#port);
  }

  /** As the listener shows it: with the root at the end. */
  async material(): Promise<TlsMaterial> {
    const { material } = await this.pki.identity('430000', 'hub', ['localhost', '127.0.0.1']);
    return { ...material, chain: [...material.chain, this.pki.root.certificate] };
  }

  /** The line that an operator of the hub hands over. */
  async token(
    grants: readonly string[] = ['gate', 'node'],
    port = this.#port,
    host = 'localhost',
  ): Promise<string> {
    const order = { site: '430121', grants, lifeMs: 3_600_000, createdBy: 'operator/li' };
    return (await this.enrolment.createToken({ ...order, hubSite: '430000', host, port })).line;
  }

  close(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }
}
