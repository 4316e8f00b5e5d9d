import { createHash } from 'node:crypto';
import type { ActList } from '../core/site/audit/act-list.ts';
import type { Audit } from '../core/site/audit/audit.ts';
import type { Contract } from './contract.ts';

const step = 'uplink-contract';

/**
 * The contract for the hub above is a file of this machine: what it says at an opening is written down
 * whenever it is not what it said at the last one. Throws TB1219: the hub stays sealed.
 */
export function recordUplinkContract(contract: Contract, above: string, audit: Audit, acts: ActList): void {
  const lines = contract.lines();
  const content = createHash('sha256').update(lines.join('\n')).digest('hex');
  const subject = `to ${above}, sha256 ${content}`;
  if (acts.newest('contract', step)?.subject === subject) return;
  const detail = lines.length === 0 ? 'nothing' : lines.join(', ');
  audit.write({ kind: 'contract', step, by: 'site', subject, detail });
}
