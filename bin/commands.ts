import type { CommandEntry } from '../core/cli/program.ts';

/** Commands whose `--json FILE` writes a file instead of standard output. */
export const jsonTakesFile: readonly string[] = ['demo'];

/** Every command of `tongbu`, with the module that is loaded when it runs. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'node',
    text: { en: 'the county process', zh: '县级节点' },
    commands: [
      {
        name: 'init',
        text: { en: 'create the data folder of a county', zh: '创建县级数据目录' },
        load: () => import('../node/commands/init.ts'),
      },
      {
        name: 'serve',
        text: { en: 'run the node', zh: '运行节点' },
        load: () => import('../node/commands/serve.ts'),
      },
      {
        name: 'load',
        text: { en: 'take rows from a CSV or NDJSON file', zh: '从 CSV 或 NDJSON 文件导入数据' },
        load: () => import('../node/commands/load.ts'),
      },
      {
        name: 'status',
        text: { en: 'what is well, what is not, what to do', zh: '运行状况、问题与处理办法' },
        load: () => import('../node/commands/status.ts'),
      },
      {
        name: 'list',
        text: { en: 'show stored records', zh: '查看已存储的记录' },
        load: () => import('../node/commands/list.ts'),
      },
      {
        name: 'verify',
        text: { en: 're-hash everything on disk', zh: '重新校验磁盘上的全部数据' },
        load: () => import('../node/commands/verify.ts'),
      },
      {
        name: 'audit',
        text: { en: 'who did what, when, why', zh: '审计日志：谁、何时、为何、做了什么' },
        load: () => import('../node/commands/audit.ts'),
      },
      {
        name: 'roles',
        text: { en: 'who may call what', zh: '角色权限表' },
        load: () => import('../node/commands/roles.ts'),
      },
      {
        name: 'db',
        text: { en: 'an approved look into a database', zh: '经批准查看数据库' },
        load: () => import('../node/commands/db.ts'),
      },
      {
        name: 'server',
        text: {
          en: 'logins at database servers, passwords that nobody knows',
          zh: '数据库服务器登录，口令无人知晓',
        },
        load: () => import('../node/commands/server.ts'),
      },
    ],
  },
  {
    name: 'hub',
    text: {
      en: 'the provincial process, and with --tier national the national one',
      zh: '省级枢纽；加 --tier national 即国家平台',
    },
    commands: [
      {
        name: 'init',
        text: { en: 'create the data folder of a hub', zh: '创建枢纽数据目录' },
        load: () => import('../hub/commands/init.ts'),
      },
      {
        name: 'serve',
        text: { en: 'run the hub', zh: '运行枢纽' },
        load: () => import('../hub/commands/serve.ts'),
      },
      {
        name: 'status',
        text: { en: 'every site: position, lag, last heard', zh: '各站点：位置、滞后、最近联系时间' },
        load: () => import('../hub/commands/status.ts'),
      },
      {
        name: 'sites',
        text: { en: 'admitted sites: fresh, behind or silent', zh: '已准入的站点：同步、滞后或静默' },
        load: () => import('../hub/commands/sites.ts'),
      },
      {
        name: 'token',
        text: { en: 'a one-time token with which a site enrols', zh: '生成站点准入的一次性令牌' },
        load: () => import('../hub/commands/token.ts'),
      },
      {
        name: 'publish',
        text: { en: 'publish a catalog to all counties', zh: '向所有县发布目录' },
        load: () => import('../hub/commands/publish.ts'),
      },
      {
        name: 'verify',
        text: { en: 're-hash everything on disk', zh: '重新校验磁盘上的全部数据' },
        load: () => import('../hub/commands/verify.ts'),
      },
      {
        name: 'audit',
        text: { en: 'who did what, when, why', zh: '审计日志：谁、何时、为何、做了什么' },
        load: () => import('../hub/commands/audit.ts'),
      },
      {
        name: 'roles',
        text: { en: 'who may call what', zh: '角色权限表' },
        load: () => import('../hub/commands/roles.ts'),
      },
      {
        name: 'contract',
        text: { en: 'which logs a subscriber receives', zh: '订阅方可接收哪些日志' },
        load: () => import('../hub/commands/contract.ts'),
      },
      {
        name: 'db',
        text: { en: 'an approved look into a database', zh: '经批准查看数据库' },
        load: () => import('../hub/commands/db.ts'),
      },
      {
        name: 'server',
        text: {
          en: 'logins at database servers, passwords that nobody knows',
          zh: '数据库服务器登录，口令无人知晓',
        },
        load: () => import('../hub/commands/server.ts'),
      },
    ],
  },
  {
    name: 'certs',
    text: { en: 'the certificate authority and the enrolment of sites', zh: '证书机构与站点准入' },
    load: () => import('../core/site/commands/certs.ts'),
  },
  {
    name: 'seal',
    text: { en: 'open and close a site with the shares of its officers', zh: '用安全员份额解封、封存站点' },
    load: () => import('../core/site/commands/seal.ts'),
  },
  {
    name: 'log',
    text: { en: 'export a log, prove an entry, check a proof', zh: '导出日志、证明条目、校验证明' },
    load: () => import('../core/site/commands/log.ts'),
  },
  {
    name: 'records',
    text: { en: 'the datasets and their fields', zh: '数据集及其字段' },
    commands: [
      {
        name: 'dictionary',
        text: { en: 'print the field dictionary', zh: '输出字段字典' },
        load: () => import('../core/site/commands/dictionary.ts'),
      },
    ],
  },
  {
    name: 'demo',
    text: {
      en: 'a nation, a province and three counties on this machine',
      zh: '在本机演示：国家、一省、三县',
    },
    load: () => import('../scripts/demo/demo.ts'),
  },
  {
    name: 'errors',
    text: { en: 'explain an error code', zh: '解释错误代码' },
    load: () => import('../core/cli/errors-command.ts'),
  },
];

export const welcome = {
  en: `Tongbu syncs public medical insurance between county, province and nation: signed and complete.

  tongbu demo             see it work: a nation, a province, three counties on this machine
  tongbu node init        create a county's data folder
  tongbu node load FILE   take rows from a CSV or NDJSON file
  tongbu node status      what is well, what is not, what to do
  tongbu errors CODE      explain an error code

Everything else: tongbu --help`,
  zh: `同步（Tongbu）在县、省、国家之间同步医保数据：有签名、不遗漏、可验证。

  tongbu demo             现场演示：在本机运行国家、一省、三县
  tongbu node init        创建县级数据目录
  tongbu node load 文件   从 CSV 或 NDJSON 文件导入数据
  tongbu node status      运行状况、问题与处理办法
  tongbu errors 代码      解释错误代码

更多命令：tongbu --help`,
};
