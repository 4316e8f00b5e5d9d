import type { Text } from './language.ts';

/** How a value is written, checked and turned into what the program uses. */
export interface OptionKind {
  readonly expected: Text;
  /** Undefined when the text is no such value. */
  parse(text: string): string | number | undefined;
}

export interface ConfigOption {
  /** Dotted path in tongbu.yaml; its environment name derives from it (`environmentName`). */
  readonly name: string;
  readonly kind: OptionKind;
  /** Used when nothing is set. */
  readonly default?: string | number;
  /** Must be set, always or when another option of the same group is. */
  readonly required?: 'always' | 'with-group';
  readonly text: Text;
}

function wholeNumber(min: number, max: number): OptionKind {
  return {
    expected: { en: `a whole number from ${min} to ${max}`, zh: `${min} 到 ${max} 之间的整数` },
    parse: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

function matching(pattern: RegExp, expected: Text): OptionKind {
  return { expected, parse: (text) => (pattern.test(text) ? text : undefined) };
}

const siteCode = matching(/^[1-9]\d{5}$/, { en: 'a site code of six digits', zh: '六位行政区划代码' });
const tier = matching(/^(county|province|national)$/, {
  en: 'county, province or national',
  zh: 'county、province 或 national',
});
// The SPIFFE rules for trust domains, with a length that leaves room in a certificate's URI.
const trustDomain = matching(/^(?=.{1,128}$)[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/, {
  en: 'a trust domain of lower-case letters, digits, dots and hyphens',
  zh: '由小写字母、数字、点和连字符组成的信任域',
});
const host = matching(/^(?=.{1,253}$)[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, {
  en: 'a host name or IP address',
  zh: '主机名或 IP 地址',
});
const address = matching(/^([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/, {
  en: 'host:port',
  zh: '主机：端口',
});
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const path = matching(/^[^\u0000-\u001f]{1,4096}$/, { en: 'a path', zh: '文件路径' });
// 0 lets the system choose, for tests and the demo.
const anyPort = wholeNumber(0, 65_535);

/** Everything that tongbu.yaml may hold: the help, the reference and the TONGBU_ names derive from it. */
export const configOptions = [
  {
    name: 'site',
    kind: siteCode,
    required: 'always',
    text: { en: 'GB/T 2260 code of this site', zh: '本站点的 GB/T 2260 代码' },
  },
  {
    name: 'tier',
    kind: tier,
    required: 'always',
    text: {
      en: 'what this site is: county, province or national',
      zh: '本站点层级：county、province 或 national',
    },
  },
  {
    name: 'trustDomain',
    kind: trustDomain,
    required: 'always',
    text: { en: 'trust domain in the certificates of this site', zh: '本站点证书中的信任域' },
  },
  {
    name: 'listen.host',
    kind: host,
    default: '127.0.0.1',
    text: { en: 'address on which the services listen', zh: '服务监听地址' },
  },
  {
    name: 'listen.port',
    kind: anyPort,
    default: 7443,
    text: {
      en: 'port of replication, intake and officers (mutual TLS)',
      zh: '复制、接入和安全员端口（双向 TLS）',
    },
  },
  {
    name: 'advertise',
    kind: host,
    text: {
      en: 'name or address under which new sites reach this hub; the listening address when not set',
      zh: '新站点连接本枢纽所用的名称或地址；不设则用监听地址',
    },
  },
  {
    name: 'enrolPort',
    kind: anyPort,
    default: 7444,
    text: { en: 'port on which new sites enrol with a one-time token', zh: '新站点用一次性令牌准入的端口' },
  },
  {
    name: 'certificateDays',
    kind: wholeNumber(1, 30),
    default: 30,
    text: {
      en: 'life of the certificates that this hub issues, in days; they are renewed at two thirds of it',
      zh: '本枢纽签发证书的有效天数；到三分之二时自动续期',
    },
  },
  {
    name: 'uplink.address',
    kind: address,
    required: 'with-group',
    text: { en: 'host:port of the hub above', zh: '上级枢纽的 主机：端口' },
  },
  {
    name: 'uplink.site',
    kind: siteCode,
    required: 'with-group',
    text: { en: 'site code of the hub above', zh: '上级枢纽的站点代码' },
  },
  {
    name: 'uplink.trustDomain',
    kind: trustDomain,
    required: 'with-group',
    text: { en: 'trust domain of the hub above', zh: '上级枢纽的信任域' },
  },
  {
    name: 'contract',
    kind: path,
    text: { en: 'file of the contract that says which logs go up', zh: '规定哪些日志上送的合约文件' },
  },
] as const satisfies readonly ConfigOption[];

export type ConfigName = (typeof configOptions)[number]['name'];

/** `listen.port` is set by TONGBU_LISTEN_PORT, `trustDomain` by TONGBU_TRUST_DOMAIN. */
export function environmentName(name: string): string {
  return `TONGBU_${name
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '_')
    .toUpperCase()}`;
}
