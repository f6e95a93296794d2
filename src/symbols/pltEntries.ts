/**
 * Finds the entries of the procedure linkage table by their code: each jumps to where a slot of the global offset table
 * points. Sources: the psABI supplements for AMD64, i386 and AArch64; binutils, bfd/elfxx-x86.c.
 */
import type { Address } from "../memory/address.ts";
import type { Elf } from "./elf.ts";
import { sectionNamed } from "./sectionHeaders.ts";

export interface PltEntry {
  readonly address: number;
  /** Bytes. */
  readonly size: number;
  /** The address of its slot in the global offset table. */
  readonly slot: number;
  /** The index of its section. */
  readonly section: number;
}

/** The entries of all procedure linkage tables; none for machines that are not known. */
export function readPltEntries({ bytes, header, sections }: Elf): PltEntry[] {
  const find = FINDERS[header.machine];
  if (find === undefined) return [];
  const got = sectionNamed(sections, ".got.plt") ?? sectionNamed(sections, ".got");
  const entries: PltEntry[] = [];
  for (const [section, { name, address, offset, size, entrySize, alignment }] of sections.entries()) {
    if (!PLT_NAMES.has(name) || !Number.isSafeInteger(Number(address))) continue;
    const code = bytes.read(offset, Math.min(size, LARGEST));
    const table = {
      code,
      address: Number(address),
      got: Number(got?.address ?? 0n),
      entrySize: entrySize || alignment,
    };
    for (const entry of find(table)) entries.push({ ...entry, section });
  }
  return entries;
}

/** Whether an address is in a procedure linkage table. */
export function isInPlt({ sections }: Elf, at: Address): boolean {
  for (const { name, address, size } of sections) {
    if (PLT_NAMES.has(name) && address <= at && at < address + BigInt(size)) return true;
  }
  return false;
}

interface Plt {
  readonly code: Buffer;
  readonly address: number;
  /** What i386 code that is independent of its position counts from: `_GLOBAL_OFFSET_TABLE_`. */
  readonly got: number;
  /** Bytes, as the section header claims; in static programs it tells the alignment alone. */
  readonly entrySize: number;
}

type Finder = (plt: Plt) => Iterable<Omit<PltEntry, "section">>;

/** Entries have 8 or 16 bytes and somewhere in them `jmp *slot`; the first of all pushes something before. */
function* x86Entries({ code, address, got, entrySize }: Plt, isWide: boolean): ReturnType<Finder> {
  const size = entrySize === 8 ? 8 : 16;
  for (let start = 0; start + size <= code.length; start += size) {
    for (let at = start; at + 6 <= start + size; at++) {
      if (code[at] !== GROUP_5) continue;
      const form = code[at + 1];
      if (form === PUSH_MEMORY || form === PUSH_EBX) break;
      if (form !== JUMP_MEMORY && (isWide || form !== JUMP_EBX)) continue;
      const operand = code.readInt32LE(at + 2);
      const slot = isWide ? address + at + 6 + operand : form === JUMP_EBX ? got + operand : operand >>> 0;
      yield { address: address + start, size, slot };
      break;
    }
  }
}

/** `adrp x16, page; ldr x17, [x16, offset]; …`, a `bti c` before them where branches are protected. */
function* armEntries({ code, address }: Plt): ReturnType<Finder> {
  const entries: { start: number; slot: number }[] = [];
  for (let at = 0; at + 8 <= code.length; at += 4) {
    const [page, load] = [code.readUInt32LE(at), code.readUInt32LE(at + 4)];
    if ((page & 0x9f00_001f) >>> 0 !== ADRP_X16 || (load & 0xffc0_03ff) >>> 0 !== LDR_X17_X16) continue;
    const before = at >= 4 ? code.readUInt32LE(at - 4) : 0;
    if (before === STP_X16_X30) continue;
    const pages = (((page >>> 5) << 13) >> 11) | ((page >>> 29) & 3);
    const here = address + at;
    const slot = here - (here % PAGE) + pages * PAGE + ((load >>> 10) & 0xfff) * 8;
    entries.push({ start: before === BTI_C ? at - 4 : at, slot });
  }
  const [first, second] = entries;
  // Four instructions, or six where something is protected.
  const size = (second?.start ?? code.length) - (first?.start ?? 0) >= 24 ? 24 : 16;
  for (const { start, slot } of entries) yield { address: address + start, size, slot };
}

const FINDERS: Record<number, Finder> = {
  3: (plt) => x86Entries(plt, false),
  62: (plt) => x86Entries(plt, true),
  183: armEntries,
};

const PLT_NAMES = new Set([".plt", ".plt.sec", ".plt.got", ".plt.bnd", ".iplt"]);
/** Bytes: more than any program has functions of others. */
const LARGEST = 1 << 22;

const GROUP_5 = 0xff;
const JUMP_MEMORY = 0x25;
const JUMP_EBX = 0xa3;
const PUSH_MEMORY = 0x35;
const PUSH_EBX = 0xb3;

const ADRP_X16 = 0x9000_0010;
const LDR_X17_X16 = 0xf940_0211;
const STP_X16_X30 = 0xa9bf_7bf0;
const BTI_C = 0xd503_245f;
const PAGE = 4096;
