import { fault } from '../core/base/errors.ts';

/** Security, operation and audit of one site: whoever has one of them is not to have another. */
const apart: ReadonlySet<string> = new Set(['officer', 'operator', 'auditor']);

/**
 * Throws TB1376 when somebody who wants one of the roles that are to be apart has, or wants, another of them.
 * Both lists are grants of one site (`officer/li-wei`); a name is a person.
 */
export function checkSeparation(site: string, wanted: readonly string[], held: readonly string[]): void {
  const relevant = (grants: readonly string[]) =>
    grants.map((grant) => grant.split('/')).filter(([role = '']) => apart.has(role));
  for (const [role = '', name = ''] of relevant(wanted)) {
    const clash = relevant([...held, ...wanted]).find(([other, who]) => who === name && other !== role);
    if (clash) throw fault('TB1376', { name, site, role, other: clash[0] ?? '' });
  }
}
