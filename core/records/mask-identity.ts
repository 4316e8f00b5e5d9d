import { type Masking, maskAs } from '../base/sensitive.ts';
import type { Printed } from './print-value.ts';

const maskings: Readonly<Record<string, Masking>> = {
  psn_name: 'name',
  used_name: 'name',
  certno: 'id',
  tel: 'phone',
};

/** What of an identity field may stand on a screen; of most of them nothing. */
export function maskIdentity(field: string, value: Printed): string {
  return maskAs(maskings[field] ?? 'all', String(value));
}
