let table: Map<string, Buffer> | undefined;

/** GB18030 by asking the decoder what each sequence means: Node has no encoder. */
export function encodeGb18030(text: string): Buffer {
  table ??= tableOf(new TextDecoder('gb18030'));
  const known = table;
  return Buffer.concat([...text].map((character) => encodeOne(known, character)));
}

function encodeOne(known: ReadonlyMap<string, Buffer>, character: string): Buffer {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return Buffer.of(code);
  const found = code < 0x10000 ? known.get(character) : fourBytes(0x90, code - 0x10000);
  if (!found) throw new RangeError(`U+${code.toString(16)} is not in the table`);
  return found;
}

/** All of one plane below the supplementary ones, which are linear. */
function tableOf(decoder: InstanceType<typeof TextDecoder>): Map<string, Buffer> {
  const known = new Map<string, Buffer>();
  for (let first = 0x81; first <= 0xfe; first += 1) {
    for (let second = 0x40; second <= 0xfe; second += 1) {
      const bytes = Buffer.of(first, second);
      if (second !== 0x7f) known.set(decoder.decode(bytes), bytes);
    }
  }
  for (let index = 0; index < 39_420; index += 1) {
    const bytes = fourBytes(0x81, index);
    const character = decoder.decode(bytes);
    if (!known.has(character)) known.set(character, bytes);
  }
  return known;
}

function fourBytes(first: number, index: number): Buffer {
  const parts = [first + Math.floor(index / 12_600), 0x30 + (Math.floor(index / 1_260) % 10)];
  return Buffer.of(...parts, 0x81 + (Math.floor(index / 10) % 126), 0x30 + (index % 10));
}
