/** Names the entries of the procedure linkage table as objdump does: `puts@plt`. */
import type { TimeSlice } from "../memory/timeSlice.ts";
import { MemoryBytes } from "./bytes.ts";
import type { Elf } from "./elf.ts";
import { Fields } from "./fields.ts";
import type { PltEntry } from "./pltEntries.ts";
import { type SectionHeader, SHF_ALLOC, SHT_NOBITS, SHT_REL, SHT_RELA } from "./sectionHeaders.ts";
import { StringTable } from "./stringTable.ts";
import { compareNames, type SymbolName } from "./symbolNames.ts";
import { dynamicSource, symbolSize } from "./symbolSources.ts";
import { STT_FUNC, type SymbolTable } from "./symbolTable.ts";

/**
 * Adds a symbol for each entry whose slot is filled with the address of a symbol, or of a function of the file itself.
 * @param table the symbols of the file
 */
export async function addPltSymbols(
  elf: Elf,
  entries: readonly PltEntry[],
  table: SymbolTable,
  slice: TimeSlice,
): Promise<void> {
  if (entries.length === 0) return;
  const targets = await readTargets(elf, new Set(entries.map(({ slot }) => slot)), slice);
  const names = await namesOf(elf, targets, table, slice);
  const strings: string[] = [""];
  let length = 1;
  const starts = new Map<PltEntry, number>();
  for (const entry of entries) {
    const name = names.get(entry.slot);
    if (name === undefined) continue;
    starts.set(entry, length);
    strings.push(`${name}@plt`);
    length += Buffer.byteLength(name) + 5;
  }
  const text = Buffer.from(`${strings.join("\0")}\0`);
  const noVersions = { text: () => "" };
  table.useNames({ strings: new StringTable(new MemoryBytes(text), 0, text.length), versions: noVersions });
  for (const [{ address, size, section }, start] of starts) {
    table.add(address >>> 0, Math.floor(address / HALF), size, 0, section, STT_FUNC, start, 0);
  }
}

/** What fills a slot: a symbol of `.dynsym`, or where its index is 0 the address of a function. */
interface Target {
  readonly symbol: number;
  readonly address: number;
}

/** Looks through the relocations for those that fill the slots; the smaller tables, which are for that alone, first. */
async function readTargets(elf: Elf, slots: ReadonlySet<number>, slice: TimeSlice): Promise<Map<number, Target>> {
  const { bytes, header, sections } = elf;
  const targets = new Map<number, Target>();
  const tables = sections
    .filter(({ type, flags }) => (type === SHT_RELA || type === SHT_REL) && (flags & SHF_ALLOC) !== 0)
    .sort((a, b) => a.size - b.size);
  for (const { type, offset, size } of tables.slice(0, MOST_TABLES)) {
    const entrySize = (type === SHT_RELA ? 3 : 2) * (header.format.wide ? 8 : 4);
    for (let start = 0; start + entrySize <= size && targets.size < slots.size; start += CHUNK * entrySize) {
      const chunk = bytes.read(offset + start, Math.min(CHUNK * entrySize, size - start));
      if (chunk.length < entrySize) break;
      findTargets(elf, chunk, type === SHT_RELA, slots, targets);
      if (slice.isOver) await slice.next();
    }
  }
  return targets;
}

function findTargets(
  elf: Elf,
  chunk: Buffer,
  hasAddend: boolean,
  slots: ReadonlySet<number>,
  targets: Map<number, Target>,
): void {
  const { wide, littleEndian } = elf.header.format;
  const fields = new Fields(chunk, elf.header.format);
  const word = wide ? 8 : 4;
  const [lowHalf, highHalf] = wide ? (littleEndian ? [0, 4] : [4, 0]) : [0, 0];
  for (let at = 0; at + (hasAddend ? 3 : 2) * word <= fields.length; at += (hasAddend ? 3 : 2) * word) {
    const slot = fields.u32(at + lowHalf) + (wide ? fields.u32(at + highHalf) * HALF : 0);
    if (!slots.has(slot)) continue;
    const information = fields.u32(at + word + highHalf);
    const address = hasAddend ? fields.size(at + 2 * word) : slotContents(elf, slot);
    targets.set(slot, { symbol: wide ? information : information >>> 8, address });
  }
}

