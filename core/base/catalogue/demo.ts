/** TB18xx: the demonstration. */
export const demoErrors = {
  TB1801: {
    en: 'The process of site {site} did not start; its log is {path}.',
    zh: '站点 {site} 的进程未能启动；日志见 {path}。',
    hintEn: 'Read the last lines of that log, then run the demonstration again.',
    hintZh: '请查看该日志末尾，然后重新运行演示。',
  },
  TB1802: {
    en: 'The sites did not agree within {seconds} s; {log} stands at {county}, {province} and {nation} entries.',
    zh: '各站点在 {seconds} 秒内未达成一致；{log} 的条目数为 {county}、{province}、{nation}。',
    hintEn: 'Run it again with --keep-data and read the logs in the folder that it names.',
    hintZh: '请加 --keep-data 重新运行，并查看所示目录中的日志。',
  },
  TB1803: {
    en: 'The demonstration found {lost} lost and {duplicate} duplicate entries.',
    zh: '演示发现丢失 {lost} 条、重复 {duplicate} 条。',
    hintEn: 'This must never happen: run it again with --keep-data and report the folder.',
    hintZh: '不应发生：请加 --keep-data 重新运行，并报告该目录。',
  },
  TB1804: {
    en: 'Loading {path} at {site} failed: {reason}.',
    zh: '在 {site} 装载 {path} 失败：{reason}。',
    hintEn: 'Run the same load by hand against the demonstration started with --keep.',
    hintZh: '请对用 --keep 启动的演示手工执行同样的装载。',
  },
  TB1805: {
    en: 'Not every log has the same size and root wherever it is held; the folder of this run is {path}.',
    zh: '并非所有日志在各处的规模和根都一致；本次运行的目录为 {path}。',
    hintEn: 'This must never happen: run it again with --keep-data and report the folder.',
    hintZh: '不应发生：请加 --keep-data 重新运行，并报告该目录。',
  },
} as const;
