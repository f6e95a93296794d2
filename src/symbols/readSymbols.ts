import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Elf } from "./elf.ts";
import { ET_REL } from "./elfHeader.ts";
import type { ElfFormat } from "./fields.ts";
import { BYTES } from "./loops/layout.ts";
import { memory, readForLoops, scratch } from "./loops.ts";
import type { Near } from "./near.ts";
import { readPltEntries } from "./pltEntries.ts";
import { addPltSymbols } from "./pltSymbols.ts";
import { type ProgramHeader, PT_LOAD, threadLocalTemplate } from "./programHeaders.ts";
import { SectionExtents } from "./sectionExtents.ts";
import { isMapped, type SectionHeader, SHF_TLS } from "./sectionHeaders.ts";
import { dynamicSource, type SymbolSource, staticSource, symbolSize } from "./symbolSources.ts";
import {
  ABSOLUTE,
  COMMON,
  NO_SECTION,
  STT_FILE,
  STT_FUNC,
  STT_NOTYPE,
  STT_SECTION,
  STT_TLS,
  SymbolTable,
} from "./symbolTable.ts";

/** The symbols of a file. */
export interface FileSymbols {
  readonly table: SymbolTable;
  /**
   * The first symbol that is not of `.symtab` or what takes its place, and only of interest where that has none at its
   * address.
   */
  readonly firstSupplement: number;
  /** Where the sections lie that the table's symbols are in. */
  readonly extents: SectionExtents;
}

/**
 * Reads the symbols of `.symtab` and of `.dynsym`, and names the entries of the procedure linkage table. Left out are
 * undefined symbols, those that name files and sections, and the mapping symbols (`$x`, `$d`) that mark code and data on
 * some machines.
 * @param debug a debug file of it, whose `.symtab` takes the place of one that was stripped
 * @param mini its mini debug info, whose `.symtab` has functions that `.dynsym` lacks
 * @param near of the symbols in memory those are enough that are near, without entries of the procedure linkage table
 */
export async function readSymbols(
  elf: Elf,
  debug: Elf | null,
  mini: Elf | null,
  near: Near | null,
  slice: TimeSlice,
): Promise<FileSymbols> {
  const places = placesOf(elf);
  const sourceIn = (other: Elf) => ({
    elf: other,
    source: staticSource(other),
    places: translated(places, elf, other),
  });
  const own = { elf, source: staticSource(elf), places };
  const main = debug === null || own.source.count > 0 ? own : sourceIn(debug);
  const dynamic = { elf, source: dynamicSource(elf), places };
  const supplements = mini === null ? [dynamic] : [dynamic, sourceIn(mini)];
  const plt = near === null ? readPltEntries(elf) : [];
  const all = supplements.reduce((sum, { source }) => sum + source.count, main.source.count + plt.length);
  const table = new SymbolTable(near === null ? all : FEW);
  await readTable(main, near, table, slice);
  const firstSupplement = table.length;
  for (const supplement of supplements) await readTable(supplement, near, table, slice);
  await addPltSymbols(elf, plt, table, slice);
  return { table, firstSupplement, extents: places.extents };
}

/** Symbols of a file, and what is known of the sections they are in. */
interface Located {
  readonly elf: Elf;
  readonly source: SymbolSource;
  readonly places: Places;
}

/** What is known of the sections that symbols are in. */
interface Places {
  readonly extents: SectionExtents;
  /** Whether the section table is stripped: then addresses decide what a symbol is in. */
  readonly isStripped: boolean;
  readonly isLinked: boolean;
  /** For each section of the symbols' file which of the extents it is; -1 where its addresses are none in memory. */
  readonly extentOf: Int32Array;
  /** The same for thread-local symbols; -1 for all but their sections. */
  readonly threadLocalExtentOf: Int32Array;
  /** For each section where it lies, which is to be added to values of symbols in a file that is not linked. */
  readonly base: Float64Array;
  /** What to add to values of thread-local symbols: where their template lies. */
  readonly template: number;
}

function placesOf({ header, programs, sections }: Elf): Places {
  const isLinked = header.type !== ET_REL;
  const isStripped = sections.length === 0;
  const extentOf = new Int32Array(sections.length).fill(-1);
  const threadLocalExtentOf = extentOf.slice();
  const base = new Float64Array(sections.length);
  for (const [index, section] of sections.entries()) {
    base[index] = Number(section.address);
    if (isMapped(section)) ((section.flags & SHF_TLS) === 0 ? extentOf : threadLocalExtentOf)[index] = index;
  }
  return {
    extents: new SectionExtents(isStripped ? segmentsOf(programs) : sections),
    isStripped,
    isLinked,
    extentOf,
    threadLocalExtentOf,
    base,
    template: isLinked ? threadLocalTemplate(programs) : 0,
  };
}

