import { withoutComments } from './scan.ts';
import { isProduct, type Source } from './sources.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly reason: string;
  /** Where it is allowed nevertheless: beginnings of paths. */
  readonly except?: readonly string[];
}

const worldly = ['core/base/clock.ts', 'core/cli/'] as const;

/** Asks an unknown hub for its root alone, and compares that with the token's digest before it says more. */
const pinned = ['core/wire/enrolment-client.ts'] as const;

/** What a product file may not contain outside comments. */
export const bans: readonly Ban[] = [
  { pattern: /\bDate\.now\b/, reason: 'take the time from a Clock', except: worldly },
  { pattern: /\bnew Date\(\)/, reason: 'take the time from a Clock', except: worldly },
  { pattern: /\bperformance\.now\b/, reason: 'take the time from a Clock', except: worldly },
  { pattern: /\bMath\.random\b/, reason: 'take randomness from a Random' },
  { pattern: /\bset(Timeout|Interval)\(/, reason: 'sleep with a Clock', except: worldly },
  { pattern: /\bconsole\./, reason: 'use the Logger, or core/cli/output.ts' },
  { pattern: /\bprocess\.exit\(/, reason: 'only bin ends the process' },
  { pattern: /\bcreateInsecure\b/, reason: 'there is no insecure mode' },
  { pattern: /\bcreateCertificateProviderServerCredentials\b/, reason: 'has no TLS floor' },
  { pattern: /\brejectUnauthorized\s*:\s*false/, reason: 'every peer is checked', except: pinned },
  { pattern: /\bkeylog\b|\benableTrace\b|tls-keylog/, reason: 'writes session keys or traces' },
  { pattern: /\.serialize\(/, reason: 'gives the plaintext of an encrypted database', except: ['certs/'] },
  { pattern: /\.backup\(/, reason: 'fails on an encrypted database; use VACUUM INTO' },
  { pattern: /\bverbose\s*:/, reason: 'prints bound values' },
  { pattern: /\bloadExtension\b/, reason: 'runs foreign code inside the database' },
  { pattern: /\bATTACH\b/, reason: 'one file, one key' },
  { pattern: /['"`]SM2['"`]/, reason: 'signs plain ECDSA or with an empty id in node:crypto' },
  {
    pattern: /\.reveal\(\)/,
    reason: 'only records and indexes may',
    except: ['core/records/', 'core/intake/', 'hub/index/'],
  },
  { pattern: /\benum\s+\w+\s*\{/, reason: 'use a union of string literals' },
  { pattern: /^export default\b/m, reason: 'one named noun a file' },
];

// The one that refuses these at the start, and the one that refuses the curve, have to name them.
const namers: readonly string[] = ['core/site/start-check.ts', 'core/seal/suite.ts'];

export function banViolations({ path, text }: Source): string[] {
  if (!isProduct(path) || namers.includes(path)) return [];
  const code = withoutComments(text);
  return bans
    .filter(({ except = [] }) => !except.some((place) => path.startsWith(place)))
    .flatMap(({ pattern, reason }) => {
      const found = pattern.exec(code);
      return found ? [`${path}:${lineAt(code, found.index)} ${found[0].trim()}: ${reason}`] : [];
    });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
