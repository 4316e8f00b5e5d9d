import { ServerCredentials } from '@grpc/grpc-js';
import type { Clock } from '../base/clock.ts';
import { contextOptions, contextOptionsWithoutLists, type Lists, type TlsMaterial } from './tls-material.ts';

/** A handshake takes two round trips; ten seconds are a bad line, more is somebody who holds the door. */
const handshakeTimeoutMs = 10_000;

export type Callers = 'with-certificate' | 'anybody';

/**
 * Server credentials that can be changed while calls go on: live calls keep their connection, new handshakes
 * see the new material. The transport itself forgets the TLS floor at an update and shuts the door without a
 * word on a bad one, so every update is complete and is tried out first.
 */
export class LiveCredentials extends ServerCredentials {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #callers: Callers;

  /** 'anybody' is for the enrolment listener. Throws TB1320, TB1321. */
  constructor(
    material: TlsMaterial,
    clock: Pick<Clock, 'nowMs'>,
    callers: Callers = 'with-certificate',
    lists: Lists = 'checked',
  ) {
    const asked = callers === 'with-certificate';
    super(
      { requestCert: asked, rejectUnauthorized: asked, handshakeTimeout: handshakeTimeoutMs },
      whole(material, clock, callers, lists),
    );
    this.#clock = clock;
    this.#callers = callers;
  }

  /** Throws TB1320 or TB1321 and changes nothing, or is in force for the next handshake. */
  replace(material: TlsMaterial, lists: Lists = 'checked'): void {
    this.updateSecureContextOptions(whole(material, this.#clock, this.#callers, lists));
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

function whole(material: TlsMaterial, clock: Pick<Clock, 'nowMs'>, callers: Callers, lists: Lists) {
  return callers === 'anybody' || lists === 'lapsed'
    ? contextOptionsWithoutLists(material)
    : contextOptions(material, clock.nowMs());
}
