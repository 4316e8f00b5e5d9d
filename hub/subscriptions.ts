import { assert } from '../core/base/assert.ts';
import type { Clock } from '../core/base/clock.ts';
import { fault } from '../core/base/errors.ts';
import type { Peer } from '../core/link/channel.ts';
import type { SendingLog } from '../core/link/ports.ts';
import type { LogName } from '../core/log/batch.ts';
import { printLog } from '../core/log/batch.ts';
import type { Printed } from '../core/records/print-value.ts';
import type { Approval, Approvals } from '../core/site/approvals/approvals.ts';
import type { Audit } from '../core/site/audit/audit.ts';
import type { ContractDesk, ContractOrder, ContractView } from '../core/site/open-site.ts';
import type { SiteData } from '../core/site/site-data.ts';
import { Contract } from './contract.ts';

export interface SubscriptionParts {
  readonly data: Pick<SiteData, 'intake' | 'tables'>;
  readonly audit: Audit;
  readonly approvals: Approvals;
  readonly clock: Clock;
  readonly site: string;
  /** Whose logs there are. */
  knows(origin: string): boolean;
  /** A log of this hub as it is read: its own, or one of the ledger. */
  reading(log: LogName): Pick<SendingLog, 'head' | 'compare' | 'read'>;
  /** The registry has a new entry. */
  grew(): void;
  /** Ends live pulls that are no longer allowed. */
  cut(isMeant: (peer: Peer, log: LogName) => boolean): void;
}

/** Two days for the other officer. */
const approvalLifeMs = 48 * 3_600_000;

/**
 * Contracts of subscribers, as entries of the registry (I13): asked for by one, approved by another officer,
 * in force when the entry is written, and looked up anew with every batch that leaves.
 */