/** Where a relocation has no room for an address it stands in the slot. */
function slotContents({ bytes, header, sections }: Elf, slot: number): number {
  const holds = ({ type, flags, address, size }: SectionHeader) =>
    type !== SHT_NOBITS && (flags & SHF_ALLOC) !== 0 && slot >= Number(address) && slot < Number(address) + size;
  const section = sections.find(holds);
  if (section === undefined) return 0;
  const word = header.format.wide ? 8 : 4;
  const fields = new Fields(bytes.read(section.offset + slot - Number(section.address), word), header.format);
  return fields.length === word ? fields.size(0) : 0;
}

/** The name for each slot. */
async function namesOf(
  elf: Elf,
  targets: ReadonlyMap<number, Target>,
  table: SymbolTable,
  slice: TimeSlice,
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  const imported = [...targets].filter(([, { symbol }]) => symbol > 0);
  const { strings, offsets } = nameOffsets(
    elf,
    imported.map(([, { symbol }]) => symbol),
  );
  for (const [index, name] of (await strings.names(offsets, slice)).entries()) {
    if (name !== "") names.set((imported[index] as [number, Target])[0], name);
  }
  const own = [...targets].filter(([, { symbol }]) => symbol === 0);
  const functions = await functionsAt(table, new Set(own.map(([, { address }]) => address)), slice);
  for (const [slot, { address }] of own) {
    const name = functions.get(address);
    if (name !== undefined) names.set(slot, name);
  }
  return names;
}

/** Where the names of some symbols of `.dynsym` stand, which are nearly always among its first. */
function nameOffsets(elf: Elf, symbols: readonly number[]): { strings: StringTable; offsets: Uint32Array } {
  const { offset, count, strings } = dynamicSource(elf);
  const entrySize = symbolSize(elf);
  const end = Math.min(
    count,
    symbols.reduce((largest, symbol) => Math.max(largest, symbol + 1), 0),
  );
  const fields = new Fields(elf.bytes.read(offset, end * entrySize), elf.header.format);
  const offsets = Uint32Array.from(symbols, (symbol) =>
    (symbol + 1) * entrySize <= fields.length ? fields.u32(symbol * entrySize) : 0,
  );
  return { strings, offsets };
}

/** The names of the functions at some addresses: where one is chosen at start its own, not that of what chooses it. */
async function functionsAt(
  table: SymbolTable,
  addresses: ReadonlySet<number>,
  slice: TimeSlice,
): Promise<Map<number, string>> {
  const best = new Map<number, SymbolName & { readonly isChosen: boolean }>();
  for (let symbol = 0; symbol < table.length && addresses.size > 0; symbol++) {
    if (symbol % CHUNK === 0 && slice.isOver) await slice.next();
    const address = (table.high[symbol] as number) * HALF + (table.low[symbol] as number);
    if (!addresses.has(address) || !table.isFunction(symbol)) continue;
    const found = { name: table.name(symbol), isGlobal: table.isGlobal(symbol), isChosen: table.isIndirect(symbol) };
    const known = best.get(address) ?? found;
    const order = Number(known.isChosen) - Number(found.isChosen) || compareNames(found, known);
    if (found.name !== "" && (order < 0 || known === found)) best.set(address, found);
  }
  return new Map(Array.from(best, ([address, { name }]) => [address, name]));
}

const HALF = 2 ** 32;
/** Relocations read at once. */
const CHUNK = 1 << 14;
/** Real files have two or three tables. */
const MOST_TABLES = 16;
