import type {
  EnrolmentApproval,
  EnrolmentApprovals,
  EnrolmentToApprove,
} from '../../certs/enrolment-approvals.ts';

/** Requests to officers in memory; the test is the officer. */
export class MemoryApprovals implements EnrolmentApprovals {
  /** By token hash; the newest. */
  readonly requests = new Map<string, EnrolmentApproval>();
  readonly contests: EnrolmentToApprove[] = [];
  readonly opened: EnrolmentToApprove[] = [];
  /** Every request is approved as soon as it is opened. */
  lenient = false;
  #count = 0;

  of(token: string): EnrolmentApproval | undefined {
    return this.requests.get(token);
  }

  open(request: EnrolmentToApprove): EnrolmentApproval {
    const { token, digest } = request;
    this.#count += 1;
    this.opened.push(request);
    const id = this.#count.toString(16).padStart(16, '0');
    const state = this.lenient ? 'approved' : 'open';
    const opened = { id, digest, state, expiresMs: token.expiresMs } as const;
    this.requests.set(token.hash, opened);
    return opened;
  }

  contested(_waiting: EnrolmentApproval, request: EnrolmentToApprove): void {
    this.contests.push(request);
  }

  withdraw(id: string): void {
    this.decide('withdrawn', id);
  }

  /** All requests, or the one. */
  decide(state: EnrolmentApproval['state'], id?: string): void {
    for (const [token, request] of this.requests)
      if (id === undefined || request.id === id) this.requests.set(token, { ...request, state });
  }
}
