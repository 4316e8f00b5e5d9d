import { RunningCommand } from './command.ts';

/** What a command says under --json: exactly one document, or the test fails. */
export interface JsonOutcome<Document> {
  readonly status: number | undefined;
  readonly document: Document;
  readonly stderr: string;
}

export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string };
}

export async function tongbuJson<Document = ErrorDocument>(
  args: readonly string[],
  input = '',
): Promise<JsonOutcome<Document>> {
  const { status, stdout, stderr } = await new RunningCommand([...args, '--json'], {}, input).outcome();
  return { status, document: JSON.parse(stdout) as Document, stderr };
}

/** The code with which a command ends, its exit code and whether it says what to do next. */
export async function refusal(
  args: readonly string[],
  input = '',
): Promise<readonly [string, number | undefined]> {
  const { status, document } = await tongbuJson(args, input);
  const { code, hint } = document.error;
  if (hint.length < 10) throw new Error(`${code} does not say what to do`);
  return [code, status];
}
