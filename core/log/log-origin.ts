import { fault } from '../base/errors.ts';
import { type LogName, parseLog, printLog } from './batch.ts';

/*
 * Names in signed notes. A log's origin line is also the name of its key; a cosigner's name says what its
 * key states. Site codes have six digits, so no log can be called `mirror` or `witness`.
 */

export interface LogOrigin {
  /** e.g. `hunan.example` */
  readonly trustDomain: string;
  readonly log: LogName;
}

/** `hunan.example/430121/enrollment`. Throws TB1411. */
export function originLine(trustDomain: string, log: LogName): string {
  const line = `${trustDomain}/${printLog(log)}`;
  parseOriginLine(line);
  return line;
}

/** Throws TB1411. */
export function parseOriginLine(line: string): LogOrigin {
  const slash = line.indexOf('/');
  const trustDomain = line.slice(0, Math.max(slash, 0));
  const log = parseLog(line.slice(slash + 1));
  if (!isTrustDomain(trustDomain) || !log) throw fault('TB1411', { name: line, reason: 'it names no log' });
  return { trustDomain, log };
}

/** Name of the key that says "durably holds every entry". Throws TB1411. */
export function mirrorName(trustDomain: string, site: string): string {
  return cosignerName(trustDomain, 'mirror', site);
}

/** Name of the key that says "saw a consistent checkpoint". Throws TB1411. */
export function witnessName(trustDomain: string, site: string): string {
  return cosignerName(trustDomain, 'witness', site);
}

function cosignerName(trustDomain: string, statement: string, site: string): string {
  const name = `${trustDomain}/${statement}/${site}`;
  if (!isTrustDomain(trustDomain) || !/^[0-9]{6}$/.test(site)) {
    throw fault('TB1411', { name, reason: 'it names no site' });
  }
  return name;
}

/** A DNS name in lower case; it stands in certificates too. */
function isTrustDomain(name: string): boolean {
  const labels = name.split('.');
  return name.length <= 253 && labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
