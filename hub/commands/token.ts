import { fault } from '../../core/base/errors.ts';
import type { CliContext, Command } from '../../core/cli/context.ts';
import { addExamples, addOption, groups, siteCode } from '../../core/cli/options.ts';
import { printData, printDocument, printNote } from '../../core/cli/output.ts';
import { nameOf, repeated } from '../../core/site/commands/init-options.ts';
import { addLocalOptions, connectLocal, type LocalOptions } from '../../core/site/commands/local-options.ts';

interface TokenOptions extends LocalOptions {
  readonly site: string;
  readonly name?: string;
  readonly existing?: boolean;
  readonly rejoin?: boolean;
  readonly grant?: readonly string[];
  readonly operator?: readonly string[];
  readonly officer?: readonly string[];
  readonly auditor?: readonly string[];
  readonly business?: readonly string[];
  readonly city?: readonly string[];
  readonly subscriber?: readonly string[];
  readonly trustDomain?: string;
  readonly life: number;
}

const called = 'tongbu hub token';

/** `tongbu hub token`: the one line with which a new site enrols. */
export function register(command: Command, context: CliContext): void {
  addLocalOptions(command, context);
  addOption(command, context, {
    flags: '--site <code>',
    text: { en: 'GB/T 2260 code of the site', zh: '站点的 GB/T 2260 代码' },
    mandatory: true,
    parse: siteCode('--site'),
  });
  addOption(command, context, {
    flags: '--name <name>',
    text: { en: 'name of a new site, for people', zh: '新站点名称' },
  });
  addOption(command, context, {
    flags: '--existing',
    text: {
      en: 'the site is there already: for the named persons and systems alone',
      zh: '站点已存在：仅用于所列人员和系统',
    },
  });
  addOption(command, context, {
    flags: '--rejoin',
    text: {
      en: 'the site is there already and was off for too long: for its own certificates, and the named persons',
      zh: '站点已存在，但停机过久：用于站点自身证书和所列人员',
    },
  });
  addGrantOptions(command, context);
  addOption(command, context, {
    flags: '--trust-domain <domain>',
    text: {
      en: 'trust domain of a site with an authority of its own (a province at the nation)',
      zh: '自有证书机构的站点（国家平台下的省）的信任域',
    },
  });
  addOption(command, context, {
    flags: '--life <time>',
    text: { en: 'how long it may be used, like 30m or 24h', zh: '有效时长，如 30m 或 24h' },
    default: '24h',
    parse: parseLife,
  });
  const changsha = context.text({ en: 'Changsha', zh: '长沙县' });
  const hunan = context.text({ en: 'Hunan', zh: '湖南省' });
  addExamples(command, context, [
    {
      line:
        `tongbu hub token --data province --site 430121 --name ${changsha} ` +
        '--operator li --officer zhao --officer qian --officer sun > token.txt',
      text: {
        en: 'for a county with an operator and three officers',
        zh: '为一个县生成，含操作员一名、安全员三名',
      },
    },
    {
      line: 'tongbu hub token --data province --site 430000 --existing --auditor zhou > token.txt',
      text: { en: 'an auditor of the province itself', zh: '为省级本身的一名审计员生成' },
    },
    {
      line: 'tongbu hub token --data province --site 430121 --rejoin --operator li --officer zhao --officer qian',
      text: {
        en: 'for a county whose certificates have ended; it comes back with `tongbu node serve --open-here`',
        zh: '为证书已过期的县生成；该县用 `tongbu node serve --open-here` 恢复',
      },
    },
    {
      line: `tongbu hub token --data nation --site 430000 --name ${hunan} --trust-domain hunan.example`,
      text: { en: 'at the nation, for a province', zh: '在国家平台为一个省生成' },
    },
  ]);
  command.action((options: TokenOptions) => token(context, options));
}

function addGrantOptions(command: Command, context: CliContext): void {
  addOption(command, context, {
    flags: '--grant <role[/name]>',
    text: {
      en: 'what the site may ask for (repeatable); gate and node (hub for a province) when not given',
      zh: '站点可申请的角色（可重复）；缺省为 gate 和 node（省为 hub）',
    },
    group: groups.keys,
    parse: repeated((text) => {
      if (/^[a-z]+(\/[a-z0-9-]{1,32})?$/.test(text)) return text;
      throw fault('TB1618', { option: '--grant', form: 'ROLE | ROLE/NAME', command: called });
    }),
  });
  for (const [role, en, zh] of [
    ['operator', 'operator who gets a certificate', '获得证书的操作员'],
    ['officer', 'officer who gets a certificate', '获得证书的安全员'],
    ['auditor', 'auditor who gets a certificate', '获得证书的审计员'],
    ['business', 'business system that gets a certificate', '获得证书的业务系统'],
    ['city', 'observer of a city who gets a certificate', '获得证书的地市观察员'],
    ['subscriber', 'subscriber that gets a certificate', '获得证书的订阅方'],
  ] as const) {
    addOption(command, context, {
      flags: `--${role} <name>`,
      text: { en: `${en} (repeatable)`, zh: `${zh}（可重复）` },
      group: groups.keys,
      parse: repeated(nameOf(`--${role}`, called)),
    });
  }
}

async function token(context: CliContext, options: TokenOptions): Promise<void> {
  const { site, name = '', existing = false, rejoin = false, life, trustDomain = '' } = options;
  const grants = grantsOf(options);
  // Without a name the registry would show the code twice; a site that is there keeps the one it has.
  if (name === '' && !existing && !rejoin) throw fault('TB1010', { option: '--name', command: called });
  using connection = await connectLocal(context, options, 'hub');
  // Commander does not parse a default.
  const lifeSeconds = typeof life === 'number' ? life : parseLife(String(life));
  const { line, expiresMs } = await connection.unary<{ line: string; expiresMs: number }>(
    ['hub', 'Hub', 'createToken'],
    { site, name, grants, lifeSeconds, trustDomain },
  );
  const expires = new Date(expiresMs).toISOString();
  if (context.json) return printDocument(context, { site, line, grants, expires });
  printData(context, line);
  printNote(
    context,
    context.text({
      en: `For one enrolment of ${site} until ${expires}; keep it secret until then.
When it is used, another officer than you compares the words and approves: \`tongbu seal requests\``,
      zh: `用于 ${site} 的一次准入，有效期至 ${expires}；使用前请保密。
令牌使用后，须由您以外的安全员核对密钥词并批准：\`tongbu seal requests\``,
    }),
  );
}

const named = ['operator', 'officer', 'auditor', 'business', 'city', 'subscriber'] as const;

/** What is asked for by name goes on top of the site's own certificates, which a site that exists has. */
function grantsOf(options: TokenOptions): string[] {
  const { site, grant, existing = false } = options;
  const own = site.endsWith('0000') ? ['hub'] : ['gate', 'node'];
  const people = named.flatMap((role) => (options[role] ?? []).map((name) => `${role}/${name}`));
  return [...new Set([...(grant ?? (existing ? [] : own)), ...people])];
}

/** Seconds. Throws TB1619. */
function parseLife(text: string): number {
  const match = /^(\d{1,4})(m|h)$/.exec(text);
  const seconds = Number(match?.[1]) * (match?.[2] === 'h' ? 3_600 : 60);
  if (!(seconds >= 60 && seconds <= 86_400)) throw fault('TB1619');
  return seconds;
}
