import { Fault } from '../base/errors.ts';
import type { Handler, ServiceHandlers } from '../wire/handlers.ts';

/**
 * I10: after a write to the sealed state whose outcome nobody knows, this process decides nothing more; the
 * next start reads which of the two the disk has. The caller still gets the answer.
 */
export function endingOnDoubt(handlers: ServiceHandlers, end: (error: Fault) => void): ServiceHandlers {
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, watched(handler, end)]));
}

function watched(handler: Handler, end: (error: Fault) => void): Handler {
  if (handler.kind !== 'unary') return handler;
  return {
    kind: 'unary',
    handle: async (request, peer) => {
      try {
        return await handler.handle(request, peer);
      } catch (error) {
        if (error instanceof Fault && error.code === 'TB1228') end(error);
        throw error;
      }
    },
  };
}
