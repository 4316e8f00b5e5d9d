/** TB1390 to TB1399: what a site knows of authorities and revocations, and how its certificates renew. */
export const trustErrors = {
  TB1390: {
    en: 'An authority that was offered is not trusted: {reason}.',
    zh: '不信任所提供的证书机构：{reason}。',
    hintEn: 'Nothing was changed. Compare the root fingerprint with the province, by telephone.',
    hintZh: '未作任何更改。请通过电话与省中心核对根证书指纹。',
  },
  TB1391: {
    en: 'The site {site} has no valid revocation list, so it answers only officers who open it.',
    zh: '站点 {site} 没有有效的吊销列表，仅应答前来解封的安全员。',
    hintEn:
      'Unseal it: it gets newer lists by itself. Where nobody can call it any more, officers open it at the machine: `tongbu node serve --open-here`.',
    hintZh:
      '请解封站点：它会自动取得新列表。若已无人能连接，请安全员到机器上解封：`tongbu node serve --open-here`。',
  },
  TB1392: {
    en: 'The {which} certificate could not be renewed ({reason}).',
    zh: '证书 {which} 未能续期（{reason}）。',
    hintEn: 'Tongbu tries again by itself; check the line to the hub and whether the hub is unsealed.',
    hintZh: 'Tongbu 会自动重试；请检查到枢纽的线路以及枢纽是否已解封。',
    retry: true,
  },
  TB1393: {
    en: 'The {which} certificate ends at {time} and has not been renewed ({reason}).',
    zh: '证书 {which} 将于 {time} 到期，尚未续期（{reason}）。',
    hintEn:
      'Bring the line to the hub up before that time; after it officers must go to the machine with a token (`tongbu node serve --open-here --token-file`).',
    hintZh:
      '请在到期前恢复到枢纽的线路；过期后须由安全员携令牌到机器上恢复（`tongbu node serve --open-here --token-file`）。',
  },
  TB1394: {
    en: 'The {which} certificate expired at {time}; nobody renews it any more.',
    zh: '证书 {which} 已于 {time} 过期，不能再续期。',
    hintEn:
      'Check the clock (`date -u`); if it is right, officers open the site at its machine: `tongbu hub serve --open-here`, or `tongbu node serve --open-here --token-file` with a token of the hub (`tongbu hub token --rejoin`).',
    hintZh:
      '请核对时钟（`date -u`）；若时钟正确，请安全员到机器上恢复：枢纽用 `tongbu hub serve --open-here`；县用 `tongbu node serve --open-here --token-file`，令牌由枢纽以 `tongbu hub token --rejoin` 生成。',
  },
  TB1395: {
    en: 'The revocation list of {authority} is past half of its life and ends at {time}.',
    zh: '{authority} 的吊销列表已过半程，将于 {time} 到期。',
    hintEn:
      'New lists come with the registry: look at the link to the hub, and at a hub whether it is unsealed.',
    hintZh: '新列表随登记日志到达：请检查到枢纽的链路；在枢纽请确认已解封。',
  },
  TB1396: {
    en: 'The revocation list of {authority} expired at {time}; no certificate can be checked by it.',
    zh: '{authority} 的吊销列表已于 {time} 过期：在取得新列表之前无法核验证书。',
    hintEn: 'The site asks the hub for newer lists by itself; officers can unseal it meanwhile.',
    hintZh: '站点会自动向枢纽索取新列表；其间安全员仍可解封。',
    retry: true,
  },
  TB1397: {
    en: 'The file {path} could not be written; what it held before is still in use.',
    zh: '文件 {path} 无法写入；继续使用原有内容。',
    hintEn: 'Make room on the disk and check the rights of the tls folder; it is tried again.',
    hintZh: '请清理磁盘空间并检查 tls 目录权限；系统会重试。',
    retry: true,
  },
  TB1398: {
    en: 'No key fits the certificate in {path}.',
    zh: '没有与 {path} 中证书相匹配的密钥。',
    hintEn: 'Restore the tls folder and seal.state from the same backup, or enrol again.',
    hintZh: '请从同一备份恢复 tls 目录和 seal.state，或重新准入。',
  },
} as const;
