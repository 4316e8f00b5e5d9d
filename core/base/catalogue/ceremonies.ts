/** TB1230 to TB1254: ceremonies of officers beyond unsealing, and where an officer keeps the own share. */
export const ceremonyErrors = {
  TB1230: {
    en: 'The ceremony was not opened; the order is not possible: {reason}.',
    zh: '仪式未发起，所请求的内容不可行：{reason}。',
    hintEn: 'Nothing was changed. Correct the order and repeat; every holder needs an own age recipient.',
    hintZh: '未作任何更改。请修正后重试；每位持有人须有自己的 age 公钥。',
    exit: 2,
  },
  TB1231: {
    en: 'The key store of this computer cannot be used: {reason}. Nothing was stored.',
    zh: '本机的密钥库无法使用：{reason}。未保存任何内容。',
    hintEn: 'Log in to a desktop session with a key store, or keep the share file on a medium of your own.',
    hintZh: '请登录带有密钥库的桌面会话，或将份额文件保存在本人的介质上。',
  },
  TB1232: {
    en: 'The key store of this computer holds no share of officer {officer} for site {site}.',
    zh: '本机密钥库中没有安全员 {officer} 在站点 {site} 的份额。',
    hintEn: 'Use the share file, or store the share in the key store first.',
    hintZh: '请使用份额文件，或先将份额存入密钥库。',
  },
  TB1234: {
    en: 'No share file waits for officer {officer} at site {site}.',
    zh: '站点 {site} 没有待安全员 {officer} 领取的份额文件。',
    hintEn: '`tongbu seal status` shows for whom a new set was dealt; a proved share is not kept.',
    hintZh: '`tongbu seal status` 显示新份额集的持有人；已证明的份额不再保留。',
  },
} as const;
