/**
 * The kernel prints the fields of every region in the same order, each as a line of 28 bytes: the name and spaces in
 * 16, the number right-aligned in 8, ` kB` and a newline. So a line is recognised by comparing it, four bytes at a time,
 * with the one that stood at its place in an earlier region: a third of the time that reading names takes.
 */
export class FieldLayout {
  /** The first 16 bytes of the line at each place. */
  readonly #names = new Int32Array(PLACES * 4);
  readonly #fields = new Int32Array(PLACES).fill(UNLEARNT);

  /** The field that was learnt for this place, where the line at `at` is one of it; else {@link UNLEARNT}. */
  fieldAt(place: number, view: DataView, at: number): number {
    const names = this.#names;
    const name = place * 4;
    return place < PLACES &&
      view.getInt32(at, true) === names[name] &&
      view.getInt32(at + 4, true) === names[name + 1] &&
      view.getInt32(at + 8, true) === names[name + 2] &&
      view.getInt32(at + 12, true) === names[name + 3] &&
      view.getInt32(at + 24, true) === KIB_AND_NEWLINE
      ? (this.#fields[place] as number)
      : UNLEARNT;
  }

  /** Remembers that the line at `at` is of this field; `length` with its newline. */
  learn(place: number, view: DataView, at: number, length: number, field: number): void {
    if (place >= PLACES || length !== FIELD_LINE) return;
    for (let word = 0; word < 4; word++) this.#names[place * 4 + word] = view.getInt32(at + word * 4, true);
    this.#fields[place] = field;
  }
}

/** Bytes of a line with a number below 100,000,000 kB. */
export const FIELD_LINE = 28;

/** No field: the place's line is another one, or has never been seen. */
export const UNLEARNT = -2;

/** The number of a recognised line, in KiB; -1 where it is none. */
export function fieldValue(bytes: Buffer, view: DataView, at: number): number {
  // Most numbers are 0.
  if (view.getInt32(at + 20, true) === SPACES_AND_ZERO && view.getInt32(at + 16, true) === SPACES) return 0;
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

/** A kernel prints some 22 fields. */
const PLACES = 64;

const SPACE = 0x20;
const ZERO = 0x30;
/** Little-endian. */
const SPACES = 0x20202020;
const SPACES_AND_ZERO = 0x30202020;
const KIB_AND_NEWLINE = 0x0a426b20;
