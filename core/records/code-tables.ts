/**
 * Closed national tables, checked everywhere (F04). Open ones (psn_type, med_type, insutype, fund_pay_type …)
 * are imported from the catalogue and asked for through `RuleContext.codeKnown`; sources disagree on them.
 */
export const codeTables = {
  /** GB/T 2261.1 */
  gend: ['0', '1', '2', '9'],
  surv_stas: ['1', '2'],
  psn_insu_stas: ['0', '1', '2', '4'],
  resd_natu: ['10', '20'],
  /** GB/T 3304 with 97 other and 98 foreign descent */
  naty: [...Array.from({ length: 56 }, (_unused, i) => String(i + 1).padStart(2, '0')), '97', '98'],
  psn_cert_type: ['01', '02', '03', '04', '05', '06', '07', '08', '90', '99'],
  mdtrt_cert_type: ['01', '02', '03'],
  chrgitm_lv: ['01', '02', '03'],
  hosp_lv: Array.from({ length: 14 }, (_unused, i) => String(i + 1).padStart(2, '0')),
  med_chrgitm_type: Array.from({ length: 14 }, (_unused, i) => String(i + 1).padStart(2, '0')),
  dscg_way: ['1', '2', '3', '4', '5', '9'],
} as const satisfies Record<string, readonly string[]>;
