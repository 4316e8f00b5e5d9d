import { entryOf, isErrorCode } from '../../base/errors.ts';
import type { Text } from '../../base/language.ts';
import { formatCount, formatDuration } from '../../cli/table.ts';
import { type Freshness, worst } from '../logs/freshness.ts';
import type { LinkMessage, LogMessage, StatusMessage, TroubleMessage } from './status-message.ts';

/** Something that is not well: one sentence, and what to do. */
export interface StatusFinding extends Text {
  readonly code: 'trouble' | 'link' | 'quarantine' | Exclude<Freshness, 'current'>;
  readonly hint: Text;
}

/** What is wrong at the site, worst first; empty when all is well. */
export function findingsOf(status: StatusMessage): StatusFinding[] {
  const { logs, links } = status;
  const down = links.filter(({ state }) => state !== 'live');
  const peers = new Set(down.map(({ peer }) => peer));
  const received = logs.filter(({ own }) => !own);
  const origins = new Set(received.map(originOf).filter((origin) => !peers.has(origin)));
  return [
    ...status.troubles.map(troubleFinding),
    ...[...peers].map((peer) =>
      linkFinding(
        peer,
        down.filter((link) => link.peer === peer),
      ),
    ),
    ...[...origins].flatMap((origin) =>
      originFinding(
        origin,
        received.filter((log) => originOf(log) === origin),
      ),
    ),
    ...logs.filter(({ quarantined }) => quarantined > 0).map(quarantineFinding),
  ];
}

function troubleFinding({ origin, code, text }: TroubleMessage): StatusFinding {
  const entry = isErrorCode(code) ? entryOf(code) : undefined;
  return {
    code: 'trouble',
    // Certificates, lists and authorities are nobody's data: the sentence says all.
    en: code.startsWith('TB13') ? text : `Data of ${origin} can not be used: ${text}`,
    zh: `${origin} 的${code.startsWith('TB13') ? '证书需要处理' : '数据无法使用'}：错误 ${code}`,
    hint: {
      en: withoutPlaces(entry?.hintEn ?? '{}', code),
      zh: withoutPlaces(entry?.hintZh ?? '{}', code),
    },
  };
}

/** What to say first: the problems, or that there are none. */
export function summaryOf(status: StatusMessage): Text {
  const { site, logs, links } = status;
  const entries = formatCount(logs.reduce((sum, { size }) => sum + size, 0));
  const pending = links.reduce((sum, { size, position }) => sum + Math.max(0, size - position), 0);
  const under = formatCount(pending);
  const way = pending === 0 ? { en: '', zh: '' } : { en: `, ${under} on their way`, zh: `,${under} 条在途` };
  return {
    en: `All is well at ${site}: ${counted(logs.length, 'log')} with ${entries} entries${way.en}.`,
    zh: `站点 ${site} 一切正常：${logs.length} 个日志，共 ${entries} 条${way.zh}。`,
  };
}

function linkFinding(peer: string, links: readonly LinkMessage[]): StatusFinding {
  const [first] = links;
  const told = links.find(({ problemCode }) => problemCode !== '') ?? first;
  const heardMs = Math.min(...links.map(({ heardAgoMs }) => heardAgoMs ?? Number.POSITIVE_INFINITY));
  const since = Number.isFinite(heardMs)
    ? { en: `not heard for ${formatDuration(heardMs)}`, zh: `已 ${formatDuration(heardMs)} 未收到消息` }
    : { en: 'not heard since the start', zh: '启动以来未收到消息' };
  const code = told?.problemCode ?? '';
  const entry = isErrorCode(code) ? entryOf(code) : undefined;
  const why = told?.problemText
    ? { en: `: ${told.problemText}`, zh: `：错误 ${code}` }
    : { en: '.', zh: '。' };
  return {
    code: 'link',
    en: `${links.length} of the links to ${peer} are not up (${since.en})${why.en}`,
    zh: `到 ${peer} 的 ${links.length} 条链路未连通（${since.zh}）${why.zh}`,
    hint: entry
      ? { en: withoutPlaces(entry.hintEn, code), zh: withoutPlaces(entry.hintZh, code) }
      : {
          en: 'It is being tried again by itself; look again in half a minute.',
          zh: '正在自动重试；请半分钟后再看。',
        },
  };
}

/** A hint whose places nobody can fill here is left to the command that explains the code. */
function withoutPlaces(hint: string, code: string): string {
  return hint.includes('{') ? `tongbu errors ${code}` : hint;
}

function originFinding(origin: string, logs: readonly LogMessage[]): StatusFinding[] {
  const state = worst(logs.map((log) => log.state as Freshness));
  const heardMs = Math.min(...logs.map(({ heardAgoMs }) => heardAgoMs ?? 0));
  const lag = formatCount(logs.reduce((sum, { lagEntries }) => sum + lagEntries, 0));
  const lagMs = Math.max(...logs.map((log) => log.lagMs));
  switch (state) {
    case 'current':
      return [];
    case 'behind':
      return [
        {
          code: 'behind',
          en: `${lag} entries of ${origin} have not arrived for ${formatDuration(lagMs)}.`,
          zh: `${origin} 有 ${lag} 条数据已滞后 ${formatDuration(lagMs)}。`,
          hint: {
            en: 'After a bulk load this goes down by itself; if it does not, look at the status there.',
            zh: '大批量装载后会自行减少；若没有减少，请查看该站点的状态。',
          },
        },
      ];
    case 'silent':
      return [
        {
          code: 'silent',
          en: `${origin} has been silent for ${formatDuration(heardMs)}.`,
          zh: `${origin} 已静默 ${formatDuration(heardMs)}。`,
          hint: {
            en: 'Ask there whether the site runs, is unsealed, and what its status says about the line.',
            zh: '请该站点确认进程在运行、已解封，并查看其状态中的链路情况。',
          },
        },
      ];
    case 'unheard':
      return [
        {
          code: 'unheard',
          en: `${counted(logs.length, 'log')} of ${origin} not heard of since this site started.`,
          zh: `本站启动以来未收到 ${origin} 的 ${logs.length} 个日志的消息。`,
          hint: {
            en: 'Half a minute after a start this is normal; later, ask there whether the site runs and is unsealed.',
            zh: '启动后半分钟内属正常；更久则请该站点确认进程在运行且已解封。',
          },
        },
      ];
  }
}

function quarantineFinding({ log, quarantined }: LogMessage): StatusFinding {
  const count = formatCount(quarantined);
  return {
    code: 'quarantine',
    en: `${count} entries of ${log} are stored but could not be taken into the tables.`,
    zh: `${log} 有 ${count} 条已存储但无法入表。`,
    hint: {
      en: 'They are kept as evidence; their origin must correct them with new rows.',
      zh: '这些条目已留存；须由来源站点以新数据更正。',
    },
  };
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

function originOf({ log }: LogMessage): string {
  return log.split('/')[0] ?? '';
}
