import type { Peer } from '../../link/channel.ts';
import type { ServiceHandlers } from '../../wire/handlers.ts';
import type { Approval } from '../approvals/approvals.ts';
import { printActor } from '../audit/audit.ts';
import type { AccessOrder } from './break-glass.ts';
import type { DatabaseDesk } from './database-desk.ts';
import type { QuerySession } from './query-session.ts';

/** Keys of the databases and sessions with them (database.proto); the desk throws TB1601 while sealed. */
export function databaseService(desk: DatabaseDesk): ServiceHandlers {
  return {
    requestRekey: {
      kind: 'unary',
      handle: async ({ reason }: { reason: string }, peer: Peer) =>
        requestMessage(desk.requestRekey(reason, peer)),
    },
    getRekey: { kind: 'unary', handle: async () => progressMessage(desk) },
    requestAccess: {
      kind: 'unary',
      handle: async (order: AccessOrder, peer: Peer) =>
        requestMessage(desk.breakGlass().request(order, peer)),
    },
    openSession: {
      kind: 'unary',
      handle: async ({ id }: { id: string }, peer: Peer) => ({
        session: sessionMessage(await desk.breakGlass().open(id, peer)),
      }),
    },
    runStatement: {
      kind: 'unary',
      handle: async ({ id, sql }: { id: string; sql: string }, peer: Peer) => {
        const { rows, ...answer } = await desk.breakGlass().run(id, sql, peer);
        return { ...answer, rows: rows.map((cells) => ({ cells })) };
      },
    },
    closeSession: {
      kind: 'unary',
      handle: async ({ id }: { id: string }, peer: Peer) => {
        desk.breakGlass().close(id, peer);
        return {};
      },
    },
    listSessions: {
      kind: 'unary',
      handle: async () => ({ sessions: desk.breakGlass().list().map(sessionMessage) }),
    },
  };
}

function requestMessage({ id, expiresMs, required }: Approval): object {
  return { id, expiresMs, required };
}

function sessionMessage({ order, openedMs, expiresMs, statements }: QuerySession): object {
  const { id, file, owner } = order;
  return { id, file, openedBy: printActor(owner), openedMs, expiresMs, statements };
}

function progressMessage(desk: DatabaseDesk): object {
  const { problems, found: _found, ...progress } = desk.progress();
  return {
    ...progress,
    problems: problems.map(({ file, fault: { code, message } }) => ({ file, code, text: message })),
  };
}
