import type { Bytes } from "./bytes.ts";
import { type ElfFormat, Fields } from "./fields.ts";

/** The ELF header, its counts resolved where they do not fit (`PN_XNUM`, `e_shnum` 0, `SHN_XINDEX`). @see elf(5) */
export interface ElfHeader {
  readonly format: ElfFormat;
  /** `e_type`: {@link ET_REL} or another. */
  readonly type: number;
  /** `e_machine`. */
  readonly machine: number;
  readonly programHeaders: Table;
  readonly sectionHeaders: Table;
  /** Index of the section that holds the sections' names. */
  readonly sectionNames: number;
}

/** Not linked yet: the addresses of sections are not given, relocations not applied. */
export const ET_REL = 1;

/** Records of one size in a row; no more of them than the file has room for. */
export interface Table {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

/** Reads the ELF header; `null` where the file is no ELF file of a known class, byte order and version. */
export function readElfHeader(bytes: Bytes): ElfHeader | null {
  const start = bytes.read(0, WIDE_SIZE);
  const wide = start[4] === ELFCLASS64;
  const littleEndian = start[5] === ELFDATA2LSB;
  const known = (wide || start[4] === ELFCLASS32) && (littleEndian || start[5] === ELFDATA2MSB) && start[6] === 1;
  if (!start.subarray(0, 4).equals(MAGIC) || !known || start.length < (wide ? WIDE_SIZE : NARROW_SIZE)) return null;

  const format = { wide, littleEndian };
  const fields = new Fields(start, format);
  const counts = wide ? 54 : 42;
  const sections = table(bytes, fields.size(wide ? 40 : 32), fields.u16(counts + 4), wide ? 64 : 40);
  // What does not fit into 16 bits stands in the otherwise empty first section header.
  const first = new Fields(bytes.read(sections.offset, sections.count > 0 ? sections.entrySize : 0), format);
  const hasFirst = first.length === sections.entrySize;
  const extended = (value: number, tooLarge: number, field: () => number) =>
    value === tooLarge && hasFirst ? field() : value;
  const programCount = extended(fields.u16(counts + 2), PN_XNUM, () => first.u32(wide ? 44 : 28));
  const sectionCount = extended(fields.u16(counts + 6), 0, () => first.size(wide ? 32 : 20));
  const sectionNames = extended(fields.u16(counts + 8), SHN_XINDEX, () => first.u32(wide ? 40 : 24));
  const programs = table(bytes, fields.size(wide ? 32 : 28), fields.u16(counts), wide ? 56 : 32);
  return {
    format,
    type: fields.u16(16),
    machine: fields.u16(18),
    programHeaders: { ...programs, count: Math.min(programCount, programs.count) },
    sectionHeaders: { ...sections, count: Math.min(sectionCount, sections.count) },
    sectionNames,
  };
}

/** The longest table that the file has room for at an offset; an empty one where entries are too small for the fields. */
function table(bytes: Bytes, offset: number, entrySize: number, smallestEntry: number): Table {
  if (offset === 0 || entrySize < smallestEntry) return { offset, entrySize: smallestEntry, count: 0 };
  const room = Math.floor((bytes.size - offset) / entrySize);
  return { offset, entrySize, count: Math.max(0, Math.min(room, MOST_ENTRIES)) };
}

const MAGIC = Buffer.from("\x7fELF", "latin1");
const ELFCLASS32 = 1;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const ELFDATA2MSB = 2;
const NARROW_SIZE = 52;
const WIDE_SIZE = 64;
const PN_XNUM = 0xffff;
const SHN_XINDEX = 0xffff;
/** Ten times what `-ffunction-sections` or a core file makes; a sparse file can claim any number. */
const MOST_ENTRIES = 1 << 20;
