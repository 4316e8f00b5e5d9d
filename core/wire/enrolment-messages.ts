/** The enrolment of proto/tongbu/v1/enrolment.proto as values; certs has the logic behind them. */
export interface EnrolmentRequest {
  readonly token: Uint8Array;
  readonly site: string;
  readonly certificates: readonly {
    readonly role: string;
    readonly name: string;
    readonly csr: Uint8Array;
    readonly hosts: readonly string[];
  }[];
  /** Raw Ed25519 public keys; empty for persons. */
  readonly keys: { readonly log: Uint8Array; readonly mirror: Uint8Array; readonly journal: Uint8Array };
}

export interface EnrolmentResult {
  /** In the order of the request; DER, the leaf first. */
  readonly certificates: readonly {
    readonly role: string;
    readonly name: string;
    readonly chain: readonly Uint8Array[];
  }[];
  readonly root: Uint8Array;
  readonly crls: readonly Uint8Array[];
  readonly registry: Uint8Array;
}

/** A request that officers of the hub have before them. */
export interface WaitingEnrolment {
  readonly requestId: string;
  readonly words: string;
  readonly expiresMs: number;
}

export type EnrolmentAnswer = EnrolmentResult | { readonly waiting: WaitingEnrolment };

export interface HubDescription {
  readonly site: string;
  readonly sealed: boolean;
  readonly epoch: number;
  readonly protocolMin: number;
  readonly protocolMax: number;
}

/** Messages as the loader makes them: flat keys, all else as above. */
export interface EnrolRequestMessage extends Omit<EnrolmentRequest, 'keys'> {
  readonly logKey: Uint8Array;
  readonly mirrorKey: Uint8Array;
  readonly journalKey: Uint8Array;
}

/** An absent message is null; beside a set one everything is empty. */
export type EnrolResponseMessage = Partial<EnrolmentResult> & { readonly waiting: WaitingEnrolment | null };

export interface WithdrawRequestMessage {
  readonly token: Uint8Array;
  readonly requestId: string;
}

export interface WhyRefusedResponseMessage {
  readonly revoked: boolean;
  readonly revokedMs: number;
}
