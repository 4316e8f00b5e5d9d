import type { Dataset, Entity } from './dataset.ts';
import { admdvs, code, type Field, field, integer, text } from './field.ts';

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

const fingerprint = text(64, key32);
const base64 = (max: number) => text(max, /^[A-Za-z0-9+/]+={0,2}$/);

/** Effective at every site from the moment it is read, whatever the revocation lists say. */
const revocation: Entity = {
  name: 'revocation',
  message: 'Revocation',
  tag: 17,
  table: 'revocation',
  zh: '证书吊销',
  en: 'revocation of one certificate',
  key: ['cert_fpr'],
  fields: [
    field(1, 'cert_fpr', ['证书指纹', 'SHA-256 of the DER, hex'], fingerprint, 'Y', 'ab'.repeat(32)),
    field(2, 'site_code', ['站点代码', 'site of the certificate'], admdvs, 'Y', '430121'),
    field(3, 'role', ['角色', 'role in the certificate'], text(20), 'Y', 'node'),
    field(4, 'holder', ['持有人', 'name in the certificate, empty for a site'], text(32), '-', 'zhao'),
    field(5, 'revoked_at', ['吊销时间', 'when, UTC'], text(24), 'Y', '2026-11-22T02:15:30.123Z'),
    field(6, 'reason', ['原因', 'key-compromise, left, superseded, site-dismissed'], text(40), 'Y', 'left'),
  ],
};

/** The newest revocation list of one authority: sites that can't be reached by a push learn it from here. */
const revocationList: Entity = {
  name: 'list',
  message: 'RevocationListRecord',
  tag: 18,
  table: 'revocation_list',
  zh: '吊销列表',
  en: 'newest revocation list of one authority',
  key: ['authority_id'],
  fields: [
    field(
      1,
      'authority_id',
      ['机构标识', 'key identifier of the authority, hex'],
      text(64),
      'Y',
      'ab'.repeat(20),
    ),
    field(2, 'list_no', ['列表编号', 'grows with each list'], integer(1, 9_007_199_254_740_991), 'Y', '7'),
    field(
      3,
      'next_update',
      ['下次更新', 'until when it is valid, UTC'],
      text(24),
      'Y',
      '2026-11-29T02:15:30.000Z',
    ),
    field(4, 'der', ['内容', 'DER, base64'], base64(50_000), 'Y', 'MIIB'),
  ],
};

/** A root that the sites of this registry trust, and the authority below it that issues. */
const authority: Entity = {
  name: 'authority',
  message: 'AuthorityRecord',
  tag: 19,
  table: 'authority',
  zh: '证书机构',
  en: 'generation of the certificate authority',
  key: ['root_fpr'],
  fields: [
    field(1, 'root_fpr', ['根指纹', 'SHA-256 of the root, hex'], fingerprint, 'Y', 'ab'.repeat(32)),
    field(2, 'root_der', ['根证书', 'DER, base64'], base64(8_000), 'Y', 'MIIB'),
    field(3, 'issuing_der', ['签发证书', 'DER, base64'], base64(8_000), 'Y', 'MIIB'),
    field(
      4,
      'stas',
      ['状态', '1 trusted, 2 issues, 3 retired'],
      code(3, 'authority_stas', ['1', '2', '3']),
      'Y',
      '2',
    ),
  ],
};

/** What a subscriber may receive: nothing leaves without one (I13). */
const contract: Entity = {
  name: 'contract',
  message: 'ContractRecord',
  tag: 20,
  table: 'contract',
  zh: '数据合约',
  en: 'contract: which logs a subscriber receives',
  key: ['subscriber'],
  fields: [
    field(
      1,
      'subscriber',
      ['订阅方', 'site code, or site/name of a subscriber'],
      text(40),
      'Y',
      '430000/stats',
    ),
    field(
      2,
      'logs',
      ['日志', 'datasets or site/dataset, separated by commas'],
      text(2_000),
      'Y',
      'enrollment,claims',
    ),
    field(
      3,
      'approved_by',
      ['批准人', 'officers who approved, separated by commas'],
      text(200),
      'Y',
      'zhao,qian',
    ),
    field(4, 'stas', ['状态', '1 in force, 2 ended'], code(3, 'contract_stas', ['1', '2']), 'Y', '1'),
  ],
};

/** Who exists and which key signs which log: the same signed, ordered configuration at every site. */
export const registry: Dataset = {
  name: 'registry',
  message: 'RegistryRecord',
  schemaVersion: 1,
  zh: '登记册：站点、吊销、机构、合约',
  en: 'registry of sites, revocations, authorities and contracts',
  owner: { en: 'the province; the nation for its provinces', zh: '省级;国家级登记各省' },
  identity: false,
  entities: [site, revocation, revocationList, authority, contract],
  usual: 'site',
};
