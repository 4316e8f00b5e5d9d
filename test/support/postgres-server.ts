import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../scripts/bench/postgres-programs.ts';
import { makeTlsFiles } from '../../scripts/bench/tls-files.ts';
import { freePort } from '../../scripts/demo/free-port.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

const programs = findPostgres();
export const postgresMissing = 'missing' in programs;
/** Suites that need a server say so in their name when they are skipped. */
export const postgresReason = 'missing' in programs ? ` (skipped: ${programs.missing})` : '';

/** Made up for each run; searched for afterwards, so it occurs nowhere else. */
export const administrator = { user: 'dba', password: `verwalter-${process.pid}-Zx81kQ` } as const;

/** A PostgreSQL of one test file: TLS with its own authority, SCRAM for everybody, every statement logged. */
export class PostgresServer {
  readonly port: number;
  readonly folder: string;
  readonly #files: TemporaryFolder;
  #server: ChildProcess | undefined;

  private constructor(files: TemporaryFolder, port: number) {
    this.#files = files;
    this.folder = join(files.path, 'pg');
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const files = new TemporaryFolder();
    const server = new PostgresServer(files, await freePort());
    server.#create();
    await server.run();
    await server.ask(
      `CREATE ROLE ${administrator.user} LOGIN CREATEROLE PASSWORD '${administrator.password}'`,
    );
    writeFileSync(server.#log, ''); // this statement was the test's own
    return server;
  }

  /** PEM of the authority of its certificate, for `localhost` and 127.0.0.1. */
  get ca(): string {
    return readFileSync(join(this.#files.path, 'ca.crt'), 'utf8');
  }

  /** Everything that the server wrote, statements with their texts included. */
  get log(): string {
    return readFileSync(this.#log, 'latin1');
  }

  get #log(): string {
    return join(this.#files.path, 'server.log');
  }

  get #data(): string {
    return join(this.folder, 'data');
  }

  /** A statement of the superuser, over the private socket. */
  async ask(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: this.folder,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
    });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Who may log in and how, in pg_hba.conf's words; in force when it resolves. */
  async allow(lines: string): Promise<void> {
    writeFileSync(join(this.#data, 'pg_hba.conf'), `local all postgres trust\n${lines}\n`);
    await this.ask('SELECT pg_reload_conf()');
    await until('the new rules', async () => {
      const [row] = await this.ask("SELECT string_agg(auth_method, ' ') AS all FROM pg_hba_file_rules");
      return row?.['all'] === `trust ${[...lines.matchAll(/(\S+)$/gm)].map(([, word]) => word).join(' ')}`;
    });
  }

  async run(): Promise<void> {
    if ('missing' in programs) throw new Error(programs.missing);
    const log = openSync(this.#log, 'a');
    const server = spawn(join(programs.folder, 'postgres'), ['-D', this.#data], {
      ...this.#as(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#server = server;
    process.prependOnceListener('exit', this.#kill);
    await until('PostgreSQL', () => this.ask('SELECT 1').catch(() => false));
  }

  async halt(): Promise<void> {
    if (!this.#server) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGINT');
    await ended;
    this.#server = undefined;
    process.off('exit', this.#kill);
  }

  async stop(): Promise<void> {
    await this.halt();
    this.#files.remove();
  }

  readonly #kill = (): void => {
    if ('missing' in programs) return;
    spawnSync(
      join(programs.folder, 'pg_ctl'),
      ['-D', this.#data, '-m', 'immediate', '-w', 'stop'],
      this.#as(),
    );
    this.#files.remove();
  };

  #as() {
    const user = 'missing' in programs ? undefined : programs.user;
    return { ...user, cwd: this.folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
  }

  #create(): void {
    if ('missing' in programs) throw new Error(programs.missing);
    const own = (path: string) => {
      if (programs.user) chownSync(path, programs.user.uid, programs.user.gid);
    };
    makeTlsFiles(this.#files.path, 'nobody');
    mkdirSync(this.folder, { mode: 0o700 });
    // The server runs as another user where we are root, and has to get to its folder.
    if (programs.user) execFileSync('chmod', ['711', this.#files.path]);
    own(this.folder);
    const locale = ['--locale=C', '--encoding=UTF8', '--auth=trust', '--username=postgres', '--no-sync'];
    const initdb = join(programs.folder, 'initdb');
    execFileSync(initdb, ['-D', this.#data, ...locale], { ...this.#as(), stdio: 'pipe' });
    for (const name of ['server.crt', 'server.key']) {
      copyFileSync(join(this.#files.path, name), join(this.#data, name));
      own(join(this.#data, name));
    }
    appendFileSync(join(this.#data, 'postgresql.conf'), settings(this.port, this.folder));
    writeFileSync(join(this.#data, 'pg_hba.conf'), `local all postgres trust\n${scramOverTls}\n`);
  }
}

export const scramOverTls = 'hostssl all all 127.0.0.1/32 scram-sha-256';

function settings(port: number, folder: string): string {
  return `
listen_addresses = '127.0.0.1,127.0.0.2'
port = ${port}
unix_socket_directories = '${folder}'
ssl = on
password_encryption = 'scram-sha-256'
shared_buffers = 16MB
fsync = off
log_statement = 'all'
log_min_error_statement = 'debug5'
log_min_duration_statement = 0
log_connections = on
`;
}
