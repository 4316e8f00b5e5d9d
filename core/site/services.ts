import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Channel } from '../link/channel.ts';
import type { Seal } from '../seal/seal.ts';
import type { Handler } from '../wire/handlers.ts';
import type { Services } from '../wire/site-listener.ts';
import { approvalsService } from './approvals/approvals-service.ts';
import type { DatabaseDesk } from './databases/database-desk.ts';
import { databaseService } from './databases/database-service.ts';
import { endingOnDoubt } from './ending-on-doubt.ts';
import { hubService } from './hub-service.ts';
import { intakeService } from './intake-service.ts';
import type { OpenSite } from './open-site.ts';
import { sealService } from './seal/seal-service.ts';
import { serversService } from './servers/servers-service.ts';
import { siteService } from './site-service.ts';
import { certificatesService } from './trust/certificates-service.ts';

/** What the services of a site are made of; the process has all of it. */
export interface ServiceParts {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly testIds: boolean;
  readonly seal: Seal;
  /** Throws TB1601 while the site is sealed. */
  open(): OpenSite;
  /** The ring has been opened: the databases follow. */
  opened(): Promise<void>;
  /** Keys of the databases, and sessions with them. */
  readonly databases: DatabaseDesk;
  /** Closes the open site; the ring is the seal's. */
  closed(by: string, reason: string): Promise<void>;
  converse(direction: 'push' | 'pull', channel: Channel): Promise<void>;
  /** Nobody knows any more what is durable: the process ends. */
  failed(error: unknown): void;
}

/** Every service of the mutual TLS listener. Who may call what is in `rights.ts`. */
export function servicesOf(parts: ServiceParts): Services {
  const { config, version, clock, testIds, seal } = parts;
  const { site } = config;
  const open = () => parts.open();
  const frames = (direction: 'push' | 'pull'): Handler => ({
    kind: 'frames',
    handle: (channel: Channel) => parts.converse(direction, channel),
  });
  const opened = () => parts.opened();
  const closed = (by: string, reason: string) => parts.closed(by, reason);
  const always: Services = [
    ['seal', 'Seal', endingOnDoubt(sealService({ seal, clock, open, opened, closed }), parts.failed)],
    ['site', 'Site', siteService(open, { site, version }, clock)],
    ['approvals', 'Approvals', approvalsService(open)],
    ['servers', 'Servers', serversService(open)],
    ['database', 'Database', databaseService(parts.databases)],
    ['node', 'Intake', intakeService(open, { site, testIds }, clock)],
  ];
  if (config.tier === 'county') return always;
  return [
    ...always,
    ['replication', 'Replication', { push: frames('push'), pull: frames('pull') }],
    ['hub', 'Hub', hubService(open)],
    ['certificates', 'Certificates', certificatesService(open)],
  ];
}
