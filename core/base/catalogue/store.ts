/** TB11xx: the encrypted database files and the data folder. */
export const storeErrors = {
  TB1101: {
    en: 'The database {path} does not exist.',
    zh: '数据库 {path} 不存在。',
    hintEn: 'Create the site first with `tongbu node init` or `tongbu hub init`, or check --data.',
    hintZh: '请先用 `tongbu node init` 或 `tongbu hub init` 创建站点，或检查 --data。',
  },
  TB1102: {
    en: 'The database {path} exists already; nothing was changed.',
    zh: '数据库 {path} 已存在；未作任何更改。',
    hintEn: 'Use another folder, or start the existing site with `serve`.',
    hintZh: '请使用其他目录，或用 `serve` 启动已有站点。',
  },
  TB1103: {
    en: 'The database {path} cannot be opened with this key, or it is not a Tongbu database.',
    zh: '无法用该密钥打开数据库 {path}，或它不是同步系统的数据库。',
    hintEn:
      'No tool opens it without the ring: to look into it ask with `tongbu node db request`; else check that ' +
      'seal/ and the database come from the same site and the same backup.',
    hintZh:
      '脱离密钥环的任何工具都打不开它：如需查看，请用 `tongbu node db request` 申请；' +
      '否则请确认 seal/ 与数据库来自同一站点、同一备份。',
  },
  TB1104: {
    en: 'The database {path} is damaged ({reason}).',
    zh: '数据库 {path} 已损坏（{reason}）。',
    hintEn:
      'Stop the site, keep the file, and restore the last good backup; positions let the peers refill it.',
    hintZh: '请停止站点、保留该文件，并恢复最近的完好备份；对端会按位置补齐数据。',
  },
  TB1105: {
    en: 'There is no space left for {path}; nothing was stored and no position moved.',
    zh: '{path} 所在磁盘已满；未存储任何内容，位置未变。',
    hintEn: 'Free space on that disk; the site goes on by itself.',
    hintZh: '请清理磁盘空间；站点会自动继续。',
    retry: true,
  },
  TB1106: {
    en: 'The database {path} is busy in another program.',
    zh: '数据库 {path} 正被其他程序占用。',
    hintEn: 'Close the other program; the site tries again by itself.',
    hintZh: '请关闭其他程序；站点会自动重试。',
    retry: true,
  },
  TB1107: {
    en: 'Writing {path} failed ({reason}); what is on the disk is not certain any more, so the process stops.',
    zh: '写入 {path} 失败（{reason}）；磁盘上的内容不再确定，进程停止。',
    hintEn: 'Check the disk (`dmesg`), then start the site again; it reads the truth from the disk.',
    hintZh: '请检查磁盘（`dmesg`），再重新启动站点；它会从磁盘重新读取真实状态。',
  },
  TB1108: {
    en: 'The database {path} has version {found}; this program knows versions up to {known}.',
    zh: '数据库 {path} 的版本为 {found}；本程序最高支持版本 {known}。',
    hintEn: 'Start it with the newer program that wrote it; nothing was changed.',
    hintZh: '请使用写入它的较新程序启动；未作任何更改。',
  },
  TB1109: {
    en: 'The data folder {path} is in use by another process.',
    zh: '数据目录 {path} 正被另一进程使用。',
    hintEn: 'Stop the other process, or talk to it: `tongbu … status --data {path}`.',
    hintZh: '请停止该进程，或与其通信：`tongbu … status --data {path}`。',
  },
  TB1110: {
    en: 'The file {path} came out unencrypted; it was not used.',
    zh: '文件 {path} 未加密；已停止使用。',
    hintEn: 'Delete the file and report this: it is a defect of the program.',
    hintZh: '请删除该文件并报告：这是程序缺陷。',
  },
} as const;
