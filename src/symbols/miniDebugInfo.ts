/** The symbols that distributions leave in stripped programs. Source: gdb manual, "MiniDebugInfo". */
import type { TimeSlice } from "../memory/timeSlice.ts";
import { MemoryBytes } from "./bytes.ts";
import { type Elf, readElf } from "./elf.ts";
import { sectionNamed } from "./sectionHeaders.ts";
import { decompressXz } from "./xz.ts";

/** The ELF file in `.gnu_debugdata`, whose `.symtab` has functions that `.dynsym` lacks; `null` where there is none. */
export async function readMiniDebugInfo({ bytes, sections }: Elf, slice: TimeSlice): Promise<Elf | null> {
  const section = sectionNamed(sections, ".gnu_debugdata");
  if (section === undefined) return null;
  const limit = MOST_EXPANSION * bytes.size + ALWAYS_ROOM;
  const contents = await decompressXz(bytes.read(section.offset, section.size), limit, slice);
  return contents && readElf(new MemoryBytes(contents), slice);
}

/** The whole debug information is far larger than what is left of it here. */
const MOST_EXPANSION = 4;
const ALWAYS_ROOM = 1 << 24;
