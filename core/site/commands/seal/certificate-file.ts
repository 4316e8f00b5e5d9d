import { fault } from '../../../base/errors.ts';

/** One `--certificate`. */
export interface CertificateFile {
  readonly officer: string;
  readonly path: string;
}

/** `zhao=cert.pem`. Throws TB1618. */
export function parseCertificate(text: string): CertificateFile {
  const match = /^([a-z0-9-]{1,32})=(.+)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return { officer: match[1], path: match[2] };
  throw fault('TB1618', {
    option: '--certificate',
    form: 'NAME=cert.pem',
    command: 'tongbu seal change-holders',
  });
}