export class Subscriptions implements ContractDesk {
  readonly #parts: SubscriptionParts;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    parts.approvals.on('contract', async (approval) => this.#approved(approval));
  }

  /** Throws TB1952 and what a request throws. */
  ask({ subscriber, logs, reason }: ContractOrder, by: Peer): Approval {
    checkSubscriber(subscriber);
    const lines = checkedLines(logs);
    return this.#parts.approvals.request({
      kind: 'contract',
      subject: `${subscriber}: ${lines.join(', ')}`,
      detail: { subscriber, logs: lines.join(',') },
      reason,
      by,
      required: 1,
      lifeMs: approvalLifeMs,
    });
  }

  /** At once and by one person: ending only takes away. Throws TB1953, TB1905, TB1219. */
  end({ subscriber, reason }: Omit<ContractOrder, 'logs'>, by: Peer): ContractView {
    const held = this.list().find((contract) => contract.subscriber === subscriber && contract.inForce);
    if (!held) throw fault('TB1953', { subscriber: shownSubscriber(subscriber) });
    if ([...reason.trim()].length < reasonMin) throw fault('TB1905', { min: reasonMin });
    const ended: ContractView = { ...held, inForce: false };
    this.#store(ended, { step: 'ended', by, reason });
    return ended;
  }

  list(): readonly ContractView[] {
    const { table } = this.#parts.data.tables('registry').at('contract/000000');
    return table.page([], contractsMax, 'shown').map(({ fields }) => viewOf(fields));
  }

  /**
   * The log for a subscriber whose contract names it; undefined otherwise. A subscriber is no site of the
   * registry, so nothing proves its receipts: they steer the session and are not kept. Throws TB1219.
   */
  sending(peer: Peer, log: LogName): SendingLog | undefined {
    if (!this.#parts.knows(log.origin) || !this.#allows(peer, log)) return undefined;
    const from = peer.address === undefined ? {} : { from: peer.address };
    this.#parts.audit.write({
      kind: 'export',
      step: 'pull-begun',
      by: peer,
      subject: printLog(log),
      ...from,
    });
    const reading = this.#parts.reading(log);
    return {
      head: () => reading.head(),
      compare: (position) => reading.compare(position),
      read: async (first, bounds) => {
        const subscriber = shownSubscriber(subscriberOf(peer));
        if (!this.#allows(peer, log)) throw fault('TB1953', { subscriber });
        return reading.read(first, bounds);
      },
      keep: async () => {},
    };
  }

  #allows(peer: Peer, log: LogName): boolean {
    if (log.dataset === 'audit') return false;
    const { table, values } = this.#parts.data
      .tables('registry')
      .at(`contract/${escaped(subscriberOf(peer))}`);
    const row = table.get(values, 'shown');
    const held = row && viewOf(row.fields);
    return held?.inForce === true && Contract.of(held.logs).includes(log);
  }

  #approved({ detail, approvedBy, id }: Approval): void {
    const subscriber = String(detail['subscriber']);
    checkSubscriber(subscriber);
    const logs = checkedLines(String(detail['logs']).split(','));
    const officers = approvedBy.map((voice) => voice.replace(/^officer\//, '').replace(/@.*$/, ''));
    const view: ContractView = { subscriber, logs, approvedBy: officers, inForce: true };
    this.#store(view, { step: 'in-force', by: 'site', reason: `request ${id}` });
  }

  /** Entry and act in one transaction; then the door is what the entry says. */
  #store(view: ContractView, act: { step: string; by: Peer | 'site'; reason: string }): void {
    const { audit, clock, data, site, cut, grew } = this.#parts;
    const raw = {
      subscriber: view.subscriber,
      logs: view.logs.join(','),
      approved_by: view.approvedBy.join(','),
      stas: view.inForce ? '1' : '2',
    };
    const context = {
      today: Math.floor(clock.nowMs() / 86_400_000),
      migrated: false,
      testIds: false,
      defaults: { src_sys: 'U', crter_id: 'tongbu', opter_id: 'tongbu', optins_no: site },
    };
    audit.with(() => {
      const options = { entity: 'contract', context, dryRun: false };
      const result = data.intake('registry').put([{ row: 1, raw }], options);
      assert(result.accepted + result.unchanged === 1, 'a checked contract is a valid row');
      const subject = `${view.subscriber}: ${view.logs.join(', ')}`;
      const address = act.by === 'site' ? undefined : act.by.address;
      const from = address === undefined ? {} : { from: address };
      return { done: result, act: { kind: 'contract', ...act, ...from, subject } };
    });
    grew();
    cut((peer, log) => peer.role === 'subscriber' && !this.#allows(peer, log));
  }
}

/** As many as a province could want; a list is one answer. */
const contractsMax = 1_000;
const reasonMin = 5;
const linesMax = 50;

function viewOf(fields: Readonly<Record<string, Printed>>): ContractView {
  const list = (name: string) => String(fields[name] ?? '').split(',');
  return {
    subscriber: String(fields['subscriber']),
    logs: list('logs'),
    approvedBy: list('approved_by'),
    inForce: fields['stas'] === '1',
  };
}

function subscriberOf({ site, name }: Peer): string {
  return name === '' ? site : `${site}/${name}`;
}

function escaped(subscriber: string): string {
  return subscriber.replaceAll('/', '%2F');
}

function checkSubscriber(subscriber: string): void {
  if (!/^[1-9][0-9]{5}(\/[a-z0-9-]{1,32})?$/.test(subscriber)) {
    throw fault('TB1952', { reason: 'the subscriber is neither SITE nor SITE/NAME' });
  }
}

function shownSubscriber(subscriber: string): string {
  return /^[0-9]{6}(\/[a-z0-9-]{1,32})?$/.test(subscriber) ? subscriber : '?';
}

function checkedLines(logs: readonly string[]): readonly string[] {
  const lines = [...new Set(logs.map((line) => line.trim()))].filter((line) => line !== '').sort();
  if (lines.length === 0 || lines.length > linesMax) {
    throw fault('TB1952', { reason: `it names ${lines.length} logs; 1 to ${linesMax} are possible` });
  }
  const contract = Contract.of(lines);
  if (contract.names('audit')) throw fault('TB1952', { reason: 'audit logs leave under no contract' });
  return lines;
}
