import type { Bytes } from "./bytes.ts";
import { type ElfFormat, Fields } from "./fields.ts";
import { type ProgramHeader, PT_NOTE } from "./programHeaders.ts";
import { type SectionHeader, SHT_NOTE } from "./sectionHeaders.ts";

/**
 * The file's NT_GNU_BUILD_ID as lower-case hexadecimal digits: from the PT_NOTE segments, which are there in a target's
 * memory too, else from the note sections; `null` where there is none.
 */
export function readBuildId(
  bytes: Bytes,
  format: ElfFormat,
  programs: readonly ProgramHeader[],
  sections: readonly SectionHeader[],
): string | null {
  for (const [offset, size] of tablesOfNotes(programs, sections)) {
    const id = buildIdIn(bytes, format, offset, size);
    if (id !== null) return id;
  }
  return null;
}

/** Where notes begin, and how many bytes of them there are. */
function* tablesOfNotes(
  programs: readonly ProgramHeader[],
  sections: readonly SectionHeader[],
): Generator<[offset: number, size: number]> {
  let left = MOST_TABLES;
  for (const { type, fileOffset, fileSize } of programs)
    if (type === PT_NOTE && left-- > 0) yield [fileOffset, fileSize];
  left = MOST_TABLES;
  for (const { type, offset, size } of sections) if (type === SHT_NOTE && left-- > 0) yield [offset, size];
}

/** Looks through notes: name size, descriptor size, type, then both texts, each padded. @see elf(5), "Notes (Nhdr)" */
function buildIdIn(bytes: Bytes, format: ElfFormat, offset: number, size: number): string | null {
  const notes = bytes.read(offset, Math.min(size, MOST_NOTES));
  const fields = new Fields(notes, format);
  let at = 0;
  while (at + NOTE_HEADER <= fields.length) {
    const name = at + NOTE_HEADER;
    const descriptor = name + padded(fields.u32(at));
    const end = descriptor + fields.u32(at + 4);
    const isGnu = notes.toString("latin1", name, name + 4) === "GNU\0";
    if (isGnu && fields.u32(at + 8) === NT_GNU_BUILD_ID && end > descriptor && end <= fields.length) {
      return notes.toString("hex", descriptor, end);
    }
    at = descriptor + padded(fields.u32(at + 4));
  }
  return null;
}

/** Notes are padded to 4 bytes; those of 8-byte alignment (NT_GNU_PROPERTY_TYPE_0) have sizes that are multiples of 8. */
function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

const NT_GNU_BUILD_ID = 3;
const NOTE_HEADER = 12;
/** A build-id stands among the first notes; only core files have more. In bytes. */
const MOST_NOTES = 65_536;
/** Real files have up to ten note sections; hostile ones claim thousands that share the same bytes. */
const MOST_TABLES = 32;
