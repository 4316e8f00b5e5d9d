// reflect-metadata must come first, or the library throws when it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** The X.509 library, configured; every file of this folder takes it from here. */
export { x509 };
