import { createHash } from 'node:crypto';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import { Fault, fault } from '../base/errors.ts';
import type { Peer } from '../link/channel.ts';
import type { RemoteAddress } from './connections.ts';
import { statusOf } from './status.ts';
import type { Examine } from './tls-material.ts';

export interface RefusedCall {
  readonly error: Fault;
  /** Who called, where the certificate was good and the right was missing. */
  readonly peer?: Peer;
  /** SHA-256 of the certificate, lower-case hex; absent without one. */
  readonly fingerprint?: string;
  readonly method: string;
  readonly from: RemoteAddress;
}

export interface AdmissionPorts {
  /** The peer policy with this moment's clock and revoked set. */
  readonly examine: Examine;
  /**
   * The rights of roles; `method` is `/tongbu.v1.Replication/Push`. A fault refuses the call. Asked once for
   * each call, before its handler.
   */
  authorise(peer: Peer, method: string, from: RemoteAddress): Fault | undefined;
  /** Connections learn here whose socket it is. */
  admitted?(peer: Peer, from: RemoteAddress, certificate: Uint8Array): void;
  /** For audit and metrics. */
  refused?(call: RefusedCall): void;
}

interface LiveCall {
  readonly call: ServerInterceptingCall;
  readonly peer: Peer;
  readonly certificate: Uint8Array;
}

/**
 * The door of every call on a mutual TLS listener: no handler runs before the peer was examined and had the
 * right. It also knows the live calls, because a stream outlives certificate and revocation. Unknown methods
 * are answered by the transport before they come here; they leak nothing.
 */
export class Admission {
  readonly #ports: AdmissionPorts;
  readonly #live = new Set<LiveCall>();
  readonly #peers = new WeakMap<Metadata, Peer>();

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    // Taken from the socket now: after a disconnect nobody could say any more whose call it was.
    const certificate = call.getAuthContext().sslPeerCertificate?.raw;
    const info = call.getConnectionInfo();
    const from = { address: info.remoteAddress ?? '', port: info.remotePort ?? 0 };
    if (certificate === undefined)
      return this.#refuse(call, { method: method.path, from, error: fault('TB1306') });
    const peer = this.#examine(certificate);
    const of = { from, fingerprint: fingerprintOf(certificate) };
    if (peer instanceof Fault) return this.#refuse(call, { ...of, method: method.path, error: peer });
    const forbidden = this.#ports.authorise(peer, method.path, from);
    if (forbidden) return this.#refuse(call, { ...of, method: method.path, error: forbidden, peer });
    this.#ports.admitted?.(peer, from, certificate);
    return this.#admit(call, { ...peer, address: from.address }, certificate);
  };

  /** Whose call it is, in a handler; also after the connection is gone. */
  peerOf(call: { readonly metadata: Metadata }): Peer {
    const peer = this.#peers.get(call.metadata);
    assert(peer, 'a call that came past the admission');
    return peer;
  }

  liveCalls(): number {
    return this.#live.size;
  }

  /** Ends the live calls of one certificate with status 16 and this reason; destroy its sockets after it. */
  end(fingerprint: string, reason: Fault): number {
    return this.#endWhere(({ peer }) => (peer.fingerprint === fingerprint ? reason : undefined));
  }

  /**
   * Examines every live call again and ends those that would not be let in any more; to be asked at least as
   * often as the link's heartbeat.
   */
  recheck(): number {
    return this.#endWhere(({ certificate }) => {
      const peer = this.#examine(certificate);
      return peer instanceof Fault ? peer : undefined;
    });
  }

  #endWhere(reasonOf: (live: LiveCall) => Fault | undefined): number {
    let ended = 0;
    for (const live of [...this.#live]) {
      const reason = reasonOf(live);
      if (reason === undefined) continue;
      live.call.sendStatus(statusOf(reason));
      ended += 1;
    }
    return ended;
  }

  #examine(certificate: Uint8Array): Peer | Fault {
    const peer = this.#ports.examine(certificate);
    return 'refusal' in peer ? refusalFault(peer.refusal, certificate) : peer;
  }

  #admit(
    inner: ServerInterceptingCallInterface,
    peer: Peer,
    certificate: Uint8Array,
  ): ServerInterceptingCall {
    // Two ways out: cancelled (by the client, a deadline or the socket), or a status sent.
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        this.#peers.set(metadata, peer);
        next(metadata);
      })
      .withOnCancel(() => this.#live.delete(live))
      .build();
    const call = new ServerInterceptingCall(inner, {
      start: (next) => next(listener),
      sendStatus: (outcome, next) => {
        this.#live.delete(live);
        next(outcome);
      },
    });
    const live = { call, peer, certificate };
    this.#live.add(live);
    return call;
  }

  #refuse(call: ServerInterceptingCallInterface, refused: RefusedCall): ServerInterceptingCall {
    this.#ports.refused?.(refused);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata(() => call.sendStatus(statusOf(refused.error)))
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  }
}

function fingerprintOf(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('hex');
}

function refusalFault(reason: string, certificate: Uint8Array): Fault {
  switch (reason) {
    case 'revoked':
      return fault('TB1302', { fingerprint: fingerprintOf(certificate) });
    case 'expired':
      return fault('TB1303');
    case 'not-yet-valid':
      return fault('TB1304');
    default:
      return fault('TB1301', { reason });
  }
}
