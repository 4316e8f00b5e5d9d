import { fault } from '../../core/base/errors.ts';
import { seededRandom } from '../../core/base/random.ts';
import { Intake } from '../../core/intake/intake.ts';
import type { Peer } from '../../core/link/channel.ts';
import { ChangeLog } from '../../core/log/change-log.ts';
import { LogStore } from '../../core/log/log-store.ts';
import { datasetOf } from '../../core/records/datasets.ts';
import { Approvals } from '../../core/site/approvals/approvals.ts';
import { ActList } from '../../core/site/audit/act-list.ts';
import { Audit } from '../../core/site/audit/audit.ts';
import { Database } from '../../core/store/database.ts';
import { migrate } from '../../core/store/migrate.ts';
import { ManualClock } from './cli-world.ts';
import { FaultPlan, failing } from './failing-database.ts';
import { databaseKey, signerOf } from './log-setting.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/** A site's encrypted file on the disk with its audit log, and what else a test writes there. */
export class AuditSetting {
  readonly site: string;
  readonly database: Database;
  readonly clock = new ManualClock();
  readonly audit: Audit;
  readonly acts: ActList;
  readonly approvals: Approvals;
  readonly #folder = new TemporaryFolder();
  readonly #random = seededRandom(1);

  constructor(site = '430121') {
    this.site = site;
    const path = this.#folder.file('site.db');
    this.database = Database.open({ path, key: databaseKey, mode: 'create', durability: 'full' });
    migrate(this.database, [LogStore.schema, Approvals.schema]);
    const { clock } = this;
    const intake = this.intake('audit');
    this.audit = new Audit({ intake, site, clock, random: this.#random, grew: () => {} });
    this.acts = new ActList(this.database);
    this.approvals = new Approvals(this.database, this.audit, clock, this.#random);
  }

  intake(dataset: string, database = this.database): Intake {
    const name = { origin: this.site, dataset };
    const log = new ChangeLog(new LogStore(database), name, signerOf(name), this.clock);
    return new Intake(database, datasetOf(dataset), log, this.clock, this.#random);
  }

  /** Every act so far, in order, but those that filled the disk. */
  all() {
    const { acts } = this.acts.page({ from: 0, sinceMs: 0, kind: '', actor: '', limit: 100_000 });
    return acts.filter(({ step }) => step !== 'filler');
  }

  steps(): string[] {
    return this.all().map(({ kind, step, result }) => `${kind}/${step} ${result}`);
  }

  /**
   * From now on the disk is full: what is there stays, no act goes in. Pages that have room left are used up
   * by acts, wherever in the tables they fall.
   */
  fill(): void {
    this.database.limitBytes(1);
    for (let refused = 0; refused < 40; ) {
      try {
        this.audit.write({ kind: 'call', step: 'filler', by: 'site' });
        refused = 0;
      } catch {
        refused += 1;
      }
    }
  }

  /** The same log, on a disk that refuses the next act. */
  broken(): Audit {
    const plan = new FaultPlan(0, 'before', () => fault('TB1105', { path: this.database.path }));
    const intake = this.intake('audit', failing(this.database, plan));
    const { site, clock } = this;
    return new Audit({ intake, site, clock, random: this.#random, grew: () => {} });
  }

  close(): void {
    this.database.close();
    this.#folder.remove();
  }
}

export function person(role: string, name: string, site = '430121'): Peer {
  return {
    site,
    role,
    name,
    trustDomain: 'hunan.example',
    fingerprint: 'ab'.repeat(32),
    address: '10.0.0.7',
  };
}
