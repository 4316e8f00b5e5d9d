import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/base/clock.ts';
import { systemRandom } from '../../core/base/random.ts';
import { Constellation } from '../demo/constellation.ts';
import type { DemoSite } from '../demo/demo-site.ts';
import { AuditDrill } from './audit-drill.ts';
import { DrillReport } from './drill-report.ts';
import { RevocationDrill } from './revocation-drill.ts';
import { tongbu } from './tongbu-command.ts';

const county = '430121';
const neighbour = '430105';
const province = '430000';

/**
 * What security officers do in the life of a site, tried on real processes with separate share files and
 * certificates, step by step as the guide says.
 */
export class OfficerDrill {
  readonly report: DrillReport;
  readonly #folder: string;
  readonly #all: Constellation;

  constructor(folder: string, say: (line: string) => void) {
    this.#folder = folder;
    this.report = new DrillReport(systemClock, say);
    this.#all = new Constellation({
      folder,
      nation: false,
      province: { code: province, name: '湖南省' },
      counties: [county, neighbour].map((code) => ({ code, name: `样例县${code}` })),
      clock: systemClock,
      random: systemRandom,
      say: ({ en }) => say(`    ${en}`),
    });
  }

  async run(): Promise<void> {
    this.report.chapter('1. A province and two counties; three officers each, any two of whom open a site');
    await this.#all.create();
    for (const code of [county, neighbour, province]) this.#handOut(code);
    this.report.check('every officer has a share file and a key of the own, nobody has two', true, '3 × 3');
    await this.#openWithMistakes();
    await this.#replaceOfficer();
    await this.#rotateKeys();
    await new RevocationDrill(this.#all, this.report).run();
    await new AuditDrill(this.#all, this.report).run();
  }

  close(): Promise<void> {
    return this.#all.stop();
  }

  async #openWithMistakes(): Promise<void> {
    const { report } = this;
    const site = this.#county;
    report.chapter('2. Opening a sealed site, with everything that people do wrong');
    await site.stop();
    await site.start();
    const unseal = (officer: string, share: string, key: string) => [
      ...['seal', 'unseal', ...at(site, officer)],
      ...['--share', share, '--identity', key],
    ];
    const own = (officer: string) =>
      unseal(officer, this.#share(county, officer), this.#key(county, officer));
    await report.refused(
      'a share with the certificate of another officer',
      ['TB1212'],
      unseal('zhao', this.#share(county, 'sun'), this.#key(county, 'sun')),
    );
    await report.refused(
      'a share of another site, which is not even sent',
      ['TB1210'],
      unseal('zhao', this.#share(neighbour, 'zhao'), this.#key(neighbour, 'zhao')),
    );
    await report.refused(
      "a share file with another officer's key",
      ['TB1224'],
      unseal('zhao', this.#share(county, 'zhao'), this.#key(county, 'sun')),
    );
    await report.done('the share of zhao', own('zhao'), received);
    await report.refused('the share of zhao once more', ['TB1214'], own('zhao'));
    const { status } = await tongbu(['node', 'status', '--data', site.location.dataDir]);
    report.check('one share alone opens nothing', status === 3, `exit ${status}: sealed`);
    await report.done('the share of sun', own('sun'), (document) => String(document['state']));
  }

  async #replaceOfficer(): Promise<void> {
    const { report } = this;
    const site = this.#county;
    report.chapter('3. sun leaves and wu follows, with a crash in the middle of everything');
    const wu = await this.#enrolOfficer('wu');
    const recipients = await Promise.all(['zhao', 'qian', 'wu'].map((name) => this.#recipient(name)));
    const order = [
      'seal',
      'change-holders',
      ...at(site, 'zhao'),
      ...recipients.flatMap((r) => ['--holder', r]),
    ];
    const reason = ['--reason', 'sun leaves, wu follows'];
    await report.done('zhao orders the new set', [...order, '--certificate', `wu=${wu}/cert.pem`, ...reason]);
    await report.refused(
      'a share of another site does not agree with it',
      ['TB1210', 'TB1211'],
      this.#entering('enter', 'qian', this.#share(neighbour, 'qian'), this.#key(neighbour, 'qian')),
    );
    await report.done('zhao agrees', this.#entering('enter', 'zhao'), received);
    await report.done('qian agrees: the new set is dealt', this.#entering('enter', 'qian'), pending);
    await this.#crash('killed after the deal: the old set opens it, the new one still waits');
    const fresh = new Map<string, string>();
    for (const name of ['zhao', 'qian', 'wu']) {
      const file = join(this.#folder, `${name}-new.share.age`);
      fresh.set(name, file);
      const as = name === 'wu' ? wu : people(site, name);
      const fetch = ['seal', 'fetch', '--data', site.location.dataDir, '--as', as, '--out', file];
      await report.done(`${name} fetches the own new share`, fetch);
    }
    const prove = (name: string) =>
      this.#entering('prove', name, fresh.get(name), undefined, name === 'wu' ? wu : undefined);
    await report.done('zhao proves it', prove('zhao'), proved);
    await this.#crash('killed after the first proof: the old set still opens it');
    await report.done('zhao proves it again', prove('zhao'), proved);
    await report.done('wu proves it: the new set is in force', prove('wu'), inForce);
    await this.#oldShareIsDead(fresh, wu);
  }

  async #oldShareIsDead(fresh: ReadonlyMap<string, string>, wu: string): Promise<void> {
    const { report } = this;
    const site = this.#county;
    await site.kill();
    await site.start();
    await report.refused(
      'the old share of sun opens nothing and is named',
      ['TB1207', 'TB1211'],
      this.#entering('unseal', 'sun'),
    );
    await report.refused('nor does the old share of zhao', ['TB1211'], this.#entering('unseal', 'zhao'));
    for (const name of ['zhao', 'qian']) {
      renameSync(fresh.get(name) ?? '', this.#share(county, name));
    }
    await report.done('the new share of zhao', this.#entering('unseal', 'zhao'), received);
    const last = this.#entering('unseal', 'wu', fresh.get('wu'), undefined, wu);
    await report.done('and that of wu open the site', last, (document) => String(document['state']));
  }

  async #rotateKeys(): Promise<void> {
    const { report } = this;
    const site = this.#county;
    report.chapter('4. New root key, new database key');
    const reason = ['--reason', 'after a change of officers'];
    await report.done('qian orders a new root', ['seal', 'rotate-root', ...at(site, 'qian'), ...reason]);
    await report.done('zhao agrees', this.#entering('enter', 'zhao'), received);
    await report.done('qian agrees: the ring is under another root', this.#entering('enter', 'qian'), epoch);
    const data = ['--data', site.location.dataDir];
    await report.done('the operator asks for new database keys', [
      ...['seal', 'rotate-keys', ...data, ...reason],
    ]);
    const id = await this.#openRequest(site, 'rotate-data-keys');
    const approve = ['seal', 'approve', id, ...at(site, 'zhao')];
    await report.done('zhao approves: every database file is written anew', approve);
    await report.done('every log is whole under the new key', ['node', 'verify', ...data]);
    await site.stop();
    await site.start();
    for (const name of ['zhao', 'qian'])
      await report.done(`${name} opens it again`, this.#entering('unseal', name));
  }

  /** A certificate for a new officer: token, key made by the officer, approval by a second officer. */
  async #enrolOfficer(name: string): Promise<string> {
    const { report } = this;
    const hub = this.#all.province;
    const token = join(this.#folder, `${name}.token`);
    const made = await report.done(`the province makes a token for officer ${name}`, [
      ...['hub', 'token', '--data', hub.location.dataDir, '--site', county, '--name', county],
      ...['--grant', `officer/${name}`],
    ]);
    writeFileSync(token, String(made.document['line']), { mode: 0o600 });
    const out = join(this.#folder, `officer-${name}`);
    const enrolling = report.done(`${name} has a certificate, its key was made here`, [
      ...['certs', 'enrol', '--token-file', token, '--role', 'officer', '--name', name, '--out', out],
    ]);
    const id = await this.#openRequest(hub, 'enrolment');
    const approve = ['seal', 'approve', id, '--data', hub.location.dataDir, '--as', people(hub, 'qian')];
    await report.done('a second officer of the province approves it', approve);
    await enrolling;
    const key = this.#key(county, name);
    mkdirSync(join(this.#folder, 'media', county, name), { recursive: true, mode: 0o700 });
    await report.done(`${name} makes an age key`, ['seal', 'key', '--out', key]);
    return out;
  }

  /** The one that waits; somebody else asks at the same time, so it may take a moment. */
  async #openRequest(site: DemoSite, kind: string): Promise<string> {
    const client = await site.client();
    for (;;) {
      const { requests } = await client.unary<{
        requests: readonly { id: string; kind: string; state: string }[];
      }>('approvals', 'Approvals', 'listRequests', {});
      const found = requests.find((request) => request.kind === kind && request.state === 'open');
      if (found) return found.id;
      await systemClock.sleep(100);
    }
  }

  async #crash(what: string): Promise<void> {
    const site = this.#county;
    await site.kill();
    await site.start();
    let last: Record<string, unknown> = {};
    for (const name of ['zhao', 'qian']) {
      last = (await this.report.done(`${name} opens it again`, this.#entering('unseal', name))).document;
    }
    this.report.check(what, last['state'] === 'unsealed' && last['pendingSetId'] !== null, pending(last));
  }

  /** `seal unseal | enter | prove` of one officer with the own share and key. */
  #entering(act: string, name: string, share?: string, key?: string, as?: string): string[] {
    const site = this.#county;
    const yes = act === 'enter' ? ['--yes'] : [];
    return [
      ...['seal', act, '--data', site.location.dataDir, '--as', as ?? people(site, name), ...yes],
      ...['--share', share ?? this.#share(county, name), '--identity', key ?? this.#key(county, name)],
    ];
  }

  async #recipient(name: string): Promise<string> {
    const { newAgeIdentity } = await import('../../core/seal/age-identity.ts');
    const text = readFileSync(this.#key(county, name), 'utf8');
    const identity = /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(text)?.[0];
    return `${name}=${(await newAgeIdentity(identity)).recipient}`;
  }

  /** A medium for each officer: nobody's folder has two shares. */
  #handOut(code: string): void {
    for (const name of ['zhao', 'qian', 'sun']) {
      mkdirSync(join(this.#folder, 'media', code, name), { recursive: true, mode: 0o700 });
      const from = join(this.#folder, 'officers', code);
      // The constellation unseals from its own folder later on, so it keeps a copy of the key alone.
      renameSync(join(from, `${name}.share.age`), this.#share(code, name));
      renameSync(join(from, `${name}.age-identity`), this.#key(code, name));
    }
  }

  #share(code: string, name: string): string {
    return join(this.#folder, 'media', code, name, 'share.age');
  }

  #key(code: string, name: string): string {
    return join(this.#folder, 'media', code, name, 'key.txt');
  }

  get #county(): DemoSite {
    return this.#all.county(county);
  }
}

function people(site: DemoSite, officer: string): string {
  return join(site.location.dataDir, 'people', `officer-${officer}`);
}

function at(site: DemoSite, officer: string): string[] {
  return ['--data', site.location.dataDir, '--as', people(site, officer)];
}

function received(document: Record<string, unknown>): string {
  const names = (document['received'] ?? []) as readonly string[];
  return `${names.length} of ${String(document['threshold'])} (${names.join(', ')})`;
}

function proved(document: Record<string, unknown>): string {
  return `proved by ${((document['proved'] ?? []) as readonly string[]).join(', ')}`;
}

function pending(document: Record<string, unknown>): string {
  return `set ${String(document['pendingSetId']).slice(0, 8)} waits for its holders`;
}

function inForce(document: Record<string, unknown>): string {
  const officers = ((document['officers'] ?? []) as readonly string[]).join(', ');
  return `set ${String(document['setId']).slice(0, 8)}, held by ${officers}`;
}

function epoch(document: Record<string, unknown>): string {
  return `epoch ${String(document['epoch'])}`;
}
