/** TB1552 to TB1579: rows on their way in. */
export const intakeErrors = {
  TB1552: {
    en: 'One call brings {rows} rows; at most {rowsMax} are taken.',
    zh: '一次调用包含 {rows} 行；最多接受 {rowsMax} 行。',
    hintEn: 'Send them in several calls, or load the file with `tongbu node load`.',
    hintZh: '请分多次发送，或用 `tongbu node load` 装载文件。',
    exit: 2,
  },
  TB1553: {
    en: 'One call brings {bytes} bytes of rows; at most {bytesMax} are taken.',
    zh: '一次调用包含 {bytes} 字节；最多接受 {bytesMax} 字节。',
    hintEn: 'Send them in several calls, or load the file with `tongbu node load`.',
    hintZh: '请分多次发送，或用 `tongbu node load` 装载文件。',
    exit: 2,
  },
  TB1554: {
    en: 'The rows are not valid UTF-8; nothing was stored.',
    zh: '数据行不是有效的 UTF-8；未存储任何内容。',
    hintEn: 'Convert the text to UTF-8; `tongbu node load --encoding gb18030` does it for files.',
    hintZh: '请将文本转换为 UTF-8；文件可用 `tongbu node load --encoding gb18030` 装载。',
    exit: 2,
  },
} as const;
