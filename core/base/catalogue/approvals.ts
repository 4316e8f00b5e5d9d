/** TB1900 to TB1909: acts that several officers must approve. */
export const approvalErrors = {
  TB1900: {
    en: 'There is no request {id} at this site.',
    zh: '本站点没有编号为 {id} 的申请。',
    hintEn: 'See the open ones: `tongbu seal requests`.',
    hintZh: '查看待批申请：`tongbu seal requests`。',
    exit: 2,
  },
  TB1901: {
    en: 'The request {id} is not open any more: it is {state}.',
    zh: '申请 {id} 已不在待批状态：{state}。',
    hintEn: 'Ask again if the act is still needed.',
    hintZh: '如仍有需要，请重新提出申请。',
  },
  TB1902: {
    en: 'Who asked for {id} can not approve it.',
    zh: '申请 {id} 的提出人不能自行批准。',
    hintEn: 'Another officer of this site approves: `tongbu seal approve {id} --as people/officer-NAME`.',
    hintZh: '请由本站点另一名安全员批准：`tongbu seal approve {id} --as people/officer-NAME`。',
  },
  TB1903: {
    en: 'Officer {officer} has decided on {id} already.',
    zh: '安全员 {officer} 已就申请 {id} 表过态。',
    hintEn: 'Nothing was changed; another officer is needed.',
    hintZh: '状态未改变；需要另一名安全员。',
  },
  TB1904: {
    en: 'The request {id} was not approved: {have} of {required} officers.',
    zh: '申请 {id} 尚未获批：已有 {have}/{required} 名安全员。',
    hintEn: 'Officers approve with `tongbu seal approve {id}`; look again with `tongbu seal requests`.',
    hintZh: '请安全员执行 `tongbu seal approve {id}`；可用 `tongbu seal requests` 查看。',
  },
  TB1905: {
    en: 'A reason of at least {min} characters is needed.',
    zh: '必须给出至少 {min} 个字符的理由。',
    hintEn: 'Say why, with --reason; it goes into the audit log.',
    hintZh: '请用 --reason 说明理由，该理由将写入审计日志。',
    exit: 2,
  },
  TB1906: {
    en: 'There are {open} open requests already.',
    zh: '已有 {open} 项待批申请。',
    hintEn: 'Let officers decide on some: `tongbu seal requests`.',
    hintZh: '请安全员先处理部分申请：`tongbu seal requests`。',
  },
  TB1907: {
    en: 'What {id} asks for is being done right now.',
    zh: '申请 {id} 所请求的操作正在执行。',
    hintEn: 'Look in a moment whether it is done: `tongbu seal requests`.',
    hintZh: '请稍后查看是否已完成：`tongbu seal requests`。',
  },
} as const;
