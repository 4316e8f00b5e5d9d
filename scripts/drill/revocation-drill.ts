import { join } from 'node:path';
import { fingerprintOf } from '../../certs/fingerprint.ts';
import { systemClock } from '../../core/base/clock.ts';
import { readLeaf } from '../../core/site/trust/identity-folder.ts';
import type { SiteClient } from '../../core/wire/site-client.ts';
import type { Constellation } from '../demo/constellation.ts';
import type { DemoSite } from '../demo/demo-site.ts';
import type { DrillReport } from './drill-report.ts';

interface LinkMessage {
  readonly log: string;
  readonly state: string;
  readonly problemCode: string;
}

const goneWithinMs = 1_000;
const affected = '430105';
const others = '430121';

/** Certificates are revoked while their streams are live; everybody else goes on. */
export class RevocationDrill {
  readonly #all: Constellation;
  readonly #report: DrillReport;

  constructor(all: Constellation, report: DrillReport) {
    this.#all = all;
    this.#report = report;
  }

  async run(): Promise<void> {
    const report = this.#report;
    report.chapter('5. Certificates are revoked while their streams are live');
    const neighbour = await Watch.begin(this.#all.county(others));
    await this.#revokeSystem();
    await this.#revokeSite();
    report.check(
      `no stream of ${others} was touched`,
      neighbour.lost === 0,
      `${neighbour.looks} looks at it`,
    );
    await neighbour.end();
    await this.#stillFlows();
  }

  /** The business system of one county: its county learns of it from the province's registry. */
  async #revokeSystem(): Promise<void> {
    const site = this.#all.county(others);
    const client = await site.person('business', 'his');
    const live = new AbortController();
    const watched = this.#watchUntilCut(client, live.signal);
    const answered = await this.#revoke({
      site: others,
      role: 'business',
      name: 'his',
      reason: 'superseded',
    });
    const { atMs, code } = await watched;
    const ms = Math.round(atMs - answered);
    this.#report.check(
      'a business system loses its live stream at the county within a second',
      ms <= goneWithinMs,
      `${ms} ms after the province was asked, ${code}`,
    );
    const second = await codeOf(client.unary('node', 'Intake', 'list', { dataset: 'claims', pageSize: 1 }));
    this.#report.check('and its next call is refused', second !== undefined, second ?? 'it was answered');
    client.close();
  }

  async #watchUntilCut(client: SiteClient, signal: AbortSignal): Promise<{ atMs: number; code: string }> {
    const request = { dataset: 'claims', from: 0 };
    const code = await codeOf(drain(client.stream('node', 'Intake', 'watch', request, signal)));
    return { atMs: systemClock.monotonicMs(), code: code ?? 'it ended' };
  }

  async #revokeSite(): Promise<void> {
    const site = this.#all.county(affected);
    const client = await site.client();
    const fingerprint = fingerprintOf(readLeaf(join(site.location.dataDir, 'tls', 'data')));
    await untilLinks(client, (links) => links.length > 0 && links.every(({ state }) => state === 'live'));
    const asked = await this.#revoke({ fingerprint, reason: 'key-compromise' });
    await untilLinks(client, (links) => links.every(({ state }) => state !== 'live'));
    const ms = Math.round(systemClock.monotonicMs() - asked);
    const what = 'every live stream of a county whose certificate is revoked is gone within a second';
    this.#report.check(what, ms <= goneWithinMs, `${ms} ms after the province was asked`);
    await systemClock.sleep(4_000);
    const links = await linksOf(client);
    const codes = [...new Set(links.map(({ problemCode }) => problemCode))].join(', ');
    const refused = links.every(({ state, problemCode }) => state === 'waiting' && problemCode !== '');
    // A lane that is just dialling again says so for a moment.
    const none = refused || links.every(({ state }) => state === 'waiting' || state === 'connecting');
    this.#report.check('four seconds later no reconnection has succeeded', none, codes);
  }

  /** Returns when the province was asked, on the monotonic clock. */
  async #revoke(what: Readonly<Record<string, string>>): Promise<number> {
    const officer = await this.#all.province.officer('zhao');
    // The connection is made before the clock starts.
    await officer.unary('seal', 'Seal', 'getSealStatus', {});
    const askedMs = systemClock.monotonicMs();
    await officer.unary('certificates', 'Certificates', 'revoke', { ...what, note: "officers' drill" });
    officer.close();
    return askedMs;
  }

  /** A row of the county that was not touched still reaches the province. */
  async #stillFlows(): Promise<void> {
    const data = this.#all.county(others).location.dataDir;
    await this.#report.done(`${others} still makes entries`, ['node', 'verify', '--data', data]);
    const log = `${others}/audit`;
    const size = async (site: DemoSite) => {
      const status = await (await site.client()).unary<{ logs: readonly { log: string; size: number }[] }>(
        'site',
        'Site',
        'getStatus',
        {},
      );
      return status.logs.find((held) => held.log === log)?.size ?? 0;
    };
    const wanted = await size(this.#all.county(others));
    for (;;) {
      const held = await size(this.#all.province);
      if (held >= wanted) break;
      await systemClock.sleep(50);
    }
    this.#report.check(`and the province has them`, wanted > 0, `${wanted} entries of ${log}`);
  }
}

/** Looks at the links of a site again and again. */
class Watch {
  looks = 0;
  lost = 0;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  static async begin(site: DemoSite): Promise<Watch> {
    const watch = new Watch();
    const client = await site.client();
    await untilLinks(client, (links) => links.length > 0 && links.every(({ state }) => state === 'live'));
    watch.#running = watch.#look(client);
    return watch;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #look(client: SiteClient): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const links = await linksOf(client);
      this.looks += 1;
      // A lane that moves to a connection with the new lists is connecting for a moment; one that lost its
      // stream waits.
      if (links.some(({ state }) => state === 'waiting' || state === 'stopped')) this.lost += 1;
      await systemClock.sleep(50, this.#stop.signal);
    }
  }
}

async function linksOf(client: SiteClient): Promise<readonly LinkMessage[]> {
  return (await client.unary<{ links: readonly LinkMessage[] }>('site', 'Site', 'getStatus', {})).links;
}

async function untilLinks(
  client: SiteClient,
  holds: (links: readonly LinkMessage[]) => boolean,
): Promise<void> {
  while (!holds(await linksOf(client))) await systemClock.sleep(20);
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _message of stream);
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'an error';
  }
}
