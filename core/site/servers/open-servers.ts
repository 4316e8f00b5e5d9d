import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { type RecordAct, Servers } from '../../servers/servers.ts';
import type { Database } from '../../store/database.ts';
import type { Actor, Audit } from '../audit/audit.ts';
import type { RingAccess } from '../seal/ring-access.ts';
import { ServerRows } from './server-rows.ts';

export interface ServersOfSite {
  readonly database: Database;
  readonly keys: RingAccess;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The logins of an open site; their schedule is started when the rest of the site is there. */
export function openServers(parts: ServersOfSite): Servers {
  const { database, keys, audit, clock, random, logger } = parts;
  return new Servers({
    table: new ServerRows(database),
    keys,
    clock,
    random,
    record: recordServerAct(audit, { by: 'site' }),
    failed: (name, error) => logger.warn('server password not changed', { server: name, error }),
  });
}

/** Writes acts about servers into the site's audit log. What it throws (TB1219) stops the act. */
export function recordServerAct(
  audit: Audit,
  who: { readonly by: Actor; readonly from?: string; readonly reason?: string },
): RecordAct {
  return ({ step, server: { name, role }, result }) =>
    audit.write({ kind: 'server-password', step, subject: `${name} role ${role}`, result, ...who });
}
