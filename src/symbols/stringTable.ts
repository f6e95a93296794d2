import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Bytes } from "./bytes.ts";
import { sortByKeys } from "./sortByKeys.ts";

/** The names in a SHT_STRTAB section, read from the file when asked for. @see elf(5) */
export class StringTable {
  readonly size: number;
  readonly #bytes: Bytes;
  readonly #start: number;
  /** The names read one by one, for the same are asked for again and again. */
  readonly #known = new Map<number, string>();
  #memory: Buffer = Buffer.alloc(0);
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;

  /** @param size in bytes, as the file claims */
  constructor(bytes: Bytes, start: number, size: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.size = Math.max(0, Math.min(size, bytes.size - start));
  }

  /** The name that begins at an offset; empty where there is none: out of range, unterminated or beyond 64 KiB. */
  name(offset: number): string {
    let name = this.#known.get(offset);
    if (name === undefined) {
      name = this.#read(offset);
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(offset, name);
    }
    return name;
  }

  /**
   * The names at many offsets, read in the order of the file. Names may share their bytes; where a file uses that to
   * claim several times more than its table holds, the rest stays empty.
   */
  async names(offsets: Uint32Array, slice: TimeSlice): Promise<string[]> {
    // To put some dozens in order would cost more than it saves.
    if (offsets.length <= FEW) return Array.from(offsets, (offset) => this.name(offset));
    const names = new Array<string>(offsets.length).fill("");
    const order = Uint32Array.from(offsets.keys());
    await sortByKeys(order, [offsets], slice);
    let budget = MOST_SHARING * this.size + LONGEST_NAME;
    let lastOffset = -1;
    let last = "";
    for (const index of order) {
      const offset = offsets[index] ?? 0;
      if (offset !== lastOffset) {
        if (budget <= 0) break;
        last = this.#read(offset);
        lastOffset = offset;
        // Where no name ends, one was looked for all the same.
        budget -= last === "" ? Math.min(LONGEST_NAME, this.size - offset) : last.length + 1;
      }
      names[index] = last;
      if (slice.isOver) await slice.next();
    }
    return names;
  }

  /** Finds the names that contain a text, which may not be empty. */
  async search(text: string, slice: TimeSlice): Promise<NameMatches> {
    const wanted = Buffer.from(text);
    const matches = new NameMatches();
    // Where the name that reaches into a block begins.
    let nameStart = 0;
    for (let start = 0; start < this.size; start += SEARCH_BLOCK) {
      const length = Math.min(SEARCH_BLOCK, this.size - start);
      const block = this.#bytes.read(this.#start + start, Math.min(length + wanted.length - 1, this.size - start));
      for (let at = block.indexOf(wanted); at >= 0 && at < length; at = block.indexOf(wanted, at + 1)) {
        const before = block.lastIndexOf(0, at);
        matches.add(before < 0 ? nameStart : start + before + 1, start + at);
        if (slice.isOver) await slice.next(start / this.size);
      }
      const last = block.subarray(0, length).lastIndexOf(0);
      if (last >= 0) nameStart = start + last + 1;
      if (slice.isOver) await slice.next(start / this.size);
    }
    return matches;
  }

  /** Whether the name at an offset begins with `$` and one of these letters. */
  isMappingSymbol(offset: number, letters: string): boolean {
    if (!(offset + 1 < this.size)) return false;
    const within = this.#within(offset);
    return this.#block[within] === DOLLAR && letters.includes(String.fromCharCode(this.#block[within + 1] ?? 0));
  }

  #read(offset: number): string {
    if (!(offset < this.size)) return "";
    const within = this.#within(offset);
    const end = this.#block.indexOf(0, within);
    if (end >= 0) return this.#block.toString("utf8", within, end);
    const rest = this.#bytes.read(this.#start + offset, Math.min(LONGEST_NAME + 1, this.size - offset));
    const length = rest.indexOf(0);
    return length > 0 ? rest.toString("utf8", 0, length) : "";
  }

  /** Loads the bytes around an offset, unless they are there; where in them it is. */
  #within(offset: number): number {
    const end = this.#blockStart + this.#block.length;
    const sure = end < this.size ? end - OVERLAP : end;
    if (offset >= this.#blockStart && offset < sure) return offset - this.#blockStart;
    // Names that follow one another are read many at once; those that lie here and there one by one.
    const isNext = offset >= this.#blockStart && offset < end + BLOCK;
    const length = isNext ? BLOCK : OVERLAP * 2;
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length);
    this.#block = this.#bytes.read(this.#start + offset, Math.min(length, this.size - offset), this.#memory);
    this.#blockStart = offset;
    return 0;
  }
}

/** Where a text occurs in names. A name may begin within another one that ends alike. */
export class NameMatches {
  /** For each name with the text, by offset: where it begins and where in it the text last begins. */
  readonly #starts: number[] = [];
  readonly #lasts: number[] = [];

  /** Adds an occurrence of the text, which lies behind those before. */
  add(nameStart: number, at: number): void {
    if (this.#starts.at(-1) === nameStart) this.#lasts.pop();
    else this.#starts.push(nameStart);
    this.#lasts.push(at);
  }

  /** Whether the name at an offset contains the text. */
  has(offset: number): boolean {
    let from = 0;
    let to = this.#starts.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#starts[middle] as number) <= offset) from = middle + 1;
      else to = middle;
    }
    return from > 0 && offset <= (this.#lasts[from - 1] as number);
  }
}

/** Names: those of the sections of nearly all files. */
const FEW = 64;
const BLOCK = 16_384;
/** Bytes that are searched at once. */
const SEARCH_BLOCK = 1 << 18;
const OVERLAP = 256;
const MOST_KNOWN = 65_536;
const LONGEST_NAME = 65_536;
/** Linkers share tails (`text` in `.text`) and equal names; neither comes near this in real files. */
const MOST_SHARING = 4;
const DOLLAR = 0x24;
