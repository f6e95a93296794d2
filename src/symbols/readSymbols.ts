import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Bytes } from "./bytes.ts";
import type { ElfHeader } from "./elfHeader.ts";
import {
  isMapped,
  type SectionHeader,
  SHF_TLS,
  SHT_DYNSYM,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  stringTable,
} from "./sectionHeaders.ts";
import type { StringTable } from "./stringTable.ts";
import { STT_FILE, STT_FUNC, STT_NOTYPE, STT_SECTION, STT_TLS, SymbolTable } from "./symbolTable.ts";

/**
 * Reads the symbols that have a place in memory: those of `.symtab`, then those of `.dynsym`. Left out are undefined,
 * absolute, common and thread-local symbols, whose values are no addresses, those that name files and sections, and
 * the mapping symbols (`$x`, `$d`) that mark code and data on some machines.
 * @returns the symbols, and the index of the first one of `.dynsym`
 */
export async function readSymbols(
  bytes: Bytes,
  header: ElfHeader,
  sections: readonly SectionHeader[],
  slice: TimeSlice,
): Promise<{ symbols: SymbolTable; firstDynamic: number }> {
  const isPlace = Uint8Array.from(sections, (section) => (isMapped(section) && !(section.flags & SHF_TLS) ? 1 : 0));
  const places: Places = { isPlace, machine: header.machine };
  const tables = [SHT_SYMTAB, SHT_DYNSYM].map((type) => findTable(bytes, header, sections, type));
  const symbols = new SymbolTable(tables.reduce((sum, table) => sum + table.count, 0));
  let firstDynamic = 0;
  for (const table of tables) {
    firstDynamic = symbols.length;
    symbols.useStrings(table.strings);
    await readTable(bytes, table, header.format.littleEndian, places, symbols, slice);
  }
  return { symbols, firstDynamic };
}

interface RawTable {
  readonly offset: number;
  readonly count: number;
  readonly wide: boolean;
  readonly strings: StringTable;
  /** Where the indexes of sections beyond 16 bits stand; 0 without such. */
  readonly sectionIndexes: number;
}

/** What is known of all sections and symbols. */
interface Places {
  /** For each section: 1 where addresses in it are addresses in memory. */
  readonly isPlace: Uint8Array;
  readonly machine: number;
}

function findTable(bytes: Bytes, header: ElfHeader, sections: readonly SectionHeader[], type: number): RawTable {
  const { wide } = header.format;
  const index = sections.findIndex((section) => section.type === type);
  const section = sections[index];
  const indexes = sections.find(({ type, link }) => type === SHT_SYMTAB_SHNDX && link === index);
  const offset = section?.offset ?? 0;
  const size = Math.min(section?.size ?? 0, bytes.size - offset);
  return {
    offset,
    count: Math.max(0, Math.min(Math.floor(size / (wide ? WIDE_SYMBOL : NARROW_SYMBOL)), MOST_SYMBOLS)),
    wide,
    strings: stringTable(bytes, section && sections[section.link]),
    sectionIndexes: indexes?.offset ?? 0,
  };
}

async function readTable(
  bytes: Bytes,
  table: RawTable,
  littleEndian: boolean,
  places: Places,
  symbols: SymbolTable,
  slice: TimeSlice,
): Promise<void> {
  const entrySize = table.wide ? WIDE_SYMBOL : NARROW_SYMBOL;
  for (let first = 0; first < table.count; first += CHUNK) {
    const count = Math.min(CHUNK, table.count - first);
    const entries = bytes.read(table.offset + first * entrySize, count * entrySize);
    const indexes = table.sectionIndexes > 0 ? bytes.read(table.sectionIndexes + first * 4, count * 4) : NOTHING;
    const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
    const sectionIndexes = new DataView(indexes.buffer, indexes.byteOffset, indexes.length);
    addSymbols(view, sectionIndexes, table, littleEndian, places, symbols);
    if (slice.isOver) await slice.next();
  }
}

/** Adds the symbols of a chunk of a table that have a place in memory. */
function addSymbols(
  view: DataView,
  sectionIndexes: DataView,
  { wide, strings }: RawTable,
  littleEndian: boolean,
  { isPlace, machine }: Places,
  symbols: SymbolTable,
): void {
  const entrySize = wide ? WIDE_SYMBOL : NARROW_SYMBOL;
  const markers = MAPPING_SYMBOLS[machine];
  const fields = wide ? { info: 4, section: 6, value: 8, size: 16 } : { info: 12, section: 14, value: 4, size: 8 };
  // Of a number of 8 bytes, the half that comes first is the high one in a big-endian file.
  const [lowHalf, highHalf] = wide && !littleEndian ? [4, 0] : [0, 4];
  for (let at = 0; at + entrySize <= view.byteLength; at += entrySize) {
    let section = view.getUint16(at + fields.section, littleEndian);
    if (section === SHN_XINDEX) {
      const index = (at / entrySize) * 4;
      section = index + 4 <= sectionIndexes.byteLength ? sectionIndexes.getUint32(index, littleEndian) : 0;
    } else if (section >= SHN_LORESERVE) continue;
    if (isPlace[section] !== 1) continue;

    const info = view.getUint8(at + fields.info);
    const type = info & 15;
    if (type === STT_SECTION || type === STT_FILE || type === STT_TLS) continue;
    const name = view.getUint32(at, littleEndian);
    if (name === 0 || name >= strings.size) continue;
    if (markers !== undefined && info === STT_NOTYPE && strings.isMappingSymbol(name, markers)) continue;

    let low = view.getUint32(at + fields.value + lowHalf, littleEndian);
    if (machine === EM_ARM && type === STT_FUNC) low = (low & ~THUMB) >>> 0;
    symbols.add(
      low,
      wide ? view.getUint32(at + fields.value + highHalf, littleEndian) : 0,
      view.getUint32(at + fields.size + lowHalf, littleEndian),
      wide ? view.getUint32(at + fields.size + highHalf, littleEndian) : 0,
      section,
      info,
      name,
    );
  }
}

const NOTHING = Buffer.alloc(0);
const NARROW_SYMBOL = 16;
const WIDE_SYMBOL = 24;
/** Symbols read at once: a third of a megabyte. */
const CHUNK = 1 << 14;
/** Several times what the largest programs have; a sparse file can claim any number. */
const MOST_SYMBOLS = 1 << 24;

const SHN_LORESERVE = 0xff00;
const SHN_XINDEX = 0xffff;

const EM_ARM = 40;
const EM_AARCH64 = 183;
const EM_RISCV = 243;
/** What stands after the `$`, by machine: ARM code, Thumb code or data. @see ELF for the Arm Architecture, §5.5.5 */
const MAPPING_SYMBOLS: Record<number, string> = { [EM_ARM]: "adt", [EM_AARCH64]: "dx", [EM_RISCV]: "dx" };
/** In the address of a Thumb function: the bit that tells its instruction set. */
const THUMB = 1;
