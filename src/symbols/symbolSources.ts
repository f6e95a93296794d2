/** Finds the tables of symbols in an ELF file. @see elf(5), "String and symbol tables" */
import {
  DT_GNU_HASH,
  DT_HASH,
  DT_STRSZ,
  DT_STRTAB,
  DT_SYMTAB,
  DT_VERDEF,
  DT_VERNEED,
  DT_VERSYM,
  DynamicSection,
} from "./dynamicSection.ts";
import type { Elf } from "./elf.ts";
import { Fields } from "./fields.ts";
import {
  SHT_DYNSYM,
  SHT_GNU_VERDEF,
  SHT_GNU_VERNEED,
  SHT_GNU_VERSYM,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  sectionOfType,
  stringTable,
} from "./sectionHeaders.ts";
import { StringTable } from "./stringTable.ts";
import { SymbolVersions } from "./symbolVersions.ts";

/** A table of symbols as it is in a file. */
export interface SymbolSource {
  readonly offset: number;
  /** No more than the file has room for. */
  readonly count: number;
  readonly strings: StringTable;
  /** Where the indexes of sections beyond 16 bits stand; 0 without such. */
  readonly sectionIndexes: number;
  /** Where the symbols' versions stand; 0 without such. */
  readonly versionIndexes: number;
  /** `null` where names have their versions behind them. */
  readonly versions: SymbolVersions | null;
}

/** `.symtab`; empty where it is stripped. */
export function staticSource(elf: Elf): SymbolSource {
  return sourceOf(elf, SHT_SYMTAB);
}

/** `.dynsym`: by the section table, or where that is stripped by what the dynamic linker is told. */
export function dynamicSource(elf: Elf): SymbolSource {
  return elf.sections.length > 0 ? sourceOf(elf, SHT_DYNSYM) : strippedSource(elf);
}

function sourceOf(elf: Elf, type: number): SymbolSource {
  const { bytes, header, sections } = elf;
  const section = sectionOfType(sections, type);
  const index = section === undefined ? -1 : sections.indexOf(section);
  const strings = stringTable(bytes, section && sections[section.link]);
  const offset = section?.offset ?? 0;
  const source = {
    offset,
    count: section === undefined ? 0 : countOf(elf, offset, section.size),
    strings,
    sectionIndexes: sectionOfType(sections, SHT_SYMTAB_SHNDX, index)?.offset ?? 0,
  };
  if (type !== SHT_DYNSYM) return { ...source, versionIndexes: 0, versions: null };
  const definitions = sectionOfType(sections, SHT_GNU_VERDEF)?.offset ?? 0;
  const needs = sectionOfType(sections, SHT_GNU_VERNEED)?.offset ?? 0;
  return {
    ...source,
    versionIndexes: sectionOfType(sections, SHT_GNU_VERSYM, index)?.offset ?? 0,
    versions: new SymbolVersions(bytes, header.format, { definitions, needs, strings }),
  };
}

function strippedSource(elf: Elf): SymbolSource {
  const { bytes, header } = elf;
  const dynamic = new DynamicSection(elf);
  const offset = dynamic.offset(DT_SYMTAB);
  const stringsAt = dynamic.offset(DT_STRTAB);
  const strings = new StringTable(bytes, stringsAt, stringsAt > 0 ? dynamic.number(DT_STRSZ) : 0);
  const tables = { definitions: dynamic.offset(DT_VERDEF), needs: dynamic.offset(DT_VERNEED), strings };
  const entrySize = symbolSize(elf);
  // Nothing tells how many symbols there are, except the hash tables that they are looked up in.
  const count =
    hashedCount(elf, dynamic.offset(DT_HASH)) ||
    gnuHashedCount(elf, dynamic.offset(DT_GNU_HASH)) ||
    (stringsAt - offset) / entrySize;
  return {
    offset,
    count: offset > 0 ? countOf(elf, offset, count * entrySize) : 0,
    strings,
    sectionIndexes: 0,
    versionIndexes: dynamic.offset(DT_VERSYM),
    versions: new SymbolVersions(bytes, header.format, tables),
  };
}

/** Bytes of a symbol. */
export function symbolSize({ header }: Elf): number {
  return header.format.wide ? 24 : 16;
}

function countOf(elf: Elf, offset: number, size: number): number {
  const room = Math.min(size, elf.bytes.size - offset);
  return Math.max(0, Math.min(Math.floor(room / symbolSize(elf)), MOST_SYMBOLS));
}

/** DT_HASH: the number of buckets, then that of chains, which is one for each symbol. */
function hashedCount({ bytes, header }: Elf, offset: number): number {
  const fields = new Fields(bytes.read(offset, offset > 0 ? 8 : 0), header.format);
  return fields.length === 8 ? fields.u32(4) : 0;
}

/**
 * DT_GNU_HASH: the symbols from a first one on, those of a bucket in a row, the last of which has an odd hash. So the
 * last symbol is the end of the row that begins last. Source: the ELF ABI supplement of binutils, "GNU hash".
 */
function gnuHashedCount({ bytes, header }: Elf, offset: number): number {
  const head = new Fields(bytes.read(offset, offset > 0 ? 16 : 0), header.format);
  if (head.length < 16) return 0;
  const [buckets, first, filter] = [head.u32(0), head.u32(4), head.u32(8)];
  const bucketsAt = offset + 16 + filter * (header.format.wide ? 8 : 4);
  const starts = new Fields(bytes.read(bucketsAt, Math.min(buckets, MOST_SYMBOLS) * 4), header.format);
  let last = 0;
  for (let at = 0; at + 4 <= starts.length; at += 4) last = Math.max(last, starts.u32(at));
  if (last < first) return first;
  const chainsAt = bucketsAt + buckets * 4;
  const chain = new Fields(bytes.read(chainsAt + (last - first) * 4, LONGEST_CHAIN * 4), header.format);
  for (let at = 0; at + 4 <= chain.length; at += 4, last++) if (chain.u32(at) & 1) break;
  return last + 1;
}

/** Several times what the largest programs have; a sparse file can claim any number. */
const MOST_SYMBOLS = 1 << 24;
/** Real ones have a handful. */
const LONGEST_CHAIN = 1 << 12;
