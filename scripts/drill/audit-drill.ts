import { systemClock } from '../../core/base/clock.ts';
import type { Constellation } from '../demo/constellation.ts';
import type { DrillReport } from './drill-report.ts';
import { type Answer, tongbu } from './tongbu-command.ts';

interface ActDocument {
  readonly kind: string;
  readonly step: string;
  readonly actor: string;
  readonly subject: string | null;
  readonly result: string;
}

/** What must be found of the drill: [kind, part of step, subject or result, how often at least]. */
const atCounty: readonly (readonly [string, string, number])[] = [
  ['journal', 'TB1212', 1],
  ['journal', 'TB1214', 1],
  ['ceremony', 'change-holders', 1],
  ['journal', 'activated', 1],
  ['ceremony', 'rotate-root', 1],
  ['keys', '', 2],
  ['approval', 'approved', 1],
  ['restart', '', 4],
  ['login', '', 3],
];
const atProvince: readonly (readonly [string, string, number])[] = [
  ['enrolment', '', 3],
  ['approval', 'approved', 3],
  ['certificate', 'revoked', 2],
  ['refusal', '', 1],
];

/** Everything that was done stands in `audit`, at the site and at the province, and verifies. */
export class AuditDrill {
  readonly #all: Constellation;
  readonly #report: DrillReport;

  constructor(all: Constellation, report: DrillReport) {
    this.#all = all;
    this.#report = report;
  }

  async run(): Promise<void> {
    const report = this.#report;
    report.chapter('6. All of it stands in the audit log, signed, and the province has it');
    const county = this.#all.county('430121').location.dataDir;
    const province = this.#all.province.location.dataDir;
    const since = ['--since', 'all'];
    this.#find('at the county', await tongbu(['node', 'audit', '--data', county, ...since]), atCounty);
    this.#find('at the province', await tongbu(['hub', 'audit', '--data', province, ...since]), atProvince);
    const received = ['hub', 'audit', '--data', province, '--site', '430121', ...since];
    await this.#caughtUp(received, county);
    this.#find("in the county's log as the province holds it", await tongbu(received), atCounty);
    await report.done('the county’s log and the journal in it verify', [
      ...['node', 'audit', '--data', county, '--verify'],
    ]);
    await report.done('so does the province’s', ['hub', 'audit', '--data', province, '--verify']);
  }

  /** The newest acts are under way for a moment. */
  async #caughtUp(received: readonly string[], county: string): Promise<void> {
    const own = acts(await tongbu(['node', 'audit', '--data', county, '--since', 'all'])).length;
    for (let tries = 0; tries < 50; tries += 1) {
      if (acts(await tongbu(received)).length >= own) return;
      await systemClock.sleep(200);
    }
  }

  #find(where: string, answer: Answer, wanted: typeof atCounty): void {
    const found = acts(answer);
    const missing = wanted.filter(([kind, part, least]) => {
      const matching = found.filter((act) => act.kind === kind && JSON.stringify(act).includes(part));
      return matching.length < least;
    });
    const text = missing.map(([kind, part]) => `${kind} ${part}`.trim()).join(', ');
    const what = `every act of the drill is found ${where}`;
    this.#report.check(what, missing.length === 0, text === '' ? `${found.length} acts` : `missing: ${text}`);
  }
}

function acts({ document }: Answer): readonly ActDocument[] {
  return (document['acts'] ?? []) as readonly ActDocument[];
}
