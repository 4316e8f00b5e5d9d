/** TB12xx: shares, share sets, ceremonies, the sealed state, its journal. None is an internal error. */
export const sealErrors = {
  // SEALED
  TB1201: {
    en: 'Site {site} is sealed; its keys cannot be used.',
    zh: '站点 {site} 处于封存状态，密钥不可用。',
    hintEn: 'Let the officers enter their shares: `tongbu seal unseal`.',
    hintZh: '请安全员逐一输入密钥份额：`tongbu seal unseal`。',
    exit: 3,
  },
  // ALREADY_UNSEALED
  TB1202: {
    en: 'Site {site} is already unsealed; the share was not used.',
    zh: '站点 {site} 已经解封，该份额未被使用。',
    hintEn: 'Nothing to do. `tongbu seal status` shows the state.',
    hintZh: '无需操作。可用 `tongbu seal status` 查看状态。',
  },
  // CEREMONY_NONE
  TB1203: {
    en: 'No ceremony is open at site {site} to which this belongs.',
    zh: '站点 {site} 没有与此对应的进行中的仪式。',
    hintEn:
      'See `tongbu seal status`; a site without keys needs `init` first, otherwise start again with share 1.',
    hintZh: '请查看 `tongbu seal status`；没有密钥的站点须先执行 `init`，否则请从第一份份额重新开始。',
  },
  // CEREMONY_OPEN
  TB1204: {
    en: 'Another ceremony is open: {kind}, opened by {openedBy}.',
    zh: '另一个仪式正在进行：{kind}，由 {openedBy} 发起。',
    hintEn: 'Finish it, wait until it expires, or cancel it with `tongbu seal cancel`; then repeat.',
    hintZh: '请先完成它、等待其过期，或用 `tongbu seal cancel` 取消，然后重试。',
  },
  // CEREMONY_EXPIRED
  TB1205: {
    en: 'The ceremony {kind} expired; the shares entered in it were wiped.',
    zh: '仪式 {kind} 已过期，其中已输入的份额已清除。',
    hintEn: 'Start again: every officer enters the share once more (for `init`: repeat `init`).',
    hintZh: '请重新开始：每位安全员重新输入份额（若为 `init`，请重新执行 `init`）。',
  },
  // OFFICER_UNKNOWN
  TB1206: {
    en: 'Nobody here is known as officer {officer}.',
    zh: '此处没有名为 {officer} 的安全员。',
    hintEn: 'Use the officer id of your certificate; `tongbu seal status` lists the holders.',
    hintZh: '请使用证书中的安全员标识；`tongbu seal status` 列出份额持有人。',
  },
  // OFFICER_NOT_HOLDER
  TB1207: {
    en: 'Officer {officer} holds no share of set {set}.',
    zh: '安全员 {officer} 不是份额集 {set} 的持有人。',
    hintEn: 'Only the holders listed by `tongbu seal status` can enter a share.',
    hintZh: '只有 `tongbu seal status` 列出的持有人可以输入份额。',
  },
  // OFFICER_REVOKED
  TB1208: {
    en: 'The certificate of officer {officer} was revoked.',
    zh: '安全员 {officer} 的证书已被吊销。',
    hintEn: 'Another holder enters a share; replace the holder afterwards.',
    hintZh: '请由其他持有人输入份额，之后更换该持有人。',
  },
  // SHARE_MALFORMED
  TB1209: {
    en: 'The share text of officer {officer} has a typing error: its checksum does not fit.',
    zh: '安全员 {officer} 输入的份额有误：校验码不符。',
    hintEn: 'Copy the line that starts with tbs1 again, whole; nothing else changed.',
    hintZh: '请重新完整复制以 tbs1 开头的一行；其他状态未改变。',
  },
  // SHARE_WRONG_SITE
  TB1210: {
    en: 'The share of officer {officer} belongs to site {found}, this is site {site}.',
    zh: '安全员 {officer} 的份额属于站点 {found}，而本站点是 {site}。',
    hintEn: 'Take the share file of site {site}.',
    hintZh: '请使用站点 {site} 的份额文件。',
  },
  // SHARE_WRONG_SET
  TB1211: {
    en: 'The share of officer {officer} belongs to set {set} (epoch {epoch}); set {wanted} is in force.',
    zh: '安全员 {officer} 的份额属于份额集 {set}（第 {epoch} 期）；现行份额集为 {wanted}。',
    hintEn:
      'Take the share file of the set in force: a replaced set opens nothing, a new one not before it is proved.',
    hintZh: '请使用现行份额集的份额文件：已更换的份额集不能解封，新份额集须先经持有人证明。',
  },
  // SHARE_WRONG_HOLDER
  TB1212: {
    en: 'Share {holder} of set {set} is not the share of officer {officer}.',
    zh: '份额集 {set} 的第 {holder} 号份额不属于安全员 {officer}。',
    hintEn: 'Every officer enters the own share, with the own certificate.',
    hintZh: '每位安全员须使用本人证书输入本人的份额。',
  },
  // SHARE_INVALID
  TB1213: {
    en: 'The share of officer {officer} does not fit the commitments of set {set}.',
    zh: '安全员 {officer} 的份额与份额集 {set} 的承诺值不符。',
    hintEn:
      'The share was altered or dealt wrongly: use another copy of it, and report it if that fails too.',
    hintZh: '该份额被改动或分发有误：请换用另一副本，若仍失败请上报。',
  },
  // SHARE_DUPLICATE
  TB1214: {
    en: 'Officer {officer} has already entered the share of set {set}.',
    zh: '安全员 {officer} 已输入过份额集 {set} 的份额。',
    hintEn: 'Another holder has to enter the next share.',
    hintZh: '下一份份额须由另一位持有人输入。',
  },
  // THRESHOLD_NOT_MET
  TB1215: {
    en: '{have} of {need} shares are there.',
    zh: '已有 {have} 份份额，需要 {need} 份。',
    hintEn: 'More holders enter their shares; `tongbu seal status` shows who has.',
    hintZh: '请更多持有人输入份额；`tongbu seal status` 显示已输入者。',
  },
  // MANIFEST_MISMATCH
  TB1216: {
    en: 'The share file names manifest {found}, the site holds {manifest}.',
    zh: '份额文件所载清单为 {found}，站点持有的清单为 {manifest}。',
    hintEn: 'Stop: two sets were dealt, or a file was replaced. Compare the hash with the other officers.',
    hintZh: '请停止操作。分发者发出了两套不同的份额，或文件被替换：请各安全员核对该散列值。',
  },
  // STATE_DAMAGED
  TB1217: {
    en: 'The file {path} cannot be used: {reason}.',
    zh: '文件 {path} 无法使用：{reason}。',
    hintEn: 'Put back the file from the newest backup of this site; do not run `init` again.',
    hintZh: '请从本站点最新备份恢复该文件；不要重新执行 `init`。',
  },
  // STATE_OLDER
  TB1218: {
    en: 'The sealed state has epoch {epoch}; officer {officer} has already seen epoch {seen}.',
    zh: '封存状态为第 {epoch} 期；安全员 {officer} 曾见过第 {seen} 期。',
    hintEn: 'An old state file was put back: restore the newest one, and find out who replaced it.',
    hintZh: '封存状态文件被旧版本替换：请恢复最新版本，并查明替换原因。',
  },
  // AUDIT_UNAVAILABLE
  TB1219: {
    en: 'The journal {path} cannot be written, so nothing was done.',
    zh: '日志文件 {path} 无法写入，因此未执行任何操作。',
    hintEn: 'Make room on the disk and check the rights of the file, then repeat.',
    hintZh: '请清理磁盘空间并检查文件权限，然后重试。',
    retry: true,
  },
  TB1220: {
    en: 'Site {site} already has keys, in force since epoch {epoch}.',
    zh: '站点 {site} 已有密钥（第 {epoch} 期起生效）。',
    hintEn: 'Nothing was changed. Use `tongbu seal unseal`, or another data folder for a new site.',
    hintZh: '未作任何更改。请使用 `tongbu seal unseal`，新站点请使用其他数据目录。',
  },
  TB1221: {
    en: 'A share set of {threshold} of {holders} is not possible: {reason}.',
    zh: '不能建立 {threshold}/{holders} 的份额集：{reason}。',
    hintEn: 'At least 2 shares are needed, from different officers: for example 2 of 3.',
    hintZh: '至少需要 2 份份额，且由不同安全员持有，例如 3 人中 2 人。',
    exit: 2,
  },
  TB1222: {
    en: 'The journal of this site does not contain the record that officer {officer} saw last.',
    zh: '本站点日志中没有安全员 {officer} 上次见到的记录。',
    hintEn: 'The journal was rewritten or cut: keep the file as evidence and restore the newest one.',
    hintZh: '日志被改写或截断：请保留该文件作为证据，并恢复最新版本。',
  },
  TB1223: {
    en: 'The secret file {path} can be read by others (mode {mode}).',
    zh: '机密文件 {path} 可被其他用户读取（权限 {mode}）。',
    hintEn: '`chmod 600 {path}`, then start again; ask who could have read it.',
    hintZh: '请执行 `chmod 600 {path}` 后重新启动，并查明可能的读取者。',
  },
  TB1224: {
    en: 'The share file cannot be opened: {reason}.',
    zh: '份额文件无法打开：{reason}。',
    hintEn: 'Check the passphrase or the identity file, and that the file is whole.',
    hintZh: '请检查口令或身份文件，并确认文件完整。',
  },
  TB1225: {
    en: 'Share set {set} is refused: {found} commitments for a threshold of {threshold}.',
    zh: '份额集 {set} 被拒绝：门限为 {threshold}，但承诺值有 {found} 个。',
    hintEn: 'The dealer used another polynomial than announced: discard the set and deal again.',
    hintZh: '分发者使用的多项式与声明不符：请废弃该份额集并重新分发。',
  },
  TB1226: {
    en: 'The key ring has no usable key for {purpose}.',
    zh: '密钥环中没有可用的 {purpose} 密钥。',
    hintEn: 'The site was set up for another role, or the key was dropped: see `tongbu seal status`.',
    hintZh: '站点角色不符或密钥已移除：请查看 `tongbu seal status`。',
  },
  TB1227: {
    en: 'The sealed state {path} could not be written; the old one is unchanged.',
    zh: '封存状态 {path} 无法写入，原状态未变。',
    hintEn: 'Make room on the disk and check the rights of the folder, then repeat.',
    hintZh: '请清理磁盘空间并检查目录权限，然后重试。',
    retry: true,
  },
  TB1228: {
    en: 'It is not known whether the sealed state {path} reached the disk.',
    zh: '无法确定封存状态 {path} 是否已写入磁盘。',
    hintEn: 'Check the disk and start the process again: it reads what is there.',
    hintZh: '请检查磁盘并重新启动进程，由其重新读取实际状态。',
  },
  TB1229: {
    en: 'The passphrase is too short: at least {min} characters.',
    zh: '口令过短：至少需要 {min} 个字符。',
    hintEn: 'Take four or five random words.',
    hintZh: '建议使用四到五个随机词语。',
    exit: 2,
  },
} as const;
