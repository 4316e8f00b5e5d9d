import type { KeyRing } from '../../seal/key-ring.ts';

/** The key ring of the open site, as its seal holds it. */
export interface RingAccess {
  /**
   * Ask each time: after `replace` an older answer is empty. Throws SEALED when the site has been sealed
   * since.
   */
  ring(): KeyRing;
  /** Stores a ring made by `with…`; durable and journalled when it returns. The old one is wiped. */
  replace(change: (ring: KeyRing) => KeyRing): void;
}
