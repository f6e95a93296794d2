/**
 * How the kernel prints the fields of a region in smaps. It prints the same ones in the same order for every region, each
 * on a line of 28 bytes: the name and spaces in 16, the number right-aligned in 8, ` kB` and a newline. So a line is
 * recognised by comparing it, eight bytes at a time, with the one that stood at its place in an earlier region, which is
 * three times as fast as reading names. (Eight ASCII characters as a double are never NaN: they compare as integers do.)
 */
export class FieldLayout {
  /** The first 16 bytes of the line at each place. */
  readonly #names = new Float64Array(PLACES * 2);
  /** Its last 4 bytes, and how long it is with its newline; 0 where none has been seen. */
  readonly #tails = new Int32Array(PLACES);
  readonly #lengths = new Int32Array(PLACES);
  readonly #fields = new Int32Array(PLACES);

  /** How long the line at `at` is when it is as the one that was learnt for this place; else 0. */
  lengthAt(place: number, view: DataView, at: number): number {
    if (place >= PLACES) return 0;
    const length = this.#lengths[place] as number;
    return length > 0 &&
      view.getFloat64(at, true) === this.#names[place * 2] &&
      view.getFloat64(at + 8, true) === this.#names[place * 2 + 1] &&
      view.getInt32(at + length - 4, true) === this.#tails[place]
      ? length
      : 0;
  }

  /** What was given to {@link learn}. */
  fieldAt(place: number): number {
    return this.#fields[place] as number;
  }

  /** Remembers that the line at `at` has this field. Lines of other lengths than the usual ones are not remembered. */
  learn(place: number, view: DataView, at: number, length: number, field: number): void {
    if (place >= PLACES || length < SHORTEST_LINE || length > LONGEST_LINE) return;
    this.#names[place * 2] = view.getFloat64(at, true);
    this.#names[place * 2 + 1] = view.getFloat64(at + 8, true);
    this.#tails[place] = view.getInt32(at + length - 4, true);
    this.#lengths[place] = length;
    this.#fields[place] = field;
  }
}

/** `THPeligible:           0` and its newline have no unit. */
const SHORTEST_LINE = 25;

/** Bytes of a line with a number below 100,000,000 kB. */
export const LONGEST_LINE = 28;

/** A kernel prints some 22 fields. */
const PLACES = 64;

/** The number of a recognised line with a unit, in KiB; -1 where it is none. */
export function fieldValue(bytes: Buffer, view: DataView, at: number): number {
  // Most numbers are 0.
  if (view.getFloat64(at + 16, true) === RIGHT_ALIGNED_ZERO) return 0;
  let value = 0;
  let next = at + 16;
  while (bytes[next] === SPACE) next++;
  for (; next < at + 24; next++) {
    const digit = (bytes[next] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const SPACE = 0x20;
const ZERO = 0x30;
const RIGHT_ALIGNED_ZERO = Buffer.from("       0").readDoubleLE();