function segmentsOf(programs: readonly ProgramHeader[]): { address: bigint; size: number }[] {
  const segments = programs.filter(({ type }) => type === PT_LOAD).slice(0, MOST_SEGMENTS);
  return segments.map(({ address, memorySize: size }) => ({ address, size }));
}

/** The places of a file for the symbols of another one, which has the same sections but numbers them anew. */
function translated(places: Places, elf: Elf, other: Elf): Places {
  const key = ({ name, address }: SectionHeader) => `${address} ${name}`;
  const indexes = new Map(elf.sections.map((section, index) => [key(section), index]));
  const originals = Int32Array.from(other.sections, (section) => indexes.get(key(section)) ?? -1);
  return {
    ...places,
    extentOf: originals.map((original) => places.extentOf[original] ?? -1),
    threadLocalExtentOf: originals.map((original) => places.threadLocalExtentOf[original] ?? -1),
    base: Float64Array.from(other.sections, ({ address }) => Number(address)),
  };
}

async function readTable(located: Located, near: Near | null, table: SymbolTable, slice: TimeSlice): Promise<void> {
  const { elf, source, places } = located;
  const { bytes, header } = elf;
  const { wide, littleEndian } = header.format;
  const entrySize = symbolSize(elf);
  // Values are addresses as they stand there, but those of threads, which are not in memory.
  const isPlain = places.isLinked && header.machine !== EM_ARM && wide && littleEndian;
  const far = near && isPlain ? { near, section: sectionOf(places, near) } : null;
  const reading = { ...located, near, far, fields: fieldsOf(header.format) };
  table.useNames(source);
  const starts = Array.from({ length: Math.ceil(source.count / CHUNK) }, (_, chunk) => chunk * CHUNK);
  // Local symbols come first, by and large in the order of their addresses: of those each one is nearer than the last.
  if (near !== null) starts.reverse();
  for (const first of starts) {
    const count = Math.min(CHUNK, source.count - first);
    const column = (offset: number, size: number) =>
      offset > 0 ? viewOf(bytes.read(offset + first * size, count * size)) : NOTHING;
    const entries = readForLoops(bytes, source.offset + first * entrySize, count * entrySize);
    if (!littleEndian) scratch.swap32();
    const words = new Uint32Array(memory, BYTES, entries.length >>> 2);
    addSymbols(reading, table, words, column(source.sectionIndexes, 4), column(source.versionIndexes, 2));
    if (slice.isOver) await slice.next();
  }
}

/** The index of the section that an address is in; -1 where it is none that symbols name in 16 bits. */
function sectionOf({ extents, extentOf }: Places, { low, high }: Near): number {
  const section = extentOf.findIndex((extent) => extent >= 0 && extents.contains(extent, low, high));
  return section < SHN_LORESERVE ? section : -1;
}

/** Symbols that are read, and how. */
interface Reading extends Located {
  readonly near: Near | null;
  /** For those that are near, where nearly all others can be passed over; the section that the address is in. */
  readonly far: { readonly near: Near; readonly section: number } | null;
  readonly fields: ReturnType<typeof fieldsOf>;
}

/**
 * Adds the symbols of a chunk of a table.
 * @param words of the entries; plain arrays are much faster than views while nothing has been compiled yet
 * @param versions the entries of `.gnu.version` for them, if any
 */
