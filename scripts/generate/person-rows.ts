import { printDate } from '../../core/records/calendar.ts';
import { countyOf } from './counties.ts';
import { Dice } from './dice.ts';
import { personOf } from './person.ts';
import type { Row, Scale } from './scale.ts';

/** Rows of `persons`, entity person. */
export function* personRows(scale: Scale): Generator<Row> {
  const { seed, county, persons } = scale;
  const { name: countyName, towns } = countyOf(county);
  const dice = new Dice(seed, Number(county), 5);
  for (let index = 0; index < persons; index += 1) {
    const person = personOf(seed, county, index);
    const town = dice.pick(towns);
    const village = dice.between(1, 12);
    yield {
      psn_no: person.psnNo,
      psn_cert_type: '01',
      certno: person.certno,
      psn_name: person.name,
      gend: person.sex,
      brdy: printDate(person.birth),
      naty: dice.chance(0.9) ? '01' : dice.pick(['06', '12', '13', '15']),
      ntly: '156',
      resd_natu: dice.chance(0.6) ? '20' : '10',
      hsreg_admdvs: county,
      hsreg_addr: `${countyName}${town.name}样例村${village}组${dice.between(1, 99)}号`,
      live_admdvs: `${town.code}2${String(village).padStart(2, '0')}`,
      tel: person.tel,
      surv_stas: '1',
    };
  }
}
