import { X509Certificate } from 'node:crypto';
import { keyIdOf } from '../../../certs/certificate-record.ts';
import type { RevocationList } from '../../../certs/revocation-list.ts';

/** Certificates whose name was read; a hub has some hundreds of live ones (I7). */
const namesMax = 4_096;

/**
 * What revocation lists say, by issuer and serial number: for connections that were made before their list
 * came, and for a site whose lists have expired, which still knows whom they name.
 */
export class RevokedSerials {
  #revoked: ReadonlySet<string> = new Set();
  /** By fingerprint: parsing costs more than a call is worth. */
  readonly #names = new Map<string, string>();

  /** `authorities` are DER; no two of them have the same name. */
  replace(lists: readonly RevocationList[], authorities: readonly Uint8Array[]): void {
    const subjects = new Map(authorities.map((der) => [keyIdOf(der), new X509Certificate(der).subject]));
    this.#revoked = new Set(
      lists.flatMap(({ authorityKeyId, revoked }) => {
        const issuer = subjects.get(authorityKeyId);
        return issuer === undefined ? [] : revoked.map(({ serial }) => `${serial} ${issuer}`);
      }),
    );
  }

  has(der: Uint8Array, fingerprint: string): boolean {
    return this.#revoked.size > 0 && this.#revoked.has(this.#nameOf(der, fingerprint));
  }

  #nameOf(der: Uint8Array, fingerprint: string): string {
    const known = this.#names.get(fingerprint);
    if (known !== undefined) return known;
    const { serialNumber, issuer } = new X509Certificate(der);
    // Libraries print serial numbers in different case and length.
    const name = `${serialNumber.toLowerCase().replace(/^0+/, '')} ${issuer}`;
    const [oldest] = this.#names.keys();
    if (this.#names.size >= namesMax && oldest !== undefined) this.#names.delete(oldest);
    this.#names.set(fingerprint, name);
    return name;
  }
}
