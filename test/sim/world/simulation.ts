import { Fault, fault } from '../../../core/base/errors.ts';
import { type Random, seededRandom } from '../../../core/base/random.ts';
import type { Channel } from '../../../core/link/channel.ts';
import type { Frame } from '../../../core/link/messages.ts';
import { type LogName, printLog } from '../../../core/log/batch.ts';
import { SimulatedClock } from '../../support/simulated-clock.ts';
import { TemporaryFolder } from '../../support/temporary-folder.ts';
import { Checker, Violation } from './checker.ts';
import { SimLine, type Weather } from './line.ts';
import type { Mutation } from './mutation.ts';
import { SimSite, type SitePlan } from './sim-site.ts';
import { Trace } from './trace.ts';

export interface SimulationResult {
  readonly seed: number;
  /** The same for the same seed and program. */
  readonly digest: string;
  readonly steps: number;
  readonly entries: number;
  readonly faults: readonly string[];
  readonly crashes: number;
  readonly simulatedMs: number;
}

const nation = '100000';
const province = '430000';
const counties = ['430121', '430181'] as const;
const catalog: LogName = { origin: province, dataset: 'catalog' };
const fromCounties = counties.flatMap((origin) =>
  ['enrollment', 'claims'].map((dataset) => ({ origin, dataset })),
);

const plans: readonly SitePlan[] = [
  { site: nation, above: undefined, own: [], pulled: [], forwarded: [] },
  { site: province, above: nation, own: ['catalog'], pulled: [], forwarded: fromCounties },
  ...counties.map((site): SitePlan => {
    return { site, above: province, own: ['enrollment', 'claims'], pulled: [catalog], forwarded: [] };
  }),
];

const kinds = [
  'break',
  'down',
  'stall',
  'half-open',
  'slow',
  'crash',
  'slow disk',
  'disk full',
  'meddling',
  'lost hints',
] as const;
type FaultKind = (typeof kinds)[number];

/** How long things go wrong, and how long the world may take to recover from it. */
const chaosMs = 45_000;
const recoveryMs = 240_000;

/** Counties, a province and a nation for a simulated minute. Throws a Violation, or tells how it went. */
export async function simulate(seed: number, mutation?: Mutation): Promise<SimulationResult> {
  const folder = TemporaryFolder.inMemory();
  const simulation = new Simulation(seed, folder.path, mutation);
  try {
    return await simulation.run();
  } finally {
    simulation.close();
    folder.remove();
  }
}

class Simulation {
  readonly #seed: number;
  readonly #clock = new SimulatedClock();
  readonly #random: Random;
  readonly #checker = new Checker();
  readonly #trace = new Trace();
  readonly #sites = new Map<string, SimSite>();
  readonly #weathers = new Map<string, Weather>();
  readonly #lines = new Set<SimLine>();
  readonly #faults: readonly FaultKind[];
  readonly #folder: string;
  readonly #mutation: Mutation | undefined;
  #chaos = true;
  #lineCount = 0;
  #crashes = 0;
  #entries = 0;
  #failure: unknown;

  constructor(seed: number, folder: string, mutation: Mutation | undefined) {
    this.#seed = seed;
    this.#folder = folder;
    this.#mutation = mutation;
    this.#random = seededRandom(seed);
    // Which faults are on is drawn too, so that some seeds show one kind by itself.
    this.#faults = kinds.filter(() => this.#random.uniform() < 0.6);
  }

  async run(): Promise<SimulationResult> {
    for (const plan of plans) this.#start(plan);
    for (const plan of plans) if (plan.own.length > 0) void this.#write(plan);
    void this.#break();
    await this.#until(chaosMs, () => false);
    this.#heal();
    const converged = await this.#until(chaosMs + recoveryMs, () => this.#isConverged());
    if (!converged) this.#violated(new Violation(`no convergence: ${this.#lagging().join('; ')}`));
    return {
      seed: this.#seed,
      digest: this.#trace.digest(),
      steps: this.#trace.lines,
      entries: this.#entries,
      faults: this.#faults,
      crashes: this.#crashes,
      simulatedMs: this.#clock.elapsedMs,
    };
  }

  close(): void {
    for (const site of this.#sites.values()) site.crash();
    this.#checker.close();
  }

  async #until(untilMs: number, done: () => boolean): Promise<boolean> {
    for (;;) {
      const stepped = await this.#clock.step(untilMs);
      this.#checker.check();
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#checker.violation) this.#violated(this.#checker.violation);
      if (done()) return true;
      if (!stepped) return false;
    }
  }

