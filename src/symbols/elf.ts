import type { TimeSlice } from "../memory/timeSlice.ts";
import type { Bytes } from "./bytes.ts";
import { type ElfHeader, readElfHeader } from "./elfHeader.ts";
import { type ProgramHeader, readProgramHeaders } from "./programHeaders.ts";
import { readSectionHeaders, type SectionHeader } from "./sectionHeaders.ts";

/** An ELF file as its headers tell. */
export interface Elf {
  readonly bytes: Bytes;
  readonly header: ElfHeader;
  readonly programs: readonly ProgramHeader[];
  /** In the file's order; none where they are stripped. */
  readonly sections: readonly SectionHeader[];
}

/** Reads the headers of an ELF file of 32 or 64 bits in either byte order; `null` where it is none. */
export async function readElf(bytes: Bytes, slice: TimeSlice): Promise<Elf | null> {
  const header = readElfHeader(bytes);
  if (header === null) return null;
  const programs = readProgramHeaders(bytes, header);
  return { bytes, header, programs, sections: await readSectionHeaders(bytes, header, slice) };
}
