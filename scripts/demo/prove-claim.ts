import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkProof } from '../../core/log/check-proof.ts';
import { parseVkey } from '../../core/log/keys.ts';
import { policyOfLog } from '../../core/log/log-policy.ts';
import { printProofFile } from '../../core/log/proof-file.ts';
import type { DemoSite } from './demo-site.ts';
import type { Narration } from './narration.ts';
import { seenLogs } from './observe.ts';

interface ProveMessage {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly path: Uint8Array[];
  readonly checkpoint: Uint8Array;
  readonly vkey: string;
}

/**
 * Takes the proof of one claim from the province and checks it with nothing but the county's public key, as a
 * court or an auditor would: no connection, no database, no trust in the province.
 */
export async function proveOneClaim(
  province: DemoSite,
  folder: string,
  kept: boolean,
  tell: Narration,
): Promise<void> {
  tell.chapter({ en: 'One claim, proven offline', zh: '一条报销记录的离线证明' });
  const claims = (await seenLogs(province))?.find(({ log, signed }) => log.endsWith('/claims') && signed > 0);
  if (!claims) return tell.step({ en: 'no claims were loaded', zh: '未装载报销数据' });
  const client = await province.client();
  const index = Math.floor(claims.signed / 2);
  const request = { log: claims.log, index };
  const { entry, path, checkpoint, vkey } = await client.unary<ProveMessage>(
    'site',
    'Site',
    'prove',
    request,
  );
  const proofFile = printProofFile({ index, path, checkpoint });
  const files = { proof: join(folder, 'claim.tlog-proof'), entry: join(folder, 'claim.entry') };
  writeFileSync(files.proof, proofFile);
  writeFileSync(files.entry, entry);
  const proven = checkProof(proofFile, entry, policyOfLog(parseVkey(vkey)));
  tell.step({
    en: `entry ${index} of ${proven.origin} (${proven.size} entries) is genuine: ${path.length} hashes, one signature`,
    zh: `${proven.origin}（共 ${proven.size} 条）的第 ${index} 条属实：${path.length} 个哈希、一个签名`,
  });
  if (!kept) return;
  const check = `npx tongbu log check ${files.proof} --entry ${files.entry} --vkey '${vkey}'`;
  tell.step({ en: `check it yourself: ${check}`, zh: `可自行验证：${check}` });
}
