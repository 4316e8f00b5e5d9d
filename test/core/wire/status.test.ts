import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { errorCodes, Fault, fault } from '../../../core/base/errors.ts';
import { faultOf, statusOf } from '../../../core/wire/status.ts';

/** What the client's library makes of a status. */
const received = (error: unknown) => {
  const { code, details, metadata } = statusOf(error);
  return Object.assign(new Error(details), { code, details, metadata });
};

describe('a fault on the wire', () => {
  it('comes back with the same code, parameters and readiness to retry, for every code', () => {
    for (const code of errorCodes()) {
      const sent = fault(code, { site: '430121', size: 7, text: '中文 "quoted"\n' });
      const back = faultOf(received(sent));
      expect(back).toMatchObject({ code, parameters: sent.parameters, retry: sent.retry });
      expect(statusOf(sent).code).not.toBe(status.OK);
      expect(statusOf(sent).code).not.toBe(status.UNKNOWN);
    }
  });

  it('says nothing of a bug but that there is one', () => {
    const back = statusOf(new Error('id 990101199001010019 not found'));
    expect(back.code).toBe(status.INTERNAL);
    expect(JSON.stringify([back.details, back.metadata.toJSON()])).not.toContain('9901');
    expect(faultOf(received(new TypeError('x')))).toMatchObject({ code: 'TB1005' });
  });

  it('that the other side made up or cut is taken for what it is', () => {
    const metadata = (code: string, parameters: string) => {
      const made = new Metadata();
      made.set('tongbu-code', code);
      made.set('tongbu-parameters-bin', Buffer.from(parameters));
      return Object.assign(new Error(''), { code: status.ABORTED, details: '', metadata: made });
    };
    expect(faultOf(metadata('TB9999', '{}'))).toMatchObject({
      code: 'TB1349',
      parameters: { status: 'ABORTED' },
    });
    expect(faultOf(metadata('constructor', '{}'))).toMatchObject({ code: 'TB1349' });
    for (const text of ['', '[', '[1]', 'null', '"a"', '7', `{"a":"${'x'.repeat(5_000)}"}`]) {
      expect(faultOf(metadata('TB1312', text))).toMatchObject({ code: 'TB1312', parameters: {} });
    }
    const mixed = faultOf(metadata('TB1312', '{"a":1,"b":{"c":1},"d":null,"__proto__":{"e":1}}'));
    expect(mixed.parameters).toEqual({ a: 1 });
  });

  it('stays itself when it never was on the wire', () => {
    const own = fault('TB1341');
    expect(faultOf(own)).toBe(own);
    expect(faultOf('text')).toBeInstanceOf(Fault);
  });
});
