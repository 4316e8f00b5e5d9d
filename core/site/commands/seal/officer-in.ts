import { onlyIdentity } from '../caller.ts';
import type { RemoteSite } from '../site-connection.ts';

/** The only officer's identity in a data folder, for officers' acts without --as. */
export function officerIn({ folder }: RemoteSite): string {
  return folder ? onlyIdentity(folder.paths, 'officer') : '';
}

/** The only operator's, for what operators may ask as well. */
export function operatorIn({ folder }: RemoteSite): string {
  return folder ? onlyIdentity(folder.paths, 'operator') : '';
}
