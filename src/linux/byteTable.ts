/**
 * Finds texts by their bytes, so that the path of 10,000 mappings of one file becomes a string once. What a text stands
 * for is asked when it first comes. Bytes are taken four at a time where there are four.
 */
export class ByteTable {
  readonly #meaning: (text: Buffer) => number;
  readonly #texts: DataView[] = [];
  readonly #lengths: number[] = [];
  readonly #values: number[] = [];
  /** By a text's hash: the place of the newest such text; and of each text the one before it. */
  readonly #newest = new Int32Array(HASHES).fill(NONE);
  readonly #older: number[] = [];
  /** The place of the text that was found last: very often it is the next one, too. */
  #last = NONE;

  constructor(meaning: (text: Buffer) => number) {
    this.#meaning = meaning;
  }

  /** What the bytes from … to (not included) stand for. */
  find(bytes: DataView, from: number, to: number): number {
    if (this.#last === NONE || !this.#isAt(this.#last, bytes, from, to)) this.#last = this.#placeOf(bytes, from, to);
    return this.#values[this.#last] as number;
  }

  #placeOf(bytes: DataView, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const newest = this.#newest[hash] as number;
    for (let place = newest; place !== NONE; place = this.#older[place] as number) {
      if (this.#isAt(place, bytes, from, to)) return place;
    }
    const text = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from));
    this.#values.push(this.#meaning(text));
    this.#lengths.push(text.length);
    this.#older.push(newest);
    this.#newest[hash] = this.#texts.push(new DataView(text.buffer, text.byteOffset, text.length)) - 1;
    return this.#newest[hash] as number;
  }

  #isAt(place: number, bytes: DataView, from: number, to: number): boolean {
    const length = to - from;
    if (this.#lengths[place] !== length) return false;
    const text = this.#texts[place] as DataView;
    let at = 0;
    for (; at + 4 <= length; at += 4) if (text.getInt32(at) !== bytes.getInt32(from + at)) return false;
    for (; at < length; at++) if (text.getUint8(at) !== bytes.getUint8(from + at)) return false;
    return true;
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
