/** How an ELF file names the files with its debug information. */
import { crc32 } from "node:zlib";
import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Bytes } from "./bytes.ts";
import type { Elf } from "./elf.ts";
import { Fields } from "./fields.ts";
import { sectionNamed } from "./sectionHeaders.ts";

/** A debug file by its name and the CRC-32 of all its bytes. */
export interface DebugLink {
  readonly name: string;
  readonly crc: number;
}

/** What `.gnu_debuglink` says; `null` where there is none. @see gdb manual, "Separate Debug Files" */
export function readDebugLink(elf: Elf): DebugLink | null {
  const bytes = sectionBytes(elf, ".gnu_debuglink");
  const end = bytes.indexOf(0);
  const crcAt = Math.ceil((end + 1) / 4) * 4;
  if (end <= 0 || crcAt + 4 > bytes.length) return null;
  return { name: bytes.toString("utf8", 0, end), crc: new Fields(bytes, elf.header.format).u32(crcAt) };
}

/** A file that several debug files share: its name, and what it says of itself too. */
export interface SharedLink {
  readonly name: string;
  /** Hexadecimal digits of its build-id or, in DWARF 5, its checksum. */
  readonly id: string;
}

/** What `.gnu_debugaltlink`, or `.debug_sup` in DWARF 5, says of the shared file; `null` where there is none. @see dwz(1) */
export function readSharedLink(elf: Elf): SharedLink | null {
  const link = sectionBytes(elf, ".gnu_debugaltlink");
  const end = link.indexOf(0);
  if (end > 0 && end + 1 < link.length) {
    return { name: link.toString("utf8", 0, end), id: link.toString("hex", end + 1) };
  }
  const { isShared, name, id } = readSupplementary(elf);
  return isShared || name === "" || id === "" ? null : { name, id };
}

/** What a shared file of DWARF 5 says of itself as hexadecimal digits; empty where it is none. */
export function sharedChecksum(elf: Elf): string {
  const { isShared, id } = readSupplementary(elf);
  return isShared ? id : "";
}

/** @see DWARF 5 §7.3.6 */
function readSupplementary(elf: Elf): { isShared: boolean; name: string; id: string } {
  const bytes = sectionBytes(elf, ".debug_sup");
  const nameEnd = bytes.indexOf(0, SUPPLEMENTARY_NAME);
  if (nameEnd < 0) return { isShared: false, name: "", id: "" };
  // The length is a ULEB128, but no checksum has more than 127 bytes.
  const start = nameEnd + 2;
  const id = bytes.toString("hex", start, start + (bytes[nameEnd + 1] ?? 0));
  return { isShared: bytes[2] === 1, name: bytes.toString("utf8", SUPPLEMENTARY_NAME, nameEnd), id };
}

/** The CRC-32 of all bytes, as `.gnu_debuglink` has it. */
export async function crcOf(bytes: Bytes, slice: TimeSlice): Promise<number> {
  const memory = Buffer.allocUnsafeSlow(CHUNK);
  let crc = 0;
  for (let offset = 0; offset < bytes.size; offset += CHUNK) {
    crc = crc32(bytes.read(offset, CHUNK, memory), crc);
    if (slice.isOver) await slice.next(offset / bytes.size);
  }
  return crc;
}

function sectionBytes({ bytes, sections }: Elf, name: string): Buffer {
  const section = sectionNamed(sections, name);
  return bytes.read(section?.offset ?? 0, Math.min(section?.size ?? 0, LONGEST_LINK));
}

const SUPPLEMENTARY_NAME = 3;
/** Bytes: more than any path and checksum. */
const LONGEST_LINK = 8192;
const CHUNK = 1 << 18;