function addSymbols(
  { elf, source, places, near, far, fields }: Reading,
  table: SymbolTable,
  words: Uint32Array,
  sectionIndexes: DataView,
  versions: DataView,
): void {
  const { header } = elf;
  const { wide, littleEndian } = header.format;
  const { strings } = source;
  const markers = MAPPING_SYMBOLS[header.machine];
  far?.near.lookAhead(words.length * 4, far.section, strings.size);
  const next = (from: number) => (far === null ? from : far.near.next(from * 4, words.length * 4) / 4);
  for (let at = next(0); at + fields.words <= words.length; at = next(at + fields.words)) {
    const index = at / fields.words;
    // st_info, st_other, st_shndx
    const kind = words[at + fields.kind] as number;
    let section = littleEndian ? kind >>> 16 : kind & 0xffff;
    if (section === SHN_UNDEF) continue;
    const info = littleEndian ? kind & 0xff : kind >>> 24;
    const type = info & 15;
    if (type === STT_SECTION || type === STT_FILE) continue;
    const name = words[at] as number;
    if (name === 0 || name >= strings.size) continue;
    if (markers !== undefined && info === STT_NOTYPE && strings.isMappingSymbol(name, markers)) continue;

    if (section >= SHN_LORESERVE) {
      const isExtended = section === SHN_XINDEX && index * 4 + 4 <= sectionIndexes.byteLength;
      section = isExtended ? sectionIndexes.getUint32(index * 4, littleEndian) : (UNPLACED[section] ?? SHN_UNDEF);
    }
    let low = words[at + fields.valueLow] as number;
    let high = wide ? (words[at + fields.valueHigh] as number) : 0;
    if (type === STT_TLS || !places.isLinked) {
      const value = high * HALF + low + baseOf(places, section, type);
      low = value >>> 0;
      high = Math.floor(value / HALF) >>> 0;
    }
    if (header.machine === EM_ARM && type === STT_FUNC) low = (low & ~THUMB) >>> 0;
    let extent = type !== STT_TLS && section < places.extentOf.length ? (places.extentOf[section] as number) : -1;
    if (extent < 0) extent = unusualExtent(places, section, type, low, high);
    if (extent < 0) continue;
    const sizeLow = words[at + fields.sizeLow] as number;
    const sizeHigh = wide ? (words[at + fields.sizeHigh] as number) : 0;
    if (near !== null) {
      const isInMemory = type !== STT_TLS && extent !== ABSOLUTE && extent !== COMMON;
      if (!isInMemory || !near.has(low, high, sizeLow, sizeHigh)) continue;
    }
    const version = index * 2 + 2 <= versions.byteLength ? versions.getUint16(index * 2, littleEndian) : 0;
    table.add(low, high, sizeLow, sizeHigh, extent, info, name, version);
  }
}

/** Where the fields of a symbol are among its words, the three small ones in one. @see elf(5), "Elf32_Sym" */
function fieldsOf({ wide, littleEndian }: ElfFormat) {
  if (!wide) return { words: 4, kind: 3, valueLow: 1, valueHigh: 1, sizeLow: 2, sizeHigh: 2 };
  // Of a number of 8 bytes, the half that comes first is the high one in a big-endian file.
  const [low, high] = littleEndian ? [0, 1] : [1, 0];
  return { words: 6, kind: 1, valueLow: 2 + low, valueHigh: 2 + high, sizeLow: 4 + low, sizeHigh: 4 + high };
}

function baseOf({ isLinked, base, template }: Places, section: number, type: number): number {
  return (type === STT_TLS ? template : 0) + (isLinked ? 0 : (base[section] ?? 0));
}

/** The extent that a symbol is in, or what stands for none; -1 where it has no place. */
function unusualExtent(places: Places, section: number, type: number, low: number, high: number): number {
  if (section === ABSOLUTE || section === COMMON) return section;
  if (places.isStripped && section !== SHN_UNDEF) {
    return type === STT_TLS ? NO_SECTION : (places.extents.find(low, high) ?? NO_SECTION);
  }
  const extent = places.threadLocalExtentOf[section] ?? -1;
  // gold says of the marks of the data's end (`_end`) that they belong to the thread-local section before.
  const isMark = type !== STT_TLS && extent >= 0 && !places.extents.contains(extent, low, high);
  return isMark ? NO_SECTION : type === STT_TLS ? extent : -1;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

const NOTHING = new DataView(new ArrayBuffer(0));
/** Symbols read at once: what they take stays in the cache of a processor. */
const CHUNK = 1 << 12;
/** Seldom are more symbols near. */
const FEW = 256;
/** Real files have some ten. */
const MOST_SEGMENTS = 64;
const HALF = 2 ** 32;

const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;
const SHN_XINDEX = 0xffff;

/** `SHN_ABS`, `SHN_COMMON`. */
const UNPLACED: Record<number, number> = { 65521: ABSOLUTE, 65522: COMMON };

const EM_ARM = 40;
const EM_AARCH64 = 183;
const EM_RISCV = 243;
/** What stands after the `$`, by machine: ARM code, Thumb code or data. @see ELF for the Arm Architecture, §5.5.5 */
const MAPPING_SYMBOLS: Record<number, string> = { [EM_ARM]: "adt", [EM_AARCH64]: "dx", [EM_RISCV]: "dx" };
/** In the address of a Thumb function: the bit that tells its instruction set. */
const THUMB = 1;
