/**
 * Finds texts by their bytes, so that the path of 10,000 mappings of one file becomes a string once. What a text stands
 * for is asked when it first comes.
 */
export class ByteTable {
  readonly #meaning: (text: Buffer) => number;
  readonly #texts: Buffer[] = [];
  readonly #values: number[] = [];
  /** Place of the first text with that hash, and of each text's next with the same hash (-1 for none). */
  readonly #first = new Map<number, number>();
  readonly #next: number[] = [];

  constructor(meaning: (text: Buffer) => number) {
    this.#meaning = meaning;
  }

  /** What `bytes[from … to)` stands for. */
  find(bytes: Buffer, from: number, to: number): number {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const first = this.#first.get(hash) ?? -1;
    for (let place = first; place >= 0; place = this.#next[place] as number) {
      if (same(this.#texts[place] as Buffer, bytes, from, to)) return this.#values[place] as number;
    }
    const text = Buffer.from(bytes.subarray(from, to));
    const value = this.#meaning(text);
    this.#first.set(hash, this.#texts.push(text) - 1);
    this.#values.push(value);
    this.#next.push(first);
    return value;
  }
}

function same(text: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = 0; at < text.length; at++) if (text[at] !== bytes[from + at]) return false;
  return true;
}