  #violated(violation: Violation): never {
    violation.message += `\n  seed ${this.#seed}; repeat with: npm run sim -- --seed ${this.#seed}\n${this.#trace.tail()}`;
    throw violation;
  }

  #note(line: string): void {
    this.#trace.add(this.#clock.elapsedMs, line);
  }

  #start(plan: SitePlan): void {
    this.#note(`${plan.site} starts`);
    const site = new SimSite(plan, {
      folder: this.#folder,
      clock: this.#clock,
      random: this.#random,
      mutation: this.#mutation,
      watch: (path, delivery, newestFence, outcome) => {
        const said = outcome.kind === 'accepted' ? outcome.kind : outcome.code;
        this.#note(
          `${path.slice(-16)} ${printLog(delivery.log)} ${delivery.batch.first} ${said} ${outcome.size}`,
        );
        this.#checker.stored(path, delivery, newestFence, outcome);
      },
      dial: (from, to, direction) => this.#dial(from, to, direction),
      opened: (owner, path) => this.#checker.watchFile(owner, path),
      note: (line) => this.#note(line),
      failed: (owner, error) => {
        this.#failure ??=
          new Violation(`${owner} failed: ${error instanceof Error ? error.stack : String(error)}
  seed ${this.#seed}; repeat with: npm run sim -- --seed ${this.#seed}\n${this.#trace.tail()}`);
      },
    });
    this.#sites.set(plan.site, site);
    this.#trackFiles();
  }

  /** Files appear when a log is first heard of. */
  #trackFiles(): void {
    for (const [code, site] of this.#sites) {
      for (const { path } of site.files) this.#checker.watchFile(code, path);
    }
  }

  async #dial(from: string, to: string, direction: 'push' | 'pull'): Promise<Channel> {
    const weather = this.#weather(from, to);
    await this.#clock.sleep(weather.delayMs);
    if (weather.down || !this.#sites.has(to) || !this.#sites.has(from)) throw fault('TB1442', { site: to });
    this.#lineCount += 1;
    const tap = {
      said: (line: SimLine, by: string, frame: Frame) => {
        this.#note(`line ${line.id} ${by} says ${describe(frame)}`);
        this.#checker.said(line, by, frame);
      },
      arrived: (line: SimLine, at: string, frame: Frame) => this.#checker.arrived(line, at, frame),
    };
    const line = new SimLine(this.#lineCount, [from, to], weather, this.#clock, tap);
    this.#lines.add(line);
    void this.#sites.get(to)?.answer(line.answerer, direction);
    return line.dialler;
  }

  #weather(one: string, other: string): Weather {
    const id = [one, other].sort().join('-');
    const made: Weather = {
      down: false,
      delayMs: 20,
      deaf: undefined,
      stalledUntilMs: 0,
      meddle: (frame) => this.#meddle(frame),
    };
    const found = this.#weathers.get(id) ?? made;
    this.#weathers.set(id, found);
    return found;
  }

  /** What no honest line does: repeats, alters; every receiver must survive it unharmed. */
  #meddle(frame: Frame): readonly Frame[] {
    if (this.#mutation === 'sends past the window' && frame.kind === 'hello') {
      return [{ ...frame, windowBatches: 1_000 }];
    }
    if (!this.#chaos || !this.#faults.includes('meddling') || frame.kind !== 'batch') return [frame];
    const dice = this.#random.uniform();
    if (dice < 0.03) return [frame, frame];
    if (dice > 0.06) return [frame];
    const entries = Buffer.from(frame.entries);
    const at = Math.floor(this.#random.uniform() * entries.length);
    entries[at] = (entries[at] ?? 0) ^ (1 << Math.floor(this.#random.uniform() * 8));
    return [{ ...frame, entries }];
  }

  /** The business systems of one site; a full disk or a crash refuses them, and they try again. */
  async #write({ site, own }: SitePlan): Promise<void> {
    while (this.#chaos) {
      await this.#clock.sleep(
        Math.floor(this.#random.uniform() * (this.#random.uniform() < 0.3 ? 60 : 2_500)),
      );
      const dataset = own[Math.floor(this.#random.uniform() * own.length)];
      const count = 1 + Math.floor(this.#random.uniform() ** 3 * 60);
      const bodies = Array.from({ length: count }, () =>
        this.#random.bytes(4 + Math.floor(this.#random.uniform() * 90)),
      );
      const alive = this.#sites.get(site);
      if (!alive || dataset === undefined || !this.#chaos) continue;
      const name = { origin: site, dataset };
      const truth = this.#checker.truthOf(name);
      // Every entry is unlike any other; every eleventh is one that followers set aside.
      const entries = bodies.map((body, i) =>
        Buffer.from(
          `${(truth.size + i) % 11 === 0 ? '!' : '.'}${printLog(name)} ${truth.size + i} ${Buffer.from(body).toString('hex')}`,
        ),
      );
      try {
        alive.append(dataset, entries);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'TB1105') throw error;
        this.#note(`${site} ${dataset} has no room`);
        continue;
      }
      truth.add(entries);
      this.#entries += count;
      this.#note(`${site} ${dataset} writes ${count}, ${truth.size} in all`);
      const lost = this.#faults.includes('lost hints') && this.#random.uniform() < 0.5;
      if (!lost) alive.hint(dataset);
    }
  }

  async #break(): Promise<void> {
    if (this.#faults.length === 0) return;
    while (this.#chaos) {
      await this.#clock.sleep(200 + Math.floor(this.#random.uniform() * 3_000));
      if (!this.#chaos) return;
      const kind = this.#faults[Math.floor(this.#random.uniform() * this.#faults.length)];
      const plan = plans[Math.floor(this.#random.uniform() * plans.length)];
      const forMs = Math.floor(this.#random.uniform() ** 2 * 25_000);
      if (kind && plan) this.#strike(kind, plan, forMs);
    }
  }

  #strike(kind: FaultKind, plan: SitePlan, forMs: number): void {
    const { site, above } = plan.above === undefined ? { site: province, above: nation } : plan;
    const weather = this.#weather(site, above ?? nation);
    const lines = [...this.#lines].filter((line) => line.weather === weather);
    const later = (change: Partial<Weather>) =>
      this.#clock.at(this.#clock.elapsedMs + forMs, () => void Object.assign(weather, change));
    this.#note(`fault ${kind} at ${plan.site} for ${forMs} ms`);
    switch (kind) {
      case 'break':
        return this.#tear(lines);
      case 'down':
        weather.down = true;
        this.#tear(lines);
        return later({ down: false });
      case 'stall':
        weather.stalledUntilMs = Math.max(weather.stalledUntilMs, this.#clock.elapsedMs + forMs);
        return;
      case 'half-open':
        weather.deaf = this.#random.uniform() < 0.5 ? site : above;
        return later({ deaf: undefined });
      case 'slow':
        weather.delayMs = 20 + Math.floor(forMs / 10);
        return later({ delayMs: 20 });
      case 'crash':
        return this.#crash(plan, Math.min(forMs, 10_000));
      case 'slow disk':
        return this.#slowDisk(plan.site, weather, forMs);
      case 'disk full':
        return this.#fill(plan.site, forMs);
      case 'meddling':
      case 'lost hints':
        return; // these are always at work
    }
  }

  #tear(lines: readonly SimLine[]): void {
    for (const line of lines) {
      line.tear();
      this.#lines.delete(line);
    }
  }

  #crash(plan: SitePlan, downMs: number): void {
    const site = this.#sites.get(plan.site);
    if (!site) return;
    this.#crashes += 1;
    this.#sites.delete(plan.site);
    site.crash();
    this.#tear(
      [...this.#lines].filter(({ dialler, answerer }) => [dialler.site, answerer.site].includes(plan.site)),
    );
    for (const { path } of site.files) this.#checker.reopen(plan.site, path);
    this.#clock.at(this.#clock.elapsedMs + downMs, () => {
      if (!this.#sites.has(plan.site)) this.#start(plan);
    });
  }

  /** What waits for a slow disk outlives its session when the line breaks: the next one must fence it. */
  #slowDisk(code: string, weather: Weather, forMs: number): void {
    const set = (diskMsMax: number) => {
      const site = this.#sites.get(code);
      if (site) site.diskMsMax = diskMsMax;
    };
    set(5_000);
    for (let atMs = 1_000; atMs < forMs; atMs += 2_500) {
      this.#clock.at(this.#clock.elapsedMs + atMs, () => {
        this.#tear([...this.#lines].filter((line) => line.weather === weather));
      });
    }
    this.#clock.at(this.#clock.elapsedMs + forMs, () => set(60));
  }

  #fill(code: string, forMs: number): void {
    for (const file of this.#sites.get(code)?.files ?? []) file.limitBytes(1);
    this.#clock.at(this.#clock.elapsedMs + forMs, () => this.#free(code));
  }

  #free(code: string): void {
    for (const file of this.#sites.get(code)?.files ?? []) file.limitBytes(2 ** 40);
  }

  #heal(): void {
    this.#note('the faults stop');
    this.#chaos = false;
    for (const weather of this.#weathers.values()) {
      Object.assign(weather, { down: false, delayMs: 20, deaf: undefined });
    }
    for (const plan of plans) if (!this.#sites.has(plan.site)) this.#start(plan);
    for (const plan of plans) this.#free(plan.site);
  }

  #isConverged(): boolean {
    return this.#lagging().length === 0;
  }

  /** Every log, wherever it must be: entries, followers, receipts. */
  #lagging(): string[] {
    this.#trackFiles();
    const late: string[] = [];
    for (const [line, { size }] of this.#checker.truth) {
      const [origin = '', dataset = ''] = line.split('/');
      const log = { origin, dataset };
      const holders = origin === province ? [...counties, nation] : [province, nation];
      for (const site of holders) {
        const held = this.#checker.durable(site, log);
        const file = this.#sites.get(site)?.files.find(({ path }) => path.endsWith(`${site}-${origin}.db`));
        const taken = file?.database
          .prepare<{ size: number }>('SELECT size FROM follower WHERE log = ?')
          .get(line)?.size;
        if (held !== size) late.push(`${site} holds ${held} of ${size} of ${line}`);
        else if (size > 0 && taken !== size)
          late.push(`the follower of ${line} at ${site} took ${taken ?? 0} of ${size}`);
      }
    }
    return late;
  }
}

function describe(frame: Frame): string {
  switch (frame.kind) {
    case 'batch':
      return `batch ${frame.first}+${frame.count}`;
    case 'hello':
      return `hello ${printLog(frame.log)}`;
    case 'refusal':
      return `refusal ${frame.code} ${frame.size ?? '-'}`;
    default:
      return `${frame.kind} ${frame.size}`;
  }
}
