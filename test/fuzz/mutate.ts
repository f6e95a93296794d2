/** Damages ELF files where it hurts: in their debug sections, most of all in what tells lengths and offsets. */
import type { Random } from "./random.ts";

/** A part of a file that is worth damaging. */
interface Part {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  /** Where the headers of its units begin, which tell their lengths. */
  readonly units: readonly number[];
}

/** Damages a copy of a file in one to four places, and says how. */
export function mutate(original: Buffer, random: Random): { bytes: Buffer; how: string } {
  let bytes = Buffer.from(original);
  const parts = partsOf(bytes);
  const told: string[] = [];
  for (let count = random.of([1, 1, 1, 2, 3, 4]); count > 0; count--) {
    if (random.below(60) === 0) {
      const length = random.below(bytes.length);
      bytes = bytes.subarray(0, length);
      told.push(`cut to ${length} bytes`);
      break;
    }
    const debug = parts.filter(({ name }) => name.startsWith(".debug") || name.startsWith(".zdebug"));
    const part = random.of(debug.length > 0 && random.below(8) > 0 ? debug : parts);
    if (part.size === 0) continue;
    const at = place(part, random);
    const damage = random.of(DAMAGES);
    damage(bytes, at, part, random);
    told.push(`${damage.name} at ${at - part.start} of ${part.name}`);
  }
  return { bytes, how: told.join(", ") };
}

/** Half of the time in the header of a unit, where the lengths are. */
function place({ start, size, units }: Part, random: Random): number {
  const from = units.length > 0 && random.below(2) === 0 ? random.of(units) : null;
  return from === null ? start + random.below(size) : Math.min(from + random.below(48), start + size - 1);
}

type Damage = (bytes: Buffer, at: number, part: Part, random: Random) => void;

const flipBit: Damage = (bytes, at, _, random) => {
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
};

const setByte: Damage = (bytes, at, _, random) => {
  bytes[at] = random.of([0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff, random.below(256)]);
};

/** A length, a count or an offset becomes very large, negative, or one too many. */
const setNumber: Damage = (bytes, at, { size }, random) => {
  const width = random.of([2, 4, 4, 4, 8]);
  if (at + width > bytes.length) return;
  const largest = (1n << BigInt(width * 8)) - 1n;
  const value = random.of([
    0n,
    1n,
    largest,
    largest - BigInt(random.below(16)),
    largest >> 1n,
    (largest >> 1n) + 1n,
    0xffff_fff0n,
    BigInt(size),
    BigInt(size + 1),
    BigInt(random.below(size)),
    1n << BigInt(random.below(width * 8)),
  ]);
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt.asUintN(64, value));
  number.copy(bytes, at, 0, width);
};

/** A number of LEB128 that goes on and on, or is as large as can be. */
const setLeb: Damage = (bytes, at, _, random) => {
  const length = random.of([2, 5, 9, 10, 11, 40]);
  bytes.fill(random.of([0x80, 0xff]), at, Math.min(at + length, bytes.length));
  if (random.below(2) === 0 && at + length < bytes.length) bytes[at + length] = random.of([0, 1, 0x7f, 0x40]);
};

/** An offset leads back to itself, or near. */
const referToItself: Damage = (bytes, at, { start, units }, random) => {
  const unit = units.filter((offset) => offset <= at).at(-1) ?? start;
  const target = at - random.of([start, unit]) - random.of([0, 0, 1, 2, 4, 8, 12]);
  if (at + 4 <= bytes.length) bytes.writeUInt32LE(Math.max(0, target), at);
};

const fill: Damage = (bytes, at, { start, size }, random) => {
  const length = random.of([4, 16, 64, 256, 4096]);
  bytes.fill(random.of([0, 1, 0x7f, 0x80, 0xff]), at, Math.min(at + length, start + size));
};

/** What stands elsewhere in the same part. */
const copy: Damage = (bytes, at, { start, size }, random) => {
  const from = start + random.below(size);
  const length = Math.min(random.of([1, 4, 16, 64, 512]), start + size - Math.max(from, at));
  bytes.copy(bytes, at, from, from + length);
};

/** Everything behind moves by some bytes. */
const shift: Damage = (bytes, at, { start, size }, random) => {
  const by = 1 + random.below(8);
  if (random.below(2) === 0) bytes.copy(bytes, at, Math.min(at + by, start + size), start + size);
  else bytes.copy(bytes, Math.min(at + by, start + size), at, start + size - by);
};

const DAMAGES: readonly Damage[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setNumber,
  setNumber,
  setNumber,
  setLeb,
  referToItself,
  referToItself,
  fill,
  copy,
  shift,
];

/** The sections of an ELF file (of either width, little-endian), its header and its section table. */
function partsOf(bytes: Buffer): Part[] {
  const wide = bytes[4] === 2;
  const word = (at: number) => (wide ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  const table = word(wide ? 40 : 32);
  const [entrySize, count, names] = [0, 2, 4].map((at) => bytes.readUInt16LE((wide ? 58 : 46) + at)) as [
    number,
    number,
    number,
  ];
  const headers = Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    const [offset, size] = wide ? [24, 32] : [16, 20];
    return {
      name: bytes.readUInt32LE(at),
      type: bytes.readUInt32LE(at + 4),
      start: word(at + offset),
      size: word(at + size),
    };
  });
  const nameAt = (at: number) => bytes.toString("latin1", at, bytes.indexOf(0, at));
  const sections = headers
    .filter(({ type }) => type !== 0 && type !== 8)
    .map(({ name, start, size }) => ({ name: nameAt((headers[names]?.start ?? 0) + name), start, size }))
    .filter(({ name }) => INTERESTING.test(name))
    .map((part) => ({ ...part, units: unitsOf(bytes, part) }));
  return [
    ...sections,
    { name: "the header", start: 0, size: 64, units: [] },
    { name: "the section table", start: table, size: entrySize * count, units: [] },
  ];
}

/** Not code and data: nobody reads those. */
const INTERESTING = /^\.(z?debug|gnu_debug|gdb_index|symtab|dynsym|strtab|dynstr|shstrtab|note|gnu\.version|rela?\.)/;

/** Where the units of a section begin, as their lengths tell; those of few other sections begin with a length. */
function unitsOf(bytes: Buffer, { start, size }: { start: number; size: number }): number[] {
  const units = [start];
  for (let at = start; at + 12 < start + size && units.length < 1000; ) {
    const length = bytes.readUInt32LE(at);
    at += length === 0xffff_ffff ? 12 + bytes.readUInt32LE(at + 4) : 4 + length;
    if (at < start + size) units.push(at);
  }
  return units;
}
