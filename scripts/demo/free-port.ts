import { once } from 'node:events';
import { createServer } from 'node:net';
import { assert } from '../../core/base/assert.ts';

/** A port that nobody uses now, so that a second demonstration can run beside the first. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a listening server has an address');
  server.close();
  await once(server, 'close');
  return address.port;
}
