import { fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { ServiceHandlers } from '../../wire/handlers.ts';
import type { OpenSite } from '../open-site.ts';
import type {
  CertificateDesk,
  CertificateQuery,
  RevocationOrder,
  RollOverOrder,
} from './certificate-desk.ts';

/** The life of certificates (certificates.proto). `open` throws TB1601 while the hub is sealed. */
export function certificatesService(open: () => OpenSite): ServiceHandlers {
  const desk = (): CertificateDesk => {
    const { certificates } = open();
    if (!certificates) throw fault('TB1702', { site: '?' });
    return certificates;
  };
  return {
    renew: {
      kind: 'unary',
      handle: async ({ csr }: { csr: Uint8Array }, peer: Peer) => desk().renew(csr, peer),
    },
    getTrust: { kind: 'unary', handle: async () => desk().trust() },
    revoke: {
      kind: 'unary',
      handle: async (order: RevocationOrder, peer: Peer) => desk().revoke(order, peer),
    },
    listCertificates: {
      kind: 'unary',
      handle: async (query: CertificateQuery) => desk().list(query),
    },
    rollOver: {
      kind: 'unary',
      handle: async (order: RollOverOrder, peer: Peer) => desk().rollOver(order, peer),
    },
    putRootList: {
      kind: 'unary',
      handle: async ({ crl }: { crl: Uint8Array }, peer: Peer) => desk().putRootList(crl, peer),
    },
  };
}
