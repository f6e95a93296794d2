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
  /** How long it is with its newline; 0 where none has been seen. */
  readonly #lengths = new Int32Array(PLACES);
  readonly #fields = new Int32Array(PLACES);
  /** Its last 8 bytes when it last was not 0, and the number: neighbours are alike. */
  readonly #ends = new Float64Array(PLACES);
  readonly #numbers = new Int32Array(PLACES);
  /** The place of the line that comes next. */
  #place = 0;

  /** A new region begins. */
  begin(): void {
    this.#place = 0;
  }

  /** Gives the numbers of lines that are as expected to the builder, and answers where the first other line begins. */
  scan(text: DataView, from: number, to: number, builder: AddressSpaceBuilder): number {
    const names = this.#names;
    const lengths = this.#lengths;
    const fields = this.#fields;
    const ends = this.#ends;
    const numbers = this.#numbers;
    let at = from;
    let place = this.#place;
    for (; place < PLACES && to - at >= LONGEST_LINE; place++) {
      const end = text.getFloat64(at + 20, true);
      // Most numbers are 0: that is what they are already, whatever the name.
      if (end === ENDS_IN_ZERO) {
        at += LONGEST_LINE;
        continue;
      }
      const length = lengths[place] as number;
      const isExpected =
        text.getFloat64(at, true) === names[place * 2] &&
        text.getFloat64(at + 8, true) === names[place * 2 + 1] &&
        text.getUint8(at + length - 1) === NEWLINE;
      if (!isExpected) break;
      const field = fields[place] as number;
      if (field === ELIGIBLE) {
        // Most are not: only what is said of the others is read.
        if (text.getUint8(at + length - 2) !== ZERO) break;
      } else if (field !== NOT_KEPT) {
        if (end !== ends[place]) {
          const kib = numberAt(text, at + 16);
          if (kib < 0 || text.getInt32(at + 24) !== UNIT) break;
          // The last four of the eight places hold all of a number before which there is a space.
          ends[place] = text.getUint8(at + 20) === SPACE ? end : Number.NaN;
          numbers[place] = kib;
        }
        builder.setUsageIndexed(field, numbers[place] as number);
      }
      at += length;
    }
    this.#place = place;
    return at;
  }

  /**
   * Remembers that a line of `length` bytes at `at`, which {@link scan} left, has this field (its index in USAGE_FIELDS,
   * {@link NOT_KEPT} or {@link ELIGIBLE}). Lines of other than the usual lengths are not remembered.
   */
  learn(text: DataView, at: number, length: number, field: number): void {
    const place = this.#place++;
    const isUsual = field < 0 ? length >= SHORTEST_LINE && length <= LONGEST_LINE : length === LONGEST_LINE;
    if (place >= PLACES || !isUsual) return;
    this.#names[place * 2] = text.getFloat64(at, true);
    this.#names[place * 2 + 1] = text.getFloat64(at + 8, true);
    this.#lengths[place] = length;
    this.#fields[place] = field;
    this.#ends[place] = Number.NaN;
  }
}

export const NOT_KEPT = -1;
/** The field whose line has a number without a unit: 0 or 1. */
export const ELIGIBLE = -2;

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

const NEWLINE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const UNIT = Buffer.from(" kB\n").readInt32BE();
const ENDS_IN_ZERO = Buffer.from("   0 kB\n").readDoubleLE();
