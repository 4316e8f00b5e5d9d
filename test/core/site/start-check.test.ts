import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  keepPrivate,
  refuseCoreDumps,
  refuseUnsafeStart,
  unsafeCircumstances,
} from '../../../core/site/start-check.ts';

const at = (execArgv: string[], env: Record<string, string> = {}, production = true) =>
  unsafeCircumstances({ execArgv, env, production });

describe('the start check', () => {
  it('refuses whatever opens keys, TLS or the heap to others, in arguments and NODE_OPTIONS', () => {
    const options = [
      '--inspect',
      '--inspect=0.0.0.0:9229',
      '--inspect-brk',
      '--inspect-wait',
      '--inspect-port=0',
      '--inspect_brk',
      '--tls-keylog=/tmp/keys',
      '--tls_keylog',
      '--tls-min-v1.0',
      '--tls-min-v1.1',
      '--tls-min-v1.2',
      '--tls-max-v1.2',
      '--heapsnapshot-signal=SIGUSR2',
      '--trace-tls',
      '--tls-cipher-list=AES128-SHA',
      '--heapsnapshot-near-heap-limit=1',
      '--heap-prof',
      '--heap-prof-dir=/tmp',
      '--abort-on-uncaught-exception',
      '--report-on-fatalerror',
      '--report-on-signal',
      '--report-signal=SIGUSR2',
      '--report-uncaught-exception',
      '--openssl-legacy-provider',
      '--experimental-network-inspection',
    ];
    for (const option of options) {
      expect([option, at([option]).length]).toEqual([option, 1]);
      expect([option, at([], { NODE_OPTIONS: `--no-warnings ${option}` }).length]).toEqual([option, 1]);
      expect([option, at([], { NODE_OPTIONS: `"${option}"` }).length]).toEqual([option, 1]);
    }
    expect(at([], { NODE_TLS_REJECT_UNAUTHORIZED: '1' }, false)).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED']);
  });

  it('refuses traces in production only, and never prints a value', () => {
    const env = { GRPC_TRACE: 'all', NODE_DEBUG: 'tls', GRPC_NODE_DEBUG_SEND_ERROR_DETAILS: '1' };
    expect(at([], env)).toHaveLength(3);
    expect(at([], env, false)).toEqual([]);
    expect(at(['--tls-keylog=/secret/place'])).toEqual(['--tls-keylog']);
  });

  it('lets an ordinary start pass and names the first reason of another', () => {
    expect(at(['--disable-sigusr1', '--secure-heap=65536', '--tls-min-v1.3', '--no-warnings'])).toEqual([]);
    expect(() => refuseUnsafeStart({ execArgv: ['--inspect'], env: {}, production: false })).toThrow(
      /TB1326.*--inspect/,
    );
  });

  it('refuses to write memory to a file at a crash, but for a demonstration', () => {
    const limits = (soft: string) =>
      `Limit                     Soft Limit           Hard Limit           Units     \n` +
      `Max stack size            8388608              unlimited            bytes     \n` +
      `Max core file size        ${soft.padEnd(20)} unlimited            bytes     \n`;
    for (const soft of ['unlimited', '1', '4096']) {
      expect(() => refuseCoreDumps(true, limits(soft))).toThrow(new RegExp(`TB1931.*${soft}`));
      expect(() => refuseCoreDumps(false, limits(soft))).not.toThrow();
    }
    expect(() => refuseCoreDumps(true, limits('0'))).not.toThrow();
    expect(() => refuseCoreDumps(true, '')).not.toThrow();
  });

  it('makes new files private and turns reports off', () => {
    const report = { reportOnFatalError: true, reportOnSignal: true, reportOnUncaughtException: true };
    let umask = 0o022;
    const double = {
      report,
      umask: (mask: number) => {
        umask = mask;
        return 0o022;
      },
    };
    keepPrivate(double as unknown as NodeJS.Process);
    expect(umask).toBe(0o077);
    expect(Object.values(report)).toEqual([false, false, false, true]);
  });

  it('keeps the inspector shut when SIGUSR1 is sent to a running process', () => {
    const module = fileURLToPath(new URL('../../../core/site/start-check.ts', import.meta.url));
    const script = `
      import inspector from 'node:inspector';
      const { ignoreInspectorSignal } = await import(${JSON.stringify(module)});
      ignoreInspectorSignal(process);
      const alive = setInterval(() => {}, 1000);
      process.on('SIGUSR1', () => { clearInterval(alive); console.log('url', inspector.url()); });
      process.kill(process.pid, 'SIGUSR1');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('url undefined\n');
    expect(stderr).not.toContain('Debugger');
  });
});
