/** TB1350 to TB1369: renewal, revocation, roll-over. */
export const authorityErrors = {
  TB1350: {
    en: 'This hub has not issued the certificate that asks for renewal.',
    zh: '申请续期的证书不是由本枢纽签发的。',
    hintEn: 'Renew it at the hub that issued it, or enrol again with a new token.',
    hintZh: '请向签发该证书的枢纽续期，或使用新令牌重新准入。',
  },
  TB1351: {
    en: 'The certificate was replaced by a newer one at {time} and renews no more.',
    zh: '该证书已于 {time} 被新证书取代，不能再续期。',
    hintEn: 'Use the newer one; if you do not have it, tell the officers of the hub: somebody else has.',
    hintZh: '请使用新证书；若您没有新证书，请立即告知枢纽安全员：它在他人手中。',
  },
  TB1352: {
    en: 'The request has a key that a certificate had before.',
    zh: '申请中的密钥曾用于其他证书。',
    hintEn: 'Make a new key; every renewal needs one of its own.',
    hintZh: '请生成新密钥；每次续期都必须使用新密钥。',
  },
  TB1353: {
    en: 'There are {count} valid certificates of {holder} already.',
    zh: '{holder} 已有 {count} 个有效证书。',
    hintEn: 'Something renews too often: look at its program log, or revoke what is not in use.',
    hintZh: '续期过于频繁：请检查其程序日志，或吊销不再使用的证书。',
  },
  TB1354: {
    en: 'Nothing that was issued here fits: {what}.',
    zh: '本枢纽没有签发过符合条件的证书：{what}。',
    hintEn: 'See what there is with `tongbu certs list`.',
    hintZh: '请用 `tongbu certs list` 查看已签发的证书。',
    exit: 2,
  },
  TB1355: {
    en: 'A revocation cannot be asked for like this: {reason}.',
    zh: '吊销请求有误：{reason}。',
    hintEn:
      'Give a fingerprint, or a site with role and name, or a site alone; and --reason key-compromise, left, superseded or site-dismissed.',
    hintZh:
      '请给出指纹，或站点加角色和姓名，或仅站点；并给出 --reason key-compromise、left、superseded 或 site-dismissed。',
    exit: 2,
  },
  TB1356: {
    en: 'The hub {site} can not dismiss itself.',
    zh: '枢纽 {site} 不能注销自身。',
    hintEn: 'To end a hub, stop it; to take back single certificates, name them.',
    hintZh: '停用枢纽请直接停止其进程；吊销个别证书请逐个指定。',
    exit: 2,
  },
  TB1357: {
    en: 'The hub serves with this certificate now; without it nobody could reach the hub.',
    zh: '枢纽正在使用该证书；吊销后将无人能连接枢纽。',
    hintEn: 'The hub renews it by itself at two thirds of its life; the replaced one can be revoked.',
    hintZh: '枢纽会在有效期三分之二时自动续期；被取代的旧证书可以吊销。',
  },
  TB1358: {
    en: 'The revocation list of {authority} has passed half of its life; it ends at {time}.',
    zh: '{authority} 的吊销列表已过半个有效期，将于 {time} 失效。',
    hintEn:
      "The hub renews its own every 6 hours; for a root's: `tongbu certs root-list` off line, then `tongbu certs put-list`.",
    hintZh:
      '枢纽每 6 小时自动更新签发机构的列表；根证书的列表请离线执行 `tongbu certs root-list`，再执行 `tongbu certs put-list`。',
  },
  TB1359: {
    en: 'The authority {authority} ends at {time}.',
    zh: '证书机构 {authority} 将于 {time} 到期。',
    hintEn: 'Make the next generation with `tongbu certs next`, then `tongbu certs roll-over`.',
    hintZh: '请用 `tongbu certs next` 创建下一代机构，再执行 `tongbu certs roll-over`。',
  },
  TB1360: {
    en: 'This is no next generation of the authority of {domain}: {reason}.',
    zh: '这不是 {domain} 的下一代证书机构：{reason}。',
    hintEn: 'Make it with `tongbu certs next --authority DIR --out NEW` and hand over that folder whole.',
    hintZh: '请用 `tongbu certs next --authority DIR --out NEW` 创建，并完整移交该目录。',
  },
  TB1361: {
    en: 'The step {step} does not come next: {reason}.',
    zh: '现在不能执行步骤 {step}：{reason}。',
    hintEn:
      'The order is trust, issue, retire; see how far it is with `tongbu certs roll-over` without a step.',
    hintZh: '顺序为 trust、issue、retire；不带步骤执行 `tongbu certs roll-over` 可查看进度。',
  },
  TB1362: {
    en: '{count} certificates are older than the trust in the new root (since {time}): {names}.',
    zh: '有 {count} 个证书早于对新根的信任（自 {time} 起）：{names}。',
    hintEn:
      'Their holders may not know the new root. Wait until they are renewed, or go on with --leave-behind; who is left behind enrols again.',
    hintZh: '其持有人可能还不认识新根。请等待其续期，或用 --leave-behind 继续；被落下者须重新准入。',
  },
  TB1363: {
    en: 'The request {id} was approved for something else.',
    zh: '申请 {id} 批准的是另一事项。',
    hintEn: 'Give the step and the folder that were asked for; see `tongbu seal requests`.',
    hintZh: '请给出申请时的步骤和目录；查看 `tongbu seal requests`。',
    exit: 2,
  },
  TB1364: {
    en: '{count} certificates of {authority} are valid, the last until {time}: {names}.',
    zh: '{authority} 仍有 {count} 个有效证书，最后一个至 {time}：{names}。',
    hintEn: 'Wait until they are renewed or have ended, or revoke them; then retire the authority.',
    hintZh: '请等待其续期或到期，或先吊销，然后再停用该机构。',
  },
  TB1365: {
    en: '{path} holds no certificate, request or revocation list.',
    zh: '{path} 不是证书、证书申请或吊销列表。',
    hintEn: 'Give a PEM or DER file, or the folder of an identity.',
    hintZh: '请给出 PEM 或 DER 文件，或身份目录。',
    exit: 2,
  },
} as const;
