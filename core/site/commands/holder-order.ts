import { fault } from '../../base/errors.ts';

/** One `--holder`: with a recipient, or without one to be locked by a passphrase. */
export interface HolderOrder {
  readonly officer: string;
  readonly recipient: string | undefined;
}

export const personName = /^[a-z0-9-]{1,32}$/;

/** `zhao=age1…` or `zhao`. Throws TB1618; the value is not repeated, it may be a secret by mistake. */
export function parseHolder(text: string, command: string): HolderOrder {
  const match = /^([a-z0-9-]{1,32})(?:=(age1[a-z0-9]+))?$/.exec(text);
  if (!match?.[1]) throw fault('TB1618', { option: '--holder', form: 'NAME=age1… | NAME', command });
  return { officer: match[1], recipient: match[2] };
}
