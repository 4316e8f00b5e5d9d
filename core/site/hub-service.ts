import { fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import type { ServiceHandlers } from '../wire/handlers.ts';
import type { ContractOrder, HubDesk, OpenSite } from './open-site.ts';
import { statusViewOf } from './rights/city-view.ts';

interface TokenRequest {
  readonly site: string;
  readonly name: string;
  readonly trustDomain: string;
  readonly grants: readonly string[];
  readonly lifeSeconds: number;
}

const lifeSecondsMax = 86_400;

/** What only a hub's operators ask (hub.proto). `open` throws TB1601 while the site is sealed. */
export function hubService(open: () => OpenSite): ServiceHandlers {
  const desk = (): HubDesk => {
    const { hub } = open();
    if (!hub) throw fault('TB1702', { site: '?' });
    return hub;
  };
  return {
    listSites: {
      kind: 'unary',
      handle: async (_request: object, peer: Peer) => ({
        sites: (await desk().listSites(statusViewOf(peer))).map(({ heardAgoMs, lagMs, ...site }) => ({
          ...site,
          lagMs: Math.round(lagMs),
          ...(heardAgoMs === undefined ? {} : { heardAgoMs: Math.round(heardAgoMs) }),
        })),
      }),
    },
    createToken: {
      kind: 'unary',
      handle: async ({ lifeSeconds, ...order }: TokenRequest, peer: Peer) => {
        const lifeMs = (lifeSeconds || lifeSecondsMax) * 1_000;
        return desk().createToken({ ...order, lifeMs, by: peer });
      },
    },
    askContract: {
      kind: 'unary',
      handle: async (order: ContractOrder, peer: Peer) => {
        const { id, expiresMs } = desk().contracts.ask(order, peer);
        return { requestId: id, expiresMs };
      },
    },
    endContract: {
      kind: 'unary',
      handle: async (order: Omit<ContractOrder, 'logs'>, peer: Peer) => ({
        contract: desk().contracts.end(order, peer),
      }),
    },
    listContracts: { kind: 'unary', handle: async () => ({ contracts: desk().contracts.list() }) },
  };
}
