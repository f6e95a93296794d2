import type { ElfLayout } from "../memory/module.ts";
import { readBuildId } from "./buildId.ts";
import type { Elf } from "./elf.ts";
import { fitsMemory } from "./fields.ts";
import { type ProgramHeader, PT_GNU_RELRO, PT_LOAD } from "./programHeaders.ts";
import { mappedSections } from "./sectionHeaders.ts";

/** What an ELF file's headers tell the model; what lies beyond 64 bits of addresses is left out. */
export function layoutOf({ bytes, header, programs, sections }: Elf): ElfLayout {
  return {
    buildId: readBuildId(bytes, header.format, programs, sections),
    segments: loadedSegments(programs),
    relro: relroOf(programs),
    sections: mappedSections(sections),
  };
}

function loadedSegments(programs: readonly ProgramHeader[]): ElfLayout["segments"] {
  return programs
    .filter(({ type, address, memorySize }) => type === PT_LOAD && fitsMemory(address, memorySize))
    .map(({ type: _, ...segment }) => segment)
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

function relroOf(programs: readonly ProgramHeader[]): ElfLayout["relro"] {
  const relro = programs.find(
    ({ type, address, memorySize }) => type === PT_GNU_RELRO && fitsMemory(address, memorySize),
  );
  return relro === undefined ? null : { start: relro.address, end: relro.address + BigInt(relro.memorySize) };
}
