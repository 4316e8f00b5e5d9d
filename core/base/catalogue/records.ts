/** TB15xx: records, rows and the files that they come in. */
export const recordErrors = {
  TB1501: {
    en: 'The file {path} is not {encoding}: byte {at} does not belong to it.',
    zh: '文件 {path} 不是 {encoding} 编码：第 {at} 字节无法识别。',
    hintEn: 'It looks like {other}; load it with `--encoding {other}`.',
    hintZh: '文件看起来是 {other} 编码，请加上 `--encoding {other}`。',
    exit: 2,
  },
  TB1502: {
    en: 'The file {path} has no header line with known column names.',
    zh: '文件 {path} 没有可识别的表头。',
    hintEn:
      'The first line must name the columns, e.g. {example}; or give `--map FILE` ({"field": "their column"}).',
    hintZh: '首行应为列名，例如 {example}；或用 `--map 文件` 指定对应关系（{"字段": "对方列名"}）。',
    exit: 2,
  },
  TB1503: {
    en: 'The file {path} has the unknown column {column}; the nearest known one is {nearest}.',
    zh: '文件 {path} 有无法识别的列 {column}，最接近的字段是 {nearest}。',
    hintEn: 'Rename the column, or give `--map FILE` with {"{nearest}": "{column}"}.',
    hintZh: '请改列名，或用 `--map 文件` 写明 {"{nearest}": "{column}"}。',
    exit: 2,
  },
  TB1504: {
    en: 'The file {path} has two columns for the field {field}.',
    zh: '文件 {path} 有两列对应同一字段 {field}。',
    hintEn: 'Remove one of them, or choose with `--map FILE`.',
    hintZh: '请删去其中一列，或用 `--map 文件` 指定。',
    exit: 2,
  },
  TB1505: {
    en: 'The column map {path} is wrong at {what}.',
    zh: '列对应文件 {path} 在 {what} 处有误。',
    hintEn:
      'It is a JSON object from our field names to the column names of the file; see `tongbu records {dataset}`.',
    hintZh: '它应是 JSON 对象：我方字段名到文件列名；字段见 `tongbu records {dataset}`。',
    exit: 2,
  },
  TB1506: {
    en: 'The dataset {dataset} has several kinds of rows: {entities}; say which.',
    zh: '数据集 {dataset} 有多种记录：{entities}，请指明是哪一种。',
    hintEn: 'Give `--entity NAME`, or a field `entity` in every row.',
    hintZh: '请加上 `--entity 名称`，或在每行写明 `entity` 字段。',
    exit: 2,
  },
  TB1507: {
    en: 'There is no dataset {dataset}; there are {datasets}.',
    zh: '没有数据集 {dataset}；现有 {datasets}。',
    hintEn: 'Use one of these names.',
    hintZh: '请使用其中之一。',
    exit: 2,
  },
  TB1508: {
    en: 'The file {path} changed or cannot be read any more.',
    zh: '文件 {path} 已变动或无法继续读取。',
    hintEn: 'Load it again; rows that are already in are found and skipped.',
    hintZh: '请重新导入；已入库的行会被识别并跳过。',
  },
  TB1509: {
    en: 'The file of rejects {path} cannot be written.',
    zh: '无法写入退回文件 {path}。',
    hintEn:
      'Check the free space and the rights of the folder, or choose another place with `--rejects FILE`.',
    hintZh: '请检查磁盘空间与目录权限，或用 `--rejects 文件` 另选位置。',
  },
  TB1510: {
    en: 'These bytes are not an entry.',
    zh: '这些字节不是日志条目。',
    hintEn: 'The entry stays in the log and is quarantined; its origin must write it again.',
    hintZh: '该条目保留在日志中并被隔离；需由来源方重新写入。',
  },
  TB1511: {
    en: 'A record is malformed ({what}).',
    zh: '记录格式错误（{what}）。',
    hintEn: 'The entry stays in the log and is quarantined; its origin must write it again.',
    hintZh: '该条目保留在日志中并被隔离；需由来源方重新写入。',
  },
  TB1512: {
    en: 'The key of an entry does not fit the dataset {dataset}.',
    zh: '条目的键与数据集 {dataset} 不符。',
    hintEn: 'Write it as entity/key, e.g. the keys that `list` prints.',
    hintZh: '应写作 实体/键，例如 `list` 打印的键。',
    exit: 2,
  },
  TB1513: {
    en: 'The encoding {encoding} is not known; there are utf-8 and gb18030.',
    zh: '未知编码 {encoding}；可用 utf-8 与 gb18030。',
    hintEn: 'Give `--encoding utf-8` or `--encoding gb18030`.',
    hintZh: '请写 `--encoding utf-8` 或 `--encoding gb18030`。',
    exit: 2,
  },
} as const;
