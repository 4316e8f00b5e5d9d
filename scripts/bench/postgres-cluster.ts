import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresPrograms } from './postgres-programs.ts';

/** A private PostgreSQL server: own folder, own port on loopback, nothing shared with the machine's. */
export class PostgresCluster {
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #killed: () => void;
  readonly #clients: pg.Client[] = [];

  private constructor(folder: string, port: number, server: ChildProcess, killed: () => void) {
    this.#folder = folder;
    this.port = port;
    this.#server = server;
    this.#killed = killed;
    // Before the folder is removed.
    process.prependOnceListener('exit', this.#killed);
  }

  /** `tls` holds the files of makeTlsFiles; durability is PostgreSQL's default: fsync, synchronous commit. */
  static async start(programs: PostgresPrograms, folder: string, tls: string): Promise<PostgresCluster> {
    mkdirSync(folder, { mode: 0o700 });
    if (programs.user) chownSync(folder, programs.user.uid, programs.user.gid);
    const data = join(folder, 'data');
    const locale = ['--locale=C', '--encoding=UTF8', '--auth=trust', '--username=postgres'];
    const run = { ...programs.user, cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
    execFileSync(join(programs.folder, 'initdb'), ['-D', data, ...locale], { ...run, stdio: 'pipe' });
    for (const name of ['server.crt', 'server.key', 'ca.crt', 'client.crt', 'client.key']) {
      copyFileSync(join(tls, name), join(data, name));
      if (programs.user) chownSync(join(data, name), programs.user.uid, programs.user.gid);
    }
    const port = await freePort();
    appendFileSync(join(data, 'postgresql.conf'), settings(port, folder));
    writeFileSync(join(data, 'pg_hba.conf'), rights);
    const server = spawn(join(programs.folder, 'postgres'), ['-D', data], {
      ...run,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    server.stderr.on('data', (chunk: Buffer) => {
      log = (log + String(chunk)).slice(-4000);
    });
    // At the exit of this process nothing can be awaited; pg_ctl waits for us until all of it has ended.
    const killed = () => {
      spawnSync(join(programs.folder, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], run);
    };
    const cluster = new PostgresCluster(folder, port, server, killed);
    try {
      await cluster.#ready();
    } catch (error) {
      await cluster.stop();
      throw new Error(`PostgreSQL did not start: ${log}`, { cause: error });
    }
    return cluster;
  }

  /** A connection over the private socket; it ends with the cluster. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.#folder,
      port: this.port,
      user: 'postgres',
      database: 'postgres',
    });
    // The server ends connections when it stops; an unheard error would end us too.
    client.on('error', () => {});
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** How others reach it: mutual TLS with the certificate in its own folder, through `port`. */
  connectionFrom(other: PostgresCluster, port = this.port): string {
    const file = (name: string) => join(other.#folder, 'data', name);
    return [
      `host=localhost hostaddr=127.0.0.1 port=${port} user=replicator dbname=postgres sslmode=verify-full`,
      `sslrootcert=${file('ca.crt')} sslcert=${file('client.crt')} sslkey=${file('client.key')}`,
    ].join(' ');
  }

  get socketFolder(): string {
    return this.#folder;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#clients.map((client) => client.end()));
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const ended = once(this.#server, 'exit');
      this.#server.kill('SIGINT');
      const late = AbortSignal.timeout(10_000);
      late.addEventListener('abort', this.#killed, { once: true });
      await ended;
      late.removeEventListener('abort', this.#killed);
    }
    process.off('exit', this.#killed);
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const client = await this.connect();
        await client.query('SELECT 1');
        return;
      } catch (error) {
        if (attempt === 150 || this.#server.exitCode !== null) throw error;
        await sleep(100);
      }
    }
  }
}

function settings(port: number, folder: string): string {
  return `
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${folder}'
ssl = on
ssl_ca_file = 'ca.crt'
ssl_min_protocol_version = 'TLSv1.3'
wal_level = logical
shared_buffers = 512MB
max_wal_size = 8GB
checkpoint_timeout = 30min
fsync = on
synchronous_commit = on
`;
}

// Only a certificate of the run's authority for exactly this name may replicate.
const rights = `
local   all all                       trust
hostssl all replicator 127.0.0.1/32   cert clientcert=verify-full
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The columns of the enrolment record, as PostgreSQL would keep them. */
export function readEnrollmentTable(): string {
  return readFileSync(join(import.meta.dirname, 'enrollment.sql'), 'utf8');
}
