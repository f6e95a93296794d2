/**
 * How the kernel prints the fields of a region in smaps. It prints the same ones in the same order for every region, each
 * on a line of 28 bytes: the name and spaces in 16, the number right-aligned in 8, ` kB` and a newline. So a line is
 * recognised by comparing it, eight bytes at a time, with the one that stood at its place in an earlier region, which is
 * three times as fast as reading names. (Eight ASCII characters as a double are never NaN: they compare as integers do.)
 */
import type { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";

export class FieldLayout {
  /** The first 16 bytes of the line at each place. */
  readonly #names = new Float64Array(PLACES * 2);
  /** Its last 4 bytes, and how long it is with its newline; 0 where none has been seen. */
  readonly #tails = new Int32Array(PLACES);
  readonly #lengths = new Int32Array(PLACES);
  readonly #fields = new Int32Array(PLACES);
  /** The place of the line that comes next. */
  #place = 0;

  /** A new region begins. */
  begin(): void {
    this.#place = 0;
  }

  /** Gives the numbers of lines that are as expected to the builder, and answers where the first other line begins. */
  scan(text: DataView, from: number, to: number, builder: AddressSpaceBuilder): number {
    const names = this.#names;
    const tails = this.#tails;
    const lengths = this.#lengths;
    const fields = this.#fields;
    let at = from;
    let place = this.#place;
    for (; place < PLACES && to - at >= LONGEST_LINE; place++) {
      // Most numbers are 0: that is what they are already, whatever the name.
      if (text.getFloat64(at + 20, true) === ENDS_IN_ZERO) {
        at += LONGEST_LINE;
        continue;
      }
      const length = lengths[place] as number;
      const expected =
        length > 0 &&
        text.getFloat64(at, true) === names[place * 2] &&
        text.getFloat64(at + 8, true) === names[place * 2 + 1] &&
        text.getInt32(at + length - 4, true) === tails[place];
      if (!expected) break;
      const field = fields[place] as number;
      if (field !== NOT_KEPT) {
        const kib = numberAt(text, at + 16);
        if (kib < 0) break;
        builder.setUsageIndexed(field, kib);
      }
      at += length;
    }
    this.#place = place;
    return at;
  }

  /**
   * Remembers that a line of `length` bytes at `at`, which {@link scan} left, has this field (its index in USAGE_FIELDS,
   * or {@link NOT_KEPT}). Lines of other than the usual lengths are not remembered.
   */
  learn(text: DataView, at: number, length: number, field: number): void {
    const place = this.#place++;
    if (place >= PLACES || length < SHORTEST_LINE || length > LONGEST_LINE) return;
    this.#names[place * 2] = text.getFloat64(at, true);
    this.#names[place * 2 + 1] = text.getFloat64(at + 8, true);
    this.#tails[place] = text.getInt32(at + length - 4, true);
    this.#lengths[place] = length;
    this.#fields[place] = field;
  }
}

export const NOT_KEPT = -1;

/** The right-aligned number in 8 bytes; -1 where it is none. */
function numberAt(text: DataView, from: number): number {
  let value = 0;
  let at = from;
  while (at < from + 7 && text.getUint8(at) === SPACE) at++;
  for (; at < from + 8; at++) {
    const digit = text.getUint8(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** `THPeligible:           0` and its newline have no unit. */
const SHORTEST_LINE = 25;
/** With a number below 100,000,000 kB. */
const LONGEST_LINE = 28;

/** A kernel prints some 22 fields. */
const PLACES = 64;

const SPACE = 0x20;
const ZERO = 0x30;
const ENDS_IN_ZERO = Buffer.from("   0 kB\n").readDoubleLE();
