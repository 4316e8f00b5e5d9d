import type { Client } from '@grpc/grpc-js';
import { systemClock } from '../../core/base/clock.ts';
import type { Config } from '../../core/base/config.ts';
import { type Logger, silentLogger } from '../../core/base/logger.ts';
import type { Channel } from '../../core/link/channel.ts';
import { siteFolder } from '../../core/site/site-folder.ts';
import { Door } from '../../core/site/trust/door.ts';
import { writeIdentity } from '../../core/site/trust/identity-folder.ts';
import { Trust } from '../../core/site/trust/trust.ts';
import type { RefusedCall } from '../../core/wire/admission.ts';
import { channelOptionsFor, clientCredentials } from '../../core/wire/client-credentials.ts';
import { loadService } from '../../core/wire/load-proto.ts';
import type { RefusedHandshake } from '../../core/wire/refused-handshakes.ts';
import type { SiteListener } from '../../core/wire/site-listener.ts';
import type { TlsMaterial } from '../../core/wire/tls-material.ts';
import type { Pki, TestIdentity } from './pki.ts';
import { TemporaryFolder } from './temporary-folder.ts';

/** Stores a certificate with the trust of its authority, as enrolment does. */
export function storeIdentity(folder: string, pki: Pki, { material }: TestIdentity): void {
  const { chain, privateKey, lists } = material;
  const root = pki.root.certificate;
  writeIdentity(folder, { chain, privateKey, root, lists: lists.map(({ der }) => der) });
}

/** What a site with this certificate trusts, in a folder of its own. */
export async function openTrust(
  folder: string,
  pki: Pki,
  identity: TestIdentity,
  clock: { nowMs(): number } = systemClock,
): Promise<Trust> {
  storeIdentity(folder, pki, identity);
  const { chain, privateKey } = identity.material;
  return Trust.open({ folder, trustDomain: pki.trustDomain, clock }, { chain, privateKey });
}

/** The door of a hub on loopback whose Push and Pull answer each frame, and whose Seal answers its status. */
export class DoorSetting {
  readonly folder: TemporaryFolder;
  readonly door: Door;
  readonly listener: SiteListener;
  readonly handled: string[] = [];
  readonly refused: RefusedCall[] = [];
  readonly handshakes: RefusedHandshake[] = [];
  port = 0;

  private constructor(folder: TemporaryFolder, door: Door) {
    this.folder = folder;
    this.door = door;
    const frames = {
      kind: 'frames',
      handle: async (channel: Channel) => {
        this.handled.push(channel.peer.fingerprint);
        for (;;) {
          const frame = await channel.receive();
          if (!frame) return channel.close();
          await channel.send(frame);
        }
      },
    } as const;
    const status = { kind: 'unary', handle: async () => ({}) } as const;
    this.listener = door.build(
      [
        ['replication', 'Replication', { push: frames, pull: frames }],
        ['seal', 'Seal', { getSealStatus: status }],
      ],
      {
        examine: door.trust.examine,
        authorise: () => undefined,
        refused: (call) => this.refused.push(call),
        handshakeRefused: (refused) => this.handshakes.push(refused),
      },
    );
  }

  static async start(pki: Pki, identity: TestIdentity, logger: Logger = silentLogger): Promise<DoorSetting> {
    const folder = TemporaryFolder.inMemory();
    const paths = siteFolder(folder.path);
    storeIdentity(paths.gate, pki, identity);
    const config = { site: '430000', tier: 'province', trustDomain: pki.trustDomain } as Config;
    const door = await Door.open({ folder: paths, config, clock: systemClock, logger });
    const setting = new DoorSetting(folder, door);
    setting.port = await setting.listener.listen('127.0.0.1', 0);
    return setting;
  }

  /** A client of any service; the caller closes it. */
  client(pki: Pki, material: TlsMaterial, file = 'replication', service = 'Replication'): Client {
    const expected = { site: '430000', roles: ['hub'] };
    const credentials = clientCredentials(material, expected, pki.examine, systemClock);
    const Service = loadService(file, service);
    return new Service(`localhost:${this.port}`, credentials, channelOptionsFor('localhost'));
  }

  close(): void {
    this.door.close();
    this.folder.remove();
  }
}
