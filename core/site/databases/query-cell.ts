/** One value of a result; integers as decimal text, because they may be wider than a number. */
export type QueryCell =
  | { readonly null: true }
  | { readonly integer: string }
  | { readonly real: number }
  | { readonly text: string }
  | { readonly bytes: Uint8Array };
