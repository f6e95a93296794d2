/** Whether files that were found are those that were looked for. What speaks against it is told as a sentence. */
import type { TimeSlice } from "../memory/timeSlice.ts";
import { readBuildId } from "./buildId.ts";
import type { DebugFile } from "./debugFiles.ts";
import { crcOf, type SharedLink, sharedChecksum } from "./debugLinks.ts";
import type { Elf } from "./elf.ts";
import { SHT_NOBITS } from "./sectionHeaders.ts";

/** The build-id of an ELF file, `null` where it has none. */
export function buildIdOf({ bytes, header, programs, sections }: Elf): string | null {
  return readBuildId(bytes, header.format, programs, sections);
}

/** Whether a file has debug information that can be asked by address. Nothing is decompressed for that. */
export function hasDebugInfo({ sections }: Elf): boolean {
  for (const { name, type, size } of sections) {
    if (DEBUG_INFO.includes(name) && type !== SHT_NOBITS && size > 0) return true;
  }
  return false;
}

/** What speaks against a file for the same machine. */
export function machineProblem(elf: Elf, wanted: Elf): string | null {
  const [is, should] = [elf.header, wanted.header];
  const isSame =
    is.machine === should.machine &&
    is.format.wide === should.format.wide &&
    is.format.littleEndian === should.format.littleEndian;
  return isSame ? null : "It is for another machine.";
}

/** What speaks against a debug file that was found by its build-id. */
export function buildIdProblem({ elf }: DebugFile, wanted: string): string | null {
  const buildId = buildIdOf(elf);
  if (buildId === null) return `It has no build-id; ${wanted} is wanted.`;
  return buildId === wanted ? contentProblem(elf) : differentBuildId(buildId, wanted);
}

/**
 * What speaks against a debug file that was found by the name in `.gnu_debuglink`. Like gdb it reads the whole file for
 * its CRC, unless build-ids differ.
 */
export async function debugLinkProblem(
  { elf }: DebugFile,
  wanted: { readonly buildId: string | null; readonly crc: number },
  slice: TimeSlice,
): Promise<string | null> {
  const buildId = buildIdOf(elf);
  if (buildId !== null && wanted.buildId !== null && buildId !== wanted.buildId) {
    return differentBuildId(buildId, wanted.buildId);
  }
  const problem = contentProblem(elf);
  if (problem !== null) return problem;
  const crc = await crcOf(elf.bytes, slice);
  return crc === wanted.crc ? null : `Its CRC is ${hexadecimal(crc)}, not ${hexadecimal(wanted.crc)}.`;
}

/** What speaks against a file as the one that several debug files share. */
export function sharedProblem({ elf }: DebugFile, { id }: SharedLink): string | null {
  const own = buildIdOf(elf) ?? sharedChecksum(elf);
  if (own === id || sharedChecksum(elf) === id) return null;
  return own === "" ? `It has no build-id; ${id} is wanted.` : differentBuildId(own, id);
}

/** What speaks against a `.dwo` file with some DWO ids. */
export function splitProblem(ids: readonly bigint[], wanted: bigint): string | null {
  if (ids.includes(wanted)) return null;
  const [first] = ids;
  return first === undefined ? "It has no split unit." : `Its DWO id is ${dwoId(first)}, not ${dwoId(wanted)}.`;
}

function contentProblem(elf: Elf): string | null {
  return hasDebugInfo(elf) ? null : "It has no debug information.";
}

function differentBuildId(is: string, wanted: string): string {
  return `Its build-id is ${is}, not ${wanted}.`;
}

function dwoId(id: bigint): string {
  return id.toString(16).padStart(16, "0");
}

function hexadecimal(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

const DEBUG_INFO = [".debug_info", ".zdebug_info", ".debug_line", ".zdebug_line"];
