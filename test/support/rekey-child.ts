import { type RekeyStep, rekeyFile, rekeySteps } from '../../core/store/rekey.ts';
import { newKey, oldKey } from './rekey-setting.ts';

/** Re-keys a file and dies by SIGKILL before or after one step, or says what it does and goes on. */
const [path = '', step = '', when = ''] = process.argv.slice(2);

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

rekeyFile({
  path,
  from: oldKey,
  to: newKey,
  perform: (name: RekeyStep, work) => {
    if (!rekeySteps.includes(name)) throw new RangeError(name);
    process.stdout.write(`${name}\n`);
    if (name === step && when === 'before') die();
    work();
    if (name === step && when === 'after') die();
  },
});
