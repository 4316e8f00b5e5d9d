import { wipe } from '../../base/bytes.ts';
import { fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import { type Server, serverLimits } from '../../servers/server.ts';
import type { ServerView } from '../../servers/servers.ts';
import type { ServiceHandlers } from '../../wire/handlers.ts';
import type { OpenSite } from '../open-site.ts';
import { recordServerAct } from './open-servers.ts';

interface AddRequest {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly role: string;
  readonly ca: string;
  readonly rotateDays: number;
  readonly administrator: string;
  readonly administratorPassword: Uint8Array;
  readonly reason: string;
}

interface NamedRequest {
  readonly name: string;
  readonly reason: string;
}

interface RemoveRequest extends NamedRequest {
  readonly leaveServer: boolean;
}

const defaultRotateDays = 30;
const administratorForm = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;

/** The site's logins at database servers (servers.proto). `open` throws TB1601 while the site is sealed. */
export function serversService(open: () => OpenSite): ServiceHandlers {
  const record = (peer: Peer, reason: string) =>
    recordServerAct(open().audit, { by: peer, reason, ...(peer.address && { from: peer.address }) });
  return {
    listServers: {
      kind: 'unary',
      handle: async () => ({ servers: open().servers.list().map(message) }),
    },
    addServer: {
      kind: 'unary',
      handle: async (request: AddRequest, peer: Peer) => {
        const { administrator: user, administratorPassword: password, reason } = request;
        try {
          checkAdministrator(user, password);
          const order: Server = { ...request, rotateDays: request.rotateDays || defaultRotateDays };
          const view = await open().servers.add(order, { user, password }, record(peer, reason));
          return { server: message(view) };
        } finally {
          wipe(password);
        }
      },
    },
    rotatePassword: {
      kind: 'unary',
      handle: async ({ name, reason }: NamedRequest, peer: Peer) => ({
        server: message(await open().servers.rotate(name, record(peer, reason))),
      }),
    },
    removeServer: {
      kind: 'unary',
      handle: async ({ name, leaveServer, reason }: RemoveRequest, peer: Peer) => {
        await open().servers.remove(name, leaveServer, record(peer, reason));
        return {};
      },
    },
  };
}

function checkAdministrator(user: string, password: Uint8Array): void {
  if (!administratorForm.test(user)) throw fault('TB1934', { what: '--admin' });
  if (password.length > 0 && password.length <= serverLimits.passwordBytesMax) return;
  throw fault('TB1934', { what: 'administrator password' });
}

function message({ ca, ...server }: ServerView): object {
  return { ...server, tls: ca !== '' };
}
