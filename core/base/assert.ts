/** A broken assertion is a bug in Tongbu: it is never caught, and it stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFault(message);
}

/** Closes an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new AssertionFault(`unreachable: ${JSON.stringify(value)}`);
}

export class AssertionFault extends Error {
  override readonly name = 'AssertionFault';
}
