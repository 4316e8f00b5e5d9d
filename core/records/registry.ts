import type { Dataset, Entity } from './dataset.ts';
import { admdvs, code, type Field, field, text } from './field.ts';

const key32 = /^[0-9a-f]{64}$/;

const fields: readonly Field[] = [
  field(1, 'site_code', ['站点代码', 'GB/T 2260 code of the site'], admdvs, 'Y', '430121'),
  field(2, 'site_name', ['站点名称', 'name of the site, for people'], text(100), 'Y', '长沙县'),
  field(
    3,
    'tier',
    ['层级', 'county, province or national'],
    code(10, 'tier', ['county', 'province', 'national']),
    'Y',
    'county',
  ),
  field(
    4,
    'trust_domain',
    ['信任域', 'trust domain that stands in the origin lines of its logs'],
    text(100, /^[a-z0-9.-]+$/),
    'Y',
    'hunan.example',
  ),
  field(
    5,
    'log_key',
    ['日志公钥', 'Ed25519 public key of its logs, 64 hex digits'],
    text(64, key32),
    'Y',
    'ab'.repeat(32),
  ),
  field(
    6,
    'mirror_key',
    ['镜像公钥', 'Ed25519 public key of its receipts, 64 hex digits'],
    text(64, key32),
    'Y',
    'cd'.repeat(32),
  ),
  field(
    7,
    'stas',
    ['状态', '1 admitted, 2 suspended, 3 dismissed'],
    code(3, 'site_stas', ['1', '2', '3']),
    'Y',
    '1',
  ),
];

const site: Entity = {
  name: 'site',
  message: 'Site',
  tag: 16,
  table: 'site',
  zh: '站点',
  en: 'site: who exists, and which keys are its own',
  key: ['site_code'],
  fields,
};

/** Who exists and which key signs which log: the same signed, ordered configuration at every site. */
export const registry: Dataset = {
  name: 'registry',
  message: 'RegistryRecord',
  schemaVersion: 1,
  zh: '站点登记册',
  en: 'registry of sites',
  owner: { en: 'the province; the nation for its provinces', zh: '省级;国家级登记各省' },
  identity: false,
  entities: [site],
};
