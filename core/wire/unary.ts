import type { Client, ClientUnaryCall, handleUnaryCall, ServerUnaryCall, ServiceError } from '@grpc/grpc-js';
import { assert } from '../base/assert.ts';
import { faultOf, statusOf } from './status.ts';

/** A handler as an async function: what it throws reaches the caller as a fault with the same code. */
export function unaryHandler<Request, Response>(
  handle: (request: Request, call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

/** One unary call by its name in camel case (`whyRefused`). Throws faults only. */
export function callUnary<Request, Response>(
  client: Client,
  method: string,
  request: Request,
  options: { readonly deadlineMs: number; started?(call: ClientUnaryCall): void },
): Promise<Response> {
  const { deadlineMs: deadline, started } = options;
  const call: unknown = Reflect.get(client, method);
  assert(typeof call === 'function', `no method ${method}`);
  return new Promise((resolve, reject) => {
    const answered = (error: ServiceError | null, response: Response) =>
      error ? reject(faultOf(error)) : resolve(response);
    const running = call.call(client, request, { deadline }, answered) as ClientUnaryCall;
    started?.(running);
  });
}
