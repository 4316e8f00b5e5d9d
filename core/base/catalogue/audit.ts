/** TB1950 to TB1969: roles, audit log and contracts of subscribers. */
export const auditErrors = {
  TB1950: {
    en: 'The journal of the seal does not continue what the audit log of {site} holds of it (record {index}), so the site stays sealed.',
    zh: '封存日志与站点 {site} 审计日志中已有的记录不衔接（第 {index} 条），站点保持封存。',
    hintEn:
      'Somebody replaced seal/journal or site data. Keep both as evidence, put the newest journal back, unseal again.',
    hintZh: 'seal/journal 或站点数据已被替换。请将两者留作证据，恢复最新的日志文件后重新解封。',
  },
  TB1951: {
    en: 'The role {role} may not read {log}.',
    zh: '角色 {role} 无权读取 {log}。',
    hintEn: 'Acts are for officers, operators and auditors; the insured are none of an auditor’s business.',
    hintZh: '审计记录限安全员、操作员、审计员读取；审计员不得读取参保人数据。',
  },
  TB1952: {
    en: 'The contract is not valid: {reason}.',
    zh: '数据合约无效：{reason}。',
    hintEn: 'Name the subscriber as 430000 or 430000/NAME and each log as DATASET or SITE/DATASET.',
    hintZh: '订阅方写作 430000 或 430000/名称，日志写作 数据集 或 站点/数据集。',
    exit: 2,
  },
  TB1953: {
    en: 'There is no contract in force for {subscriber}.',
    zh: '订阅方 {subscriber} 没有生效的数据合约。',
    hintEn: 'See all of them: `tongbu hub contract list`.',
    hintZh: '查看全部合约：`tongbu hub contract list`。',
  },
  TB1954: {
    en: 'The audit log of {site} is not here.',
    zh: '此处没有站点 {site} 的审计日志。',
    hintEn: 'See which logs have arrived: `tongbu hub status`.',
    hintZh: '查看已到达的日志：`tongbu hub status`。',
  },
  TB1955: {
    en: 'There is no kind of act {kind}.',
    zh: '没有类别为 {kind} 的审计记录。',
    hintEn: 'Kinds: {kinds}.',
    hintZh: '可用类别：{kinds}。',
    exit: 2,
  },
  TB1956: {
    en: 'The journal inside the audit log of {site} is broken at record {index}.',
    zh: '站点 {site} 审计日志中的封存日志在第 {index} 条处断裂。',
    hintEn: 'Export the log as evidence and compare it with seal/journal: `tongbu log export {site}/audit`.',
    hintZh: '请导出该日志留作证据，并与 seal/journal 对照：`tongbu log export {site}/audit`。',
  },
  TB1957: {
    en: 'The time of --since is not one.',
    zh: '--since 的时间无法识别。',
    hintEn: 'For example 2026-11-22, 2026-11-22T08:00:00Z, 24h or 7d.',
    hintZh: '例如 2026-11-22、2026-11-22T08:00:00Z、24h 或 7d。',
    exit: 2,
  },
} as const;
