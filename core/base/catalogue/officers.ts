/** TB1255 to TB1264: what an officer's own computer finds before anything is sent. */
export const officerErrors = {
  TB1255: {
    en: 'The file {path} exists already; nothing was written.',
    zh: '文件 {path} 已存在；未写入任何内容。',
    hintEn: 'Give another name with --out; a file with a share or a key is never overwritten.',
    hintZh: '请用 --out 指定其他文件名；含份额或私钥的文件不会被覆盖。',
    exit: 2,
  },
  TB1256: {
    en: 'The certificate of officer {officer} can not be used: {reason}.',
    zh: '安全员 {officer} 的证书无法使用：{reason}。',
    hintEn: 'A holder needs an officer certificate of this site: --certificate {officer}=cert.pem.',
    hintZh: '持有人必须有本站点的安全员证书：--certificate {officer}=cert.pem。',
    exit: 2,
  },
  TB1258: {
    en: 'The file {path} is not the manifest of a share set.',
    zh: '文件 {path} 不是份额集清单。',
    hintEn: 'Fetch it from the site: `tongbu seal manifest --out manifest.txt`.',
    hintZh: '请从站点取得清单：`tongbu seal manifest --out manifest.txt`。',
  },
  TB1261: {
    en: 'A share is not shown on a terminal without --yes; nothing was printed.',
    zh: '未加 --yes 时不会在终端上显示份额；未输出任何内容。',
    hintEn: 'Write the page to a file with --out and print that; then delete the file.',
    hintZh: '请用 --out 将打印页写入文件并打印，之后删除该文件。',
    exit: 2,
  },
  TB1262: {
    en: 'The journal is broken at record {index}: {reason}.',
    zh: '日志在第 {index} 条记录处断裂：{reason}。',
    hintEn: 'Keep the file as evidence, tell the other officers, and enter no share until it is explained.',
    hintZh: '请保留该文件作为证据，通知其他安全员；查明原因之前不要输入份额。',
  },
  TB1263: {
    en: 'Of the officer {officer} a passphrase can not be taken here; a recipient is needed.',
    zh: '安全员 {officer} 在此不能使用口令，必须给出 age 公钥。',
    hintEn:
      'The officer makes a key with `tongbu seal key --out {officer}.age` and gives you the line that begins with age1.',
    hintZh: '请该安全员执行 `tongbu seal key --out {officer}.age`，并将以 age1 开头的一行交给您。',
    exit: 2,
  },
  TB1264: {
    en: 'The key file {path} can not be opened: another passphrase, or a damaged file.',
    zh: '私钥文件 {path} 无法打开：口令不对，或文件已损坏。',
    hintEn: 'Nothing was sent. Type the passphrase that was given to `tongbu seal key`.',
    hintZh: '未发送任何内容。请输入执行 `tongbu seal key` 时设定的口令。',
  },
} as const;
