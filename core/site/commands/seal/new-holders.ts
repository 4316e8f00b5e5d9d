import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf } from '../../../../certs/fingerprint.ts';
import { examinePeer } from '../../../../certs/peer-policy.ts';
import type { Clock } from '../../../base/clock.ts';
import { fault } from '../../../base/errors.ts';
import { siteFolder } from '../../site-folder.ts';
import { readPem } from '../../trust/identity-folder.ts';
import type { HolderOrder } from '../holder-order.ts';
import { checkHolders } from '../holders.ts';
import type { OrderedHolder } from '../seal-message.ts';
import type { CertificateFile } from './certificate-file.ts';

export interface HolderPlace {
  readonly site: string;
  readonly trustDomain: string;
  /** Where `people/` is looked into; absent at another machine than the site's. */
  readonly data?: string | undefined;
  readonly certificates: readonly CertificateFile[];
}

/**
 * The holders as they are ordered, with the fingerprints of certificates that are really those of officers of
 * this site. Throws TB1221, TB1614, TB1263, TB1256.
 */
export async function newHolders(
  orders: readonly HolderOrder[],
  threshold: number,
  place: HolderPlace,
  clock: Clock,
): Promise<OrderedHolder[]> {
  await checkHolders(orders, threshold);
  return orders.map(({ officer, recipient }) => {
    if (recipient === undefined) throw fault('TB1263', { officer });
    return { officer, recipient, certificateFingerprint: fingerprintFor(officer, place, clock) };
  });
}

function fingerprintFor(officer: string, place: HolderPlace, clock: Clock): string {
  const refused = (reason: string) => fault('TB1256', { officer, reason });
  const path = certificatePath(officer, place);
  if (path === undefined || !existsSync(path)) throw refused('missing');
  const [der] = readPem(path, 'CERTIFICATE');
  if (!der) throw refused('unparsable');
  const { trustDomain } = place;
  const peer = examinePeer(der, { trustDomain, nowMs: clock.nowMs(), revoked: new Set() });
  if ('refusal' in peer) throw refused(peer.refusal);
  if (peer.role !== 'officer' || peer.site !== place.site || peer.name !== officer) {
    throw refused(`${peer.role}/${peer.name}@${peer.site}`);
  }
  return fingerprintOf(der);
}

function certificatePath(officer: string, { certificates, data }: HolderPlace): string | undefined {
  const given = certificates.find((certificate) => certificate.officer === officer)?.path;
  if (given !== undefined || data === undefined) return given;
  return join(siteFolder(data).people, `officer-${officer}`, 'cert.pem');
}
