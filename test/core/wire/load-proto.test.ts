import { describe, expect, it } from 'vitest';
import { loadService } from '../../../core/wire/load-proto.ts';

describe('a loaded service', () => {
  it('carries 64-bit numbers as numbers, bytes as buffers and every field with its default', () => {
    const { Pull: pull } = loadService('replication', 'Replication').service;
    if (!pull) throw new Error('no method pull');
    const frame = { position: { size: Number.MAX_SAFE_INTEGER, root: Buffer.alloc(32, 7) } };
    const back = pull.requestDeserialize(pull.requestSerialize({ frame }));
    expect(back).toMatchObject({ frame: { kind: 'position', position: frame.position } });
    const { Enrol: enrol } = loadService('enrolment', 'Enrolment').service;
    const empty = enrol?.requestDeserialize(Buffer.alloc(0));
    const none = Buffer.alloc(0);
    const expected = {
      token: none,
      site: '',
      certificates: [],
      logKey: none,
      mirrorKey: none,
      journalKey: none,
    };
    expect(empty).toEqual(expected);
  });

  it('is loaded once', () => {
    expect(loadService('enrolment', 'Enrolment')).toBe(loadService('enrolment', 'Enrolment'));
  });
});
