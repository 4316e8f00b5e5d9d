import { X509Certificate } from 'node:crypto';
import type { CliContext } from '../../cli/context.ts';
import { printNote } from '../../cli/output.ts';

/**
 * Says so when a person's certificate (DER) is in the last third of its life; no command renews it unasked.
 */
export function noticeEnd(context: CliContext, folder: string, certificate: Uint8Array): void {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const [fromMs, toMs, nowMs] = [validFromDate.getTime(), validToDate.getTime(), context.clock.nowMs()];
  if (nowMs < fromMs + ((toMs - fromMs) * 2) / 3 || nowMs >= toMs) return;
  const until = validToDate.toISOString().slice(0, 16).replace('T', ' ');
  printNote(
    context,
    context.text({
      en: `The certificate in ${folder} ends ${until} UTC. Renew it: tongbu certs renew --identity ${folder} --address HUB:7443`,
      zh: `${folder} 中的证书将于 ${until} UTC 到期。请续期：tongbu certs renew --identity ${folder} --address 枢纽:7443`,
    }),
  );
}
