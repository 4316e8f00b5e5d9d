import { expect, test } from 'vitest';
import { mirrorName, originLine, parseOriginLine, witnessName } from '../../../core/log/log-origin.ts';
import { codeOf } from './support.ts';

test('an origin line names trust domain, site and dataset and is read back', () => {
  for (const dataset of ['enrollment', 'mail/430121']) {
    const log = { origin: '430121', dataset };
    const line = originLine('hunan.example', log);
    expect(line).toBe(`hunan.example/430121/${dataset}`);
    expect(parseOriginLine(line)).toEqual({ trustDomain: 'hunan.example', log });
  }
});

test('mirrors and witnesses have names of their own, which no log can have', () => {
  expect(mirrorName('hunan.example', '430000')).toBe('hunan.example/mirror/430000');
  expect(witnessName('hunan.example', '430122')).toBe('hunan.example/witness/430122');
  for (const name of [mirrorName, witnessName]) {
    expect(codeOf(() => parseOriginLine(name('hunan.example', '430000')))).toBe('TB1411');
    expect(codeOf(() => name('hunan.example', '43000'))).toBe('TB1411');
    expect(codeOf(() => name('Hunan.example', '430000'))).toBe('TB1411');
  }
});

test('other spellings are refused', () => {
  for (const line of [
    '',
    'hunan.example',
    'hunan.example/430121',
    'hunan.example/430121/',
    '/430121/enrollment',
    'Hunan.example/430121/enrollment',
    'hunan..example/430121/enrollment',
    '-hunan.example/430121/enrollment',
    'hunan.example/43012/enrollment',
    'hunan.example/430121/Enrollment',
    'hunan.example/430121/enrollment/',
    'hunan.example/430121/enrollment\n',
    'hunan.example/430121/enroll ment',
    `${'a'.repeat(64)}.example/430121/enrollment`,
  ]) {
    expect(
      codeOf(() => parseOriginLine(line)),
      line,
    ).toBe('TB1411');
  }
  expect(codeOf(() => originLine('hunan.example', { origin: '430121', dataset: '../x' }))).toBe('TB1411');
});
