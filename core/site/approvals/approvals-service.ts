import type { Peer } from '../../link/channel.ts';
import type { ServiceHandlers } from '../../wire/handlers.ts';
import type { OpenSite } from '../open-site.ts';
import type { Approval } from './approvals.ts';

/** What a person can compare with what somebody reads out on the telephone. */
const shownCharactersMax = 200;

/** What officers decide together (approvals.proto). `open` throws TB1601 while the site is sealed. */
export function approvalsService(open: () => OpenSite): ServiceHandlers {
  return {
    listRequests: {
      kind: 'unary',
      handle: async ({ state }: { state: string }) => {
        const approvals = open().approvals.list();
        const wanted = approvals.filter((approval) => state === '' || approval.state === state);
        return { requests: wanted.map(requestMessage) };
      },
    },
    approve: {
      kind: 'unary',
      handle: async ({ id }: { id: string }, peer: Peer) => ({
        request: requestMessage(await open().approvals.approve(id, peer)),
      }),
    },
    reject: {
      kind: 'unary',
      handle: async ({ id, reason }: { id: string; reason: string }, peer: Peer) => ({
        request: requestMessage(open().approvals.reject(id, peer, reason)),
      }),
    },
  };
}

function requestMessage({ detail, rejectedBy, ...approval }: Approval): object {
  const shown = Object.entries(detail)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const)
    .filter(([, value]) => value !== undefined && value.length <= shownCharactersMax);
  return { ...approval, rejectedBy: rejectedBy ?? '', detail: Object.fromEntries(shown) };
}
