/**
 * Finds texts by their bytes, so that the path of 10,000 mappings of one file becomes a string once. What a text stands
 * for is asked when it first comes. Bytes are taken four at a time where there are four.
 */
export class ByteTable {
  readonly #meaning: (text: Buffer) => number;
  readonly #texts: DataView[] = [];
  readonly #values: number[] = [];
  /** By a text's hash: the place of the newest such text; and of each text the one before it. */
  readonly #newest = new Int32Array(HASHES).fill(NONE);
  readonly #older: number[] = [];

  constructor(meaning: (text: Buffer) => number) {
    this.#meaning = meaning;
  }

  /** What the bytes from … to (not included) stand for. */
  find(bytes: DataView, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const newest = this.#newest[hash] as number;
    for (let place = newest; place !== NONE; place = this.#older[place] as number) {
      if (same(this.#texts[place] as DataView, bytes, from, to)) return this.#values[place] as number;
    }
    const text = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from));
    this.#newest[hash] = this.#texts.push(new DataView(text.buffer, text.byteOffset, text.length)) - 1;
    this.#older.push(newest);
    const value = this.#meaning(text);
    this.#values.push(value);
    return value;
  }
}

const HASHES = 4096;
const NONE = -1;

function hashOf(bytes: DataView, from: number, to: number): number {
  let hash = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) hash = (Math.imul(hash, 0x01000193) ^ bytes.getInt32(at)) | 0;
  for (; at < to; at++) hash = (Math.imul(hash, 0x01000193) ^ bytes.getUint8(at)) | 0;
  // The first bytes of each four are in the high bits.
  return (hash ^ (hash >>> 12) ^ (hash >>> 20)) & (HASHES - 1);
}

function same(text: DataView, bytes: DataView, from: number, to: number): boolean {
  const length = to - from;
  if (text.byteLength !== length) return false;
  let at = 0;
  for (; at + 4 <= length; at += 4) if (text.getInt32(at) !== bytes.getInt32(from + at)) return false;
  for (; at < length; at++) if (text.getUint8(at) !== bytes.getUint8(from + at)) return false;
  return true;
}
