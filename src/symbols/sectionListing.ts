import type { ElfSymbol, Section } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import { sortByKeys } from "./sortByKeys.ts";

/**
 * The symbols that begin in a section and the gaps between them: the bytes that none covers. An entry is the place of a
 * symbol, or a gap. Made by {@link cover} for what reaches in from before, {@link add} for each place by address, and
 * {@link end}.
 */
export class SectionListing {
  readonly #section: Section;
  readonly #entries: Uint32Array;
  #length = 0;
  /** Bytes that each symbol covers, by its place less the first one. */
  readonly #sizeLow: Uint32Array;
  readonly #sizeHigh: Uint32Array;
  #first = 0;
  #symbols = 0;
  #gaps = 0;
  /** Where each gap begins and ends, from the beginning of the section. */
  readonly #gapStarts: Float64Array;
  readonly #gapEnds: Float64Array;
  /** From the beginning of the section. */
  #covered = 0;
  #uncovered = 0;
  #bySize: Promise<Uint32Array> | null = null;

  /** @param symbols how many begin in the section */
  constructor(section: Section, symbols: number) {
    this.#section = section;
    this.#entries = new Uint32Array(2 * symbols + 1);
    this.#sizeLow = new Uint32Array(symbols);
    this.#sizeHigh = new Uint32Array(symbols);
    this.#gapStarts = new Float64Array(symbols + 1);
    this.#gapEnds = new Float64Array(symbols + 1);
  }

  /** Bytes of the section that no symbol covers. */
  get uncovered(): number {
    return this.#uncovered;
  }

  /** All entries in the order of their addresses. */
  get byAddress(): Uint32Array {
    return this.#entries.subarray(0, this.#length);
  }

  /** The places of the symbols, largest first, equal ones by address. */
  bySize(slice: TimeSlice): Promise<Uint32Array> {
    this.#bySize ??= this.#sort(slice);
    return this.#bySize;
  }

  isGap(entry: number): boolean {
    return entry >= GAP;
  }

  /** The gap that an entry is. */
  gap(entry: number): ElfSymbol | null {
    if (!this.isGap(entry)) return null;
    const start = this.#gapStarts[entry - GAP] as number;
    const size = (this.#gapEnds[entry - GAP] as number) - start;
    return { name: "", address: this.#section.address + BigInt(start), size, type: "gap" };
  }

  /** Says that a symbol covers bytes; no later one may begin before `start`. In bytes from the beginning of the section. */
  cover(start: number, size: number): void {
    const from = Math.min(start, this.#section.size);
    if (from > this.#covered) {
      this.#entries[this.#length++] = GAP + this.#gaps;
      this.#gapStarts[this.#gaps] = this.#covered;
      this.#gapEnds[this.#gaps++] = from;
      this.#uncovered += from - this.#covered;
    }
    this.#covered = Math.max(this.#covered, Math.min(from + size, this.#section.size));
  }

  /** Adds the symbol at a place. Places come one after the other. */
  add(place: number, start: number, size: number): void {
    if (this.#symbols === 0) this.#first = place;
    this.cover(start, size);
    this.#entries[this.#length++] = place;
    this.#sizeLow[this.#symbols] = size >>> 0;
    this.#sizeHigh[this.#symbols] = Math.floor(size / HALF);
    this.#symbols++;
  }

  /** Nothing more is to come. */
  end(): void {
    this.cover(this.#section.size, 0);
  }

  async #sort(slice: TimeSlice): Promise<Uint32Array> {
    // The sort is stable: turned round before and after it, equal sizes keep the order of their addresses.
    const order = new Uint32Array(this.#symbols);
    for (let index = 0; index < order.length; index++) order[index] = order.length - 1 - index;
    await sortByKeys(order, [this.#sizeLow, this.#sizeHigh], slice);
    order.reverse();
    for (let index = 0; index < order.length; index++) order[index] = (order[index] as number) + this.#first;
    return order;
  }
}

/** Entries from here on are gaps; there are fewer symbols (`symbolSources.ts`). */
const GAP = 2 ** 31;
const HALF = 2 ** 32;
