import { type Fault, fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';

/**
 * Who may call what: the one table. `own` means persons and systems of this very site; sites speak for
 * themselves in replication, where the conversation checks the log as well.
 */
export const rights: Readonly<Record<string, { readonly roles: readonly string[]; readonly own: boolean }>> =
  {
    '/tongbu.v1.Replication/Push': { roles: ['node', 'hub'], own: false },
    '/tongbu.v1.Replication/Pull': { roles: ['node', 'hub'], own: false },
    '/tongbu.v1.Seal/GetSealStatus': { roles: ['officer', 'operator'], own: true },
    '/tongbu.v1.Seal/EnterShare': { roles: ['officer'], own: true },
    '/tongbu.v1.Seal/SealSite': { roles: ['officer', 'operator'], own: true },
    '/tongbu.v1.Site/GetStatus': { roles: ['officer', 'operator', 'auditor'], own: true },
    '/tongbu.v1.Site/Verify': { roles: ['officer', 'operator', 'auditor'], own: true },
    '/tongbu.v1.Site/Prove': { roles: ['officer', 'operator', 'auditor', 'business'], own: true },
    '/tongbu.v1.Site/ExportLog': { roles: ['officer', 'operator', 'auditor'], own: true },
    '/tongbu.v1.Intake/Put': { roles: ['operator', 'business'], own: true },
    '/tongbu.v1.Intake/Load': { roles: ['operator', 'business'], own: true },
    '/tongbu.v1.Intake/Get': { roles: ['operator', 'business'], own: true },
    '/tongbu.v1.Intake/List': { roles: ['operator', 'business'], own: true },
    '/tongbu.v1.Intake/Watch': { roles: ['operator', 'business'], own: true },
    '/tongbu.v1.Hub/ListSites': { roles: ['officer', 'operator', 'auditor'], own: true },
    '/tongbu.v1.Hub/CreateToken': { roles: ['officer', 'operator'], own: true },
  };

/**
 * Why this peer may not call this method of `site`; undefined when it may. A method without a rule is
 * refused.
 */
export function authorise(site: string, peer: Peer, method: string): Fault | undefined {
  const rule = Object.hasOwn(rights, method) ? rights[method] : undefined;
  const refused = fault('TB1606', { role: peer.role, method });
  if (!rule?.roles.includes(peer.role)) return refused;
  return rule.own && peer.site !== site ? refused : undefined;
}
