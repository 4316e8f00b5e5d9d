import type { CliContext, Command } from '../../cli/context.ts';
import { addExamples, addOption, groups } from '../../cli/options.ts';
import { printResult } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { callerRoles, type Right } from '../rights/right.ts';
import { rights } from '../rights/rights.ts';
import { titles } from './status-view.ts';

interface RolesOptions {
  readonly role?: string;
}

/** Services that only a hub has. */
const ofHubs = ['Replication', 'Hub', 'Certificates'];

/** `node roles` and `hub roles`: the table of rights as it is in force; no site is asked. */
export function registerRoles(command: Command, context: CliContext, program: 'node' | 'hub'): void {
  addOption(command, context, {
    flags: '--role <role>',
    text: { en: 'what this role may do', zh: '只看该角色的权限' },
    group: groups.output,
  });
  addExamples(command, context, [
    {
      line: `tongbu ${program} roles`,
      text: { en: 'who may call what, of which site, and how it is audited', zh: '角色权限表与审计方式' },
    },
    {
      line: `tongbu ${program} roles --role auditor --json`,
      text: { en: 'the rights of one role, as data', zh: '某一角色的权限，以数据形式输出' },
    },
  ]);
  command.action(({ role }: RolesOptions) => {
    const rows = Object.entries(rights)
      .filter(([method]) => program === 'hub' || !ofHubs.includes(serviceOf(method)))
      .filter(([, right]) => role === undefined || callersOf(right).some((caller) => caller.role === role));
    const document = { rights: rows.map(([method, right]) => documentOf(method, right)) };
    printResult(context, document, () => table(context, rows));
  });
}

function serviceOf(method: string): string {
  return method.split('/')[1]?.split('.').at(-1) ?? '';
}

/** Of which site a caller must be. */
type Whose = 'own' | 'area' | 'any';
const whoseOrder: readonly Whose[] = ['own', 'area', 'any'];

function callersOf(right: Right): { readonly role: string; readonly whose: Whose }[] {
  return whoseOrder.flatMap((of) => (right[of] ?? []).map((role) => ({ role, whose: of })));
}

function rolesText(context: CliContext, roles: readonly string[]): string {
  const isAll = roles.length === callerRoles.length;
  return isAll ? context.text({ en: 'everybody', zh: '所有角色' }) : roles.join(', ');
}

function documentOf(method: string, right: Right): object {
  const { sealed, audited, en, zh } = right;
  return { method, callers: callersOf(right), sealed, audited, en, zh };
}

function table(context: CliContext, rows: readonly (readonly [string, Right])[]): string {
  const columns = titles(context, [
    ['call', '调用'],
    ['roles', '角色'],
    ['sealed', '封存时'],
    ['audit', '审计'],
    ['for', '用途'],
  ]);
  const suffix: Record<Whose, string> = {
    own: '',
    area: context.text({ en: ' of the area', zh: '（辖区）' }),
    any: context.text({ en: ' of any site', zh: '（任一站点）' }),
  };
  const lines = rows.map(([method, right]) => [
    method.replace('/tongbu.v1.', ''),
    whoseOrder
      .filter((whose) => (right[whose]?.length ?? 0) > 0)
      .map((whose) => `${rolesText(context, right[whose] ?? [])}${suffix[whose]}`)
      .join(', '),
    right.sealed ? context.text({ en: 'too', zh: '可用' }) : '',
    right.audited,
    context.text(right),
  ]);
  return formatTable(columns, lines);
}
