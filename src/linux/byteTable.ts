/**
 * Finds texts by their bytes, so that the path of 10,000 mappings of one file becomes a string once, however often they
 * are read. Its texts end before a certain byte, or before a newline.
 */
export class ByteTable {
  /** Where the text that was found last ends. */
  after = 0;
  readonly #end: number;
  readonly #meaning: (text: string) => number;
  #texts: Text[] = [];
  /** By a text's hash: the place of the newest such text. */
  readonly #newest = new Int32Array(HASHES).fill(NONE);
  /** The place of the text that was found last. */
  #last = NONE;
  /** Texts that have a meaning in this reading. */
  #used = 0;

  /** `meaning` is asked what a text stands for when it first comes in a reading. */
  constructor(end: number, meaning: (text: string) => number) {
    this.#end = end;
    this.#meaning = meaning;
  }

  /** Before another reading: what texts stand for is asked anew. */
  begin(): void {
    if (this.#texts.length > MOST_UNUSED + this.#used) {
      this.#texts = [];
      this.#newest.fill(NONE);
      this.#last = NONE;
    }
    for (const text of this.#texts) text.value = undefined;
    this.#used = 0;
  }

  /** What the bytes stand for from there to the next end, or newline: one of them there must be before `to`. */
  find(bytes: DataView, from: number, to: number): number {
    const last = this.#texts[this.#last];
    // Texts come in the order in which they came before.
    if (last === undefined || !this.#isAt(last.next, bytes, from, to)) {
      const place = this.#placeOf(bytes, from, to);
      if (last !== undefined) last.next = place;
      this.#last = place;
    } else this.#last = last.next;
    const text = this.#texts[this.#last] as Text;
    this.after = from + text.length;
    return text.value ?? this.#valueOf(text);
  }

  #valueOf(text: Text): number {
    this.#used++;
    text.value = this.#meaning(text.text);
    return text.value;
  }

  #placeOf(bytes: DataView, from: number, to: number): number {
    let hash = 0;
    let end = from;
    for (; ; end++) {
      const byte = bytes.getUint8(end);
      if (byte === this.#end || byte === NEWLINE) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    hash = (hash ^ (hash >>> 12) ^ (hash >>> 24)) & (HASHES - 1);
    const newest = this.#newest[hash] as number;
    for (let place = newest; place !== NONE; place = (this.#texts[place] as Text).older) {
      if (this.#isAt(place, bytes, from, to)) return place;
    }
    const copy = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from));
    const place = this.#texts.push({
      bytes: new DataView(copy.buffer, copy.byteOffset, copy.length),
      length: copy.length,
      text: copy.toString(),
      value: undefined,
      older: newest,
      next: this.#texts.length,
    });
    this.#newest[hash] = place - 1;
    return place - 1;
  }

  #isAt(place: number, bytes: DataView, from: number, to: number): boolean {
    const { bytes: known, length } = this.#texts[place] as Text;
    if (from + length >= to) return false;
    let at = 0;
    for (; at + 4 <= length; at += 4) if (known.getInt32(at) !== bytes.getInt32(from + at)) return false;
    for (; at < length; at++) if (known.getUint8(at) !== bytes.getUint8(from + at)) return false;
    const byte = bytes.getUint8(from + length);
    return byte === this.#end || byte === NEWLINE;
  }
}

interface Text {
  readonly bytes: DataView;
  readonly length: number;
  readonly text: string;
  /** In this reading; `undefined` before it first comes. */
  value: number | undefined;
  /** The place of the text before it with the same hash. */
  readonly older: number;
  /** The place of the text that came after it. */
  next: number;
}

/** Texts of earlier readings that are kept: a process may map ever other files. */
const MOST_UNUSED = 4096;
const HASHES = 4096;
const NONE = -1;
const NEWLINE = 0x0a;
