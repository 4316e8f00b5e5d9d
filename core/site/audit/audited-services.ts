import { Fault } from '../../base/errors.ts';
import type { Peer } from '../../link/channel.ts';
import type { Handler, ServiceHandlers } from '../../wire/handlers.ts';
import type { Services } from '../../wire/site-listener.ts';
import type { Audited } from '../rights/right.ts';
import { rights } from '../rights/rights.ts';
import type { Act, Audit } from './audit.ts';

type WrittenHere = Extract<Audited, 'call' | 'export' | 'publish'>;

/**
 * The services as the listener gets them: what the table of rights calls a `call`, an `export` or a `publish`
 * is written down before its handler runs, and refused when it can't be (T20). What ends with an error is
 * written a second time, with its code. `audit` throws TB1601 while the site is sealed.
 */
export function auditedServices(services: Services, audit: () => Audit): Services {
  return services.map(([file, service, handlers]) => [
    file,
    service,
    Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => {
        const method = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
        const right = rights[`/tongbu.v1.${service}/${method}`];
        const how = right?.audited;
        if (how === undefined || how === 'itself' || how === 'read' || how === 'look') return [name, handler];
        return [name, audited(handler, how, stepOf(name), audit)];
      }),
    ) satisfies ServiceHandlers,
  ]);
}

function audited(handler: Handler, kind: WrittenHere, step: string, audit: () => Audit): Handler {
  const begin = (request: object, by: Peer): Ended => {
    const act: Act = {
      kind,
      step,
      by,
      subject: subjectOf(request),
      ...(by.address === undefined ? {} : { from: by.address }),
    };
    audit().write(act);
    return (error) => {
      audit().write({ ...act, result: error instanceof Fault ? error.code : 'failed' });
    };
  };
  switch (handler.kind) {
    case 'unary':
      return { kind: 'unary', handle: (request, peer) => once(handler, request, peer, begin) };
    case 'stream':
      return {
        kind: 'stream',
        handle: (request, peer, signal) => each(handler, request, peer, signal, begin),
      };
    default:
      throw new RangeError(`${step}: a conversation writes its own acts`);
  }
}

type Ended = (error: unknown) => void;
type Begin = (request: object, by: Peer) => Ended;
type Of<Kind> = Extract<Handler, { kind: Kind }>;

async function once(handler: Of<'unary'>, request: never, peer: Peer, begin: Begin): Promise<object> {
  const failed = begin(request, peer);
  try {
    return await handler.handle(request, peer);
  } catch (error) {
    failed(error);
    throw error;
  }
}

async function* each(
  handler: Of<'stream'>,
  request: never,
  peer: Peer,
  signal: AbortSignal,
  begin: Begin,
): AsyncGenerator<object> {
  const failed = begin(request, peer);
  try {
    yield* handler.handle(request, peer, signal);
  } catch (error) {
    failed(error);
    throw error;
  }
}

/** `exportLog` → `export-log`. */
function stepOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Which log or dataset a request is about; keys of rows are identity data and stay out (I9). */
function subjectOf(request: object): string {
  const { log, dataset, index, entry } = request as Readonly<Record<string, unknown>>;
  const name = [log, dataset].find((part) => typeof part === 'string' && part !== '');
  if (name === undefined) return 'all';
  const shown = /^[a-z0-9/-]{1,64}$/.test(String(name)) ? String(name) : '?';
  if (entry === 'key') return `${shown} by key`;
  return entry === 'index' ? `${shown} entry ${Number(index)}` : shown;
}
