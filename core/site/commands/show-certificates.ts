import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Described, describeFile } from '../../../certs/describe-file.ts';
import { fault } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import type { CliContext } from '../../cli/context.ts';
import { printResult } from '../../cli/output.ts';
import { formatDuration } from '../../cli/table.ts';
import { identityFiles } from '../trust/identity-folder.ts';

/** Prints what stands in a file, offline; that it is true, the other side says. Throws TB1003, TB1365. */
export async function showFile(context: CliContext, path: string): Promise<void> {
  const parts = [identityFiles.chain, identityFiles.root, identityFiles.lists].map((name) =>
    join(path, name),
  );
  const files = existsSync(parts[0] ?? '') ? parts.filter((each) => existsSync(each)) : [path];
  const found = (await Promise.all(files.map((file) => describeFile(read(file))))).flat();
  if (found.length === 0) throw fault('TB1365', { path });
  const nowMs = context.clock.nowMs();
  printResult(context, { items: found.map(document) }, () =>
    found.map((each) => context.text(sentence(each, nowMs))).join('\n\n'),
  );
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault('TB1003', { path }, error);
  }
}

function document(found: Described): object {
  if (found.kind === 'request') return found;
  const { fromMs, untilMs, ...rest } = found;
  return { ...rest, from: iso(fromMs), until: iso(untilMs) };
}

function sentence(found: Described, nowMs: number): Text {
  if (found.kind === 'request') {
    const { keyWords } = found;
    return { en: `Certificate request\n  key words    ${keyWords}`, zh: `证书申请\n  密钥词    ${keyWords}` };
  }
  const until = iso(found.untilMs);
  const left = standing(found, nowMs);
  if (found.kind === 'list') {
    const { issuer, number, revoked } = found;
    const serials = revoked.map((serial) => `\n    ${serial}`).join('');
    return {
      en: `Revocation list ${number} of ${issuer}\n  until        ${until} (${left.en})\n  revoked      ${revoked.length}${serials}`,
      zh: `${issuer} 的第 ${number} 号吊销列表\n  有效期至  ${until}（${left.zh}）\n  已吊销    ${revoked.length}${serials}`,
    };
  }
  const { subject, issuer, uri, hosts, fingerprint, keyWords, authority } = found;
  const names = hosts.length > 0 ? hosts.join(', ') : '-';
  const kind = authority ? { en: 'Authority', zh: '证书机构' } : { en: 'Certificate', zh: '证书' };
  return {
    en: `${kind.en} ${subject}
  identity     ${uri || '-'}
  hosts        ${names}
  issued by    ${issuer}
  from         ${iso(found.fromMs)}
  until        ${until} (${left.en})
  fingerprint  ${fingerprint}
  key words    ${keyWords}`,
    zh: `${kind.zh} ${subject}
  身份      ${uri || '-'}
  主机名    ${names}
  签发机构  ${issuer}
  生效      ${iso(found.fromMs)}
  有效期至  ${until}（${left.zh}）
  指纹      ${fingerprint}
  密钥词    ${keyWords}`,
  };
}

function standing({ fromMs, untilMs }: { fromMs: number; untilMs: number }, nowMs: number): Text {
  if (nowMs < fromMs) return { en: 'not valid yet', zh: '尚未生效' };
  const time = formatDuration(Math.abs(untilMs - nowMs));
  return nowMs < untilMs
    ? { en: `${time} left`, zh: `剩余 ${time}` }
    : { en: `ended ${time} ago`, zh: `已过期 ${time}` };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
