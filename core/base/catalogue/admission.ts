/** TB1370 to TB1389: approved enrolment, files for browsers. */
export const admissionErrors = {
  TB1370: {
    en: 'A request with this token but other keys waits already: {id}, until {time}.',
    zh: '该令牌已有一项使用其他密钥的申请在等待：{id}，有效期至 {time}。',
    hintEn:
      'If it is not yours, tell the province at once: somebody else has the token. If it is, ask for a new token.',
    hintZh: '若非本人提交，请立即通知上级：令牌已落入他人之手。若为本人此前中断的申请，请索取新令牌。',
  },
  TB1371: {
    en: 'The enrolment {id} was rejected by an officer of the hub; its token is void.',
    zh: '准入申请 {id} 已被枢纽安全员驳回，其令牌作废。',
    hintEn: 'Ask the officers why, then for a new token.',
    hintZh: '请向安全员了解原因，再索取新令牌。',
  },
  TB1372: {
    en: 'No such request waits with this token.',
    zh: '该令牌没有这项等待中的申请。',
    hintEn: 'It was decided or withdrawn before; enrol again with a token that was not used.',
    hintZh: '该申请已有结果或已撤回；请用未使用的令牌重新准入。',
  },
  TB1373: {
    en: 'The hub shows other words for the keys than those of the keys made here.',
    zh: '枢纽给出的密钥词与本机密钥的密钥词不一致。',
    hintEn: 'Nothing was installed. Compare `tongbu --version` on both sides and tell the province.',
    hintZh: '未安装任何内容。请比较双方的 `tongbu --version`，并通知上级。',
  },
  TB1374: {
    en: 'Interrupted; the request {id} is withdrawn. Its keys are gone, the token may be used again until {time}.',
    zh: '已中断；申请 {id} 已撤回。其密钥已丢弃，令牌在 {time} 之前可再次使用。',
    hintEn: 'Run the same command again: it makes new keys and opens another request.',
    hintZh: '重新执行同一命令：将生成新密钥并提交新申请。',
  },
  TB1375: {
    en: 'Interrupted; the hub could not be told. The token takes no other keys until {time} (request {id}).',
    zh: '已中断，但未能通知枢纽。在 {time} 之前，该令牌不接受其他密钥（申请 {id}）。',
    hintEn: 'Ask the province for a new token, and an officer to reject the request.',
    hintZh: '请向上级索取新令牌，并请安全员驳回该申请。',
  },
  TB1376: {
    en: '{name} can not be {role} of {site}: the same person is {other} there.',
    zh: '{name} 不能担任 {site} 的 {role}：同一人在该站点已是 {other}。',
    hintEn:
      'One person holds one of officer, operator and auditor; name somebody else, or revoke the other first.',
    hintZh: '同一人只能担任安全员、操作员、审计员之一；请另选他人，或先吊销原有证书。',
    exit: 2,
  },
  TB1377: {
    en: 'A hub issues itself no certificates of a site: {grant}.',
    zh: '枢纽不能为自身签发站点证书：{grant}。',
    hintEn: 'For persons of the hub itself give --existing and their names, nothing else.',
    hintZh: '为枢纽本身的人员签发时，请使用 --existing 并只给出人员姓名代号。',
    exit: 2,
  },
  TB1378: {
    en: 'The file {path} exists already.',
    zh: '文件 {path} 已存在。',
    hintEn: 'Give another name with --out, or move the old file away.',
    hintZh: '请用 --out 指定其他文件名，或先移走旧文件。',
    exit: 2,
  },
  TB1379: {
    en: 'A role {role} is for a site, not for a person or system.',
    zh: '角色 {role} 属于站点，不属于人员或系统。',
    hintEn: 'Give one of: {roles}. Sites enrol with `tongbu node init` or `tongbu hub init`.',
    hintZh: '可用角色：{roles}。站点请使用 `tongbu node init` 或 `tongbu hub init` 准入。',
    exit: 2,
  },
  TB1380: {
    en: 'The token does not grant all that {site} needs to come back.',
    zh: '该令牌未包含 {site} 恢复所需的全部身份。',
    hintEn: 'Nothing was changed. Ask the hub for the token of exactly this line: `{line}`',
    hintZh: '未作任何更改。请在上级枢纽按此行生成令牌：`{line}`',
  },
  TB1381: {
    en: 'The token is of {found}; the site {site} belongs to {hub}.',
    zh: '该令牌属于 {found}；站点 {site} 隶属于 {hub}。',
    hintEn: 'Nothing was sent. Ask the hub that the site belongs to for a token.',
    hintZh: '尚未发送任何内容。请向本站点所属的枢纽索取令牌。',
    exit: 2,
  },
  TB1382: {
    en: 'The hub {hub} shows other keys than those that this site knows.',
    zh: '枢纽 {hub} 给出的密钥与本站点所记录的不一致。',
    hintEn:
      'Nothing was installed. Tell the officers of the hub; another hub answers in its place, or it was set up anew.',
    hintZh: '未安装任何内容。请告知枢纽的安全员：可能有他人冒充，或该枢纽已重建。',
  },
  TB1383: {
    en: '{required} shares open the site {site}; {found} were given.',
    zh: '解封站点 {site} 需要 {required} 份份额；已给出 {found} 份。',
    hintEn: 'Nothing was opened. Give --share once for each of {required} officers.',
    hintZh: '站点未解封。请为 {required} 名安全员各给出一次 --share。',
    exit: 2,
  },
} as const;
