/** TB1440 to TB1499: logs and links at work. */
export const replicationErrors = {
  TB1440: {
    en: 'The log {log} on the disk does not agree with what was signed at size {size}; nothing is signed any more.',
    zh: '磁盘上的日志 {log} 与规模 {size} 处已签名的内容不一致；已停止签名。',
    hintEn: 'Keep the file, run `tongbu node verify` on a copy, and restore the last good backup.',
    hintZh: '请保留该文件，在副本上运行 `tongbu node verify`，并恢复最近的完好备份。',
  },
  TB1441: {
    en: 'The receiver of {log} holds {theirs} entries and this site only {ours}: this site was restored from a backup.',
    zh: '日志 {log} 的接收方持有 {theirs} 条，而本站只有 {ours} 条：本站是从备份恢复的。',
    hintEn: 'Do not load anything into this log; call the provincial centre, it holds the missing entries.',
    hintZh: '请勿再向该日志装载数据；请联系省中心，缺失的条目保存在省中心。',
    retry: true,
  },
  TB1442: {
    en: 'The connection to {site} ended.',
    zh: '与 {site} 的连接已结束。',
    hintEn: 'Nothing to do: it is made again by itself. If it lasts, check the line and the other site.',
    hintZh: '无需操作：系统会自动重连。若持续不通，请检查线路和对端站点。',
    retry: true,
  },
  TB1443: {
    en: 'The site is stopping.',
    zh: '站点正在停止。',
    hintEn: 'Start it again with `serve`.',
    hintZh: '请用 `serve` 重新启动。',
    retry: true,
  },
  TB1444: {
    en: 'The receipt for {log} at size {size} is not signed by {site}; it was not stored.',
    zh: '日志 {log} 在规模 {size} 处的回执不是由 {site} 签名；未予存储。',
    hintEn: 'Compare the mirror key of that site in the registry: `tongbu node list registry`.',
    hintZh: '请核对登记册中该站点的镜像密钥：`tongbu node list registry`。',
    retry: true,
  },
  TB1445: {
    en: '{site} refused {log}: {refusal} ({text}).',
    zh: '{site} 拒绝了 {log}:{refusal}({text})。',
    hintEn: 'See what the refusal means: `tongbu errors TB1445`, and `status` on both sides.',
    hintZh: '请查看拒绝原因：`tongbu errors TB1445`，并在两端查看 `status`。',
    retry: true,
  },
  TB1446: {
    en: '{log} was refused by this site: {refusal} ({text}).',
    zh: '本站拒绝了 {log}:{refusal}({text})。',
    hintEn: 'Compare `status` on both sides; a fork or a wrong signature needs the security officers.',
    hintZh: '请比较两端的 `status`；分叉或签名错误须由安全员处理。',
    retry: true,
  },
  TB1447: {
    en: 'This site does not hold the log {log}.',
    zh: '本站没有日志 {log}。',
    hintEn: 'See `tongbu node status` or `tongbu hub status` for the logs that it holds.',
    hintZh: '请用 `tongbu node status` 或 `tongbu hub status` 查看本站持有的日志。',
  },
  TB1448: {
    en: 'The log {log} has no entry {index} under a checkpoint; it is signed up to {size}.',
    zh: '日志 {log} 没有检查点覆盖的第 {index} 条；已签名至 {size}。',
    hintEn: 'Wait until it is signed (a receiver must have connected), or choose a smaller index.',
    hintZh: '请等待其签名（须有接收方连接过），或选择较小的序号。',
  },
} as const;
