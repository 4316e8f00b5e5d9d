import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority, a server for localhost and a client for one run: `ca.crt`, `server.*`, `client.*`. */
export function makeTlsFiles(folder: string, clientName: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = (name: string) => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
    chmodSync(join(folder, `${name}.key`), 0o600);
  };
  key('ca');
  const root = ['-subj', '/CN=bench authority', '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'];
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-out', 'ca.crt', ...root);
  const leafs = [
    ['server', '/CN=localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ['client', `/CN=${clientName}`, 'extendedKeyUsage=clientAuth'],
  ] as const;
  for (const [name, subject, extension] of leafs) {
    key(name);
    writeFileSync(join(folder, `${name}.ext`), `${extension}\n`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const sign = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, '-days', '2', '-out', `${name}.crt`, ...sign);
  }
}
