import type { Section } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Bytes } from "./bytes.ts";
import { type ElfHeader, ET_REL } from "./elfHeader.ts";
import { Fields, fitsMemory } from "./fields.ts";
import { StringTable } from "./stringTable.ts";

/** A section header. Sizes and offsets are as the file claims: it may be shorter. @see elf(5) */
export interface SectionHeader {
  /** Empty where it can't be read. */
  readonly name: string;
  /** `sh_type`: one of {@link SHT_SYMTAB}, … or another. */
  readonly type: number;
  /** The low 32 bits of `sh_flags`: {@link SHF_ALLOC}, … */
  readonly flags: number;
  /** In a file that is not linked as {@link placeSections} gives it. */
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  /** The index of another section, by type; of a symbol table: its names. */
  readonly link: number;
  /** More, by type; of relocations: the index of the section that they change. */
  readonly info: number;
  /** A power of two that the address is a multiple of; 0 and 1 ask for nothing. */
  readonly alignment: number;
  /** Bytes of a record, in sections of such. */
  readonly entrySize: number;
}

export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHT_DYNSYM = 11;
export const SHT_SYMTAB_SHNDX = 18;
export const SHT_GNU_VERDEF = 0x6ffffffd;
export const SHT_GNU_VERNEED = 0x6ffffffe;
export const SHT_GNU_VERSYM = 0x6fffffff;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_TLS = 0x400;
export const SHF_COMPRESSED = 0x800;

/** Reads the section headers in the file's order, as many as the file has of those it claims; none where stripped. */
export async function readSectionHeaders(bytes: Bytes, header: ElfHeader, slice: TimeSlice): Promise<SectionHeader[]> {
  const { format, sectionHeaders: table } = header;
  const places = format.wide ? WIDE : NARROW;
  const headers: SectionHeader[] = [];
  const nameOffsets: number[] = [];
  while (headers.length < table.count) {
    const count = Math.min(CHUNK, table.count - headers.length);
    const chunk = bytes.read(table.offset + headers.length * table.entrySize, count * table.entrySize);
    const fields = new Fields(chunk, format);
    const whole = Math.floor(chunk.length / table.entrySize);
    for (let i = 0; i < whole; i++) {
      const at = i * table.entrySize;
      headers.push(readSectionHeader(fields, at, places));
      nameOffsets.push(fields.u32(at));
    }
    if (whole < count) break;
    if (slice.isOver) await slice.next();
  }
  const strings = stringTable(bytes, headers[header.sectionNames]);
  for (const [index, name] of (await strings.names(Uint32Array.from(nameOffsets), slice)).entries()) {
    (headers[index] as { name: string }).name = name;
  }
  return header.type === ET_REL ? placeSections(headers) : headers;
}

/** Without its name. */
function readSectionHeader(fields: Fields, at: number, places: typeof WIDE): SectionHeader {
  return {
    name: "",
    type: fields.u32(at + 4),
    flags: fields.flags(at + 8),
    address: fields.address(at + places.address),
    offset: fields.size(at + places.offset),
    size: fields.size(at + places.size),
    link: fields.u32(at + places.link),
    info: fields.u32(at + places.info),
    alignment: fields.size(at + places.alignment),
    entrySize: fields.size(at + places.entrySize),
  };
}

/** Where the fields stand that have another place in files of 64 bits than in those of 32. @see elf(5) */
const WIDE = { address: 16, offset: 24, size: 32, link: 40, info: 44, alignment: 48, entrySize: 56 };
const NARROW = { address: 12, offset: 16, size: 20, link: 24, info: 28, alignment: 32, entrySize: 36 };

/**
 * Gives the sections of a file that is not linked, whose addresses are all 0, places: from 0 on one after the other as
 * they are aligned, code first, else in the file's order. So in a file with one section of code its addresses are
 * offsets in that section, as nm and objdump print them. What claims to be larger than memory is said to have no place.
 */
function placeSections(headers: readonly SectionHeader[]): SectionHeader[] {
  const placed = [...headers];
  let end = 0;
  for (const wanted of [SHF_EXECINSTR, 0]) {
    for (const [index, header] of headers.entries()) {
      if ((header.flags & SHF_ALLOC) === 0 || (header.flags & SHF_EXECINSTR) !== wanted) continue;
      const alignment = Math.max(1, header.alignment);
      const address = Math.ceil(end / alignment) * alignment;
      const fits = Number.isSafeInteger(address + header.size);
      placed[index] = fits ? { ...header, address: BigInt(address) } : { ...header, flags: header.flags & ~SHF_ALLOC };
      if (fits) end = address + header.size;
    }
  }
  return placed;
}

/** The first section of a type; with a link, of those that belong to that section. */
export function sectionOfType(
  sections: readonly SectionHeader[],
  type: number,
  link?: number,
): SectionHeader | undefined {
  for (const section of sections) {
    if (section.type === type && (link === undefined || section.link === link)) return section;
  }
  return undefined;
}

/** The first section of a name. */
export function sectionNamed(sections: readonly SectionHeader[], name: string): SectionHeader | undefined {
  for (const section of sections) if (section.name === name) return section;
  return undefined;
}

/** Whether a section has its place in memory. */
export function isMapped({ flags, address, size }: SectionHeader): boolean {
  return (flags & SHF_ALLOC) !== 0 && fitsMemory(address, size);
}

/** The sections that have their place in memory, by address. */
export function mappedSections(headers: readonly SectionHeader[]): Section[] {
  return headers
    .filter(isMapped)
    .map(({ name, type, flags, address, size }) => ({
      name,
      address,
      size,
      noBits: type === SHT_NOBITS,
      writable: (flags & SHF_WRITE) !== 0,
      executable: (flags & SHF_EXECINSTR) !== 0,
      threadLocal: (flags & SHF_TLS) !== 0,
    }))
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/** The names in a section; empty where it is no string table. */
export function stringTable(
  bytes: Bytes,
  section: Pick<SectionHeader, "type" | "offset" | "size"> | undefined,
): StringTable {
  return section?.type === SHT_STRTAB
    ? new StringTable(bytes, section.offset, section.size)
    : new StringTable(bytes, 0, 0);
}

const CHUNK = 1024;
