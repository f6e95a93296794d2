import type { TimeSlice } from "../memory/timeSlice.ts";
import type { DebugFile, DebugFiles } from "./debugFiles.ts";
import { DebugInfo } from "./dwarf/debugInfo.ts";
import { DwarfFile, type DwarfFileParts } from "./dwarf/dwarfFile.ts";
import type { Unit } from "./dwarf/unit.ts";
import type { Elf } from "./elf.ts";
import { PT_TLS } from "./programHeaders.ts";
import { isMapped, SHF_EXECINSTR } from "./sectionHeaders.ts";
import type { SplitUnit } from "./splitUnits.ts";

/**
 * Makes the debug information of an ELF file ready to be asked.
 * @param debug the file that has it: the ELF file itself or a separate one
 */
export async function openDebugInfo(
  elf: Elf,
  debug: DebugFile,
  files: DebugFiles,
  slice: TimeSlice,
): Promise<DebugInfo> {
  // To code that they leave out linkers give the address 0, where only files that are not linked have code, or the
  // largest ones.
  const startsAtZero = elf.sections.some(
    (section) => isMapped(section) && section.address === 0n && (section.flags & SHF_EXECINSTR) !== 0,
  );
  const largest = elf.header.format.wide ? -1 : 0xffff_ffff;
  const isDiscarded = (address: number) =>
    address === largest || address === largest - 1 || (address === 0 && !startsAtZero);
  const { littleEndian } = debug.elf.header.format;
  const shared = await files.alternate(debug, slice);
  const alternate = shared && new DwarfFile({ sections: shared.sections, littleEndian, isDiscarded });
  const file = new DwarfFile({ sections: debug.sections, littleEndian, isDiscarded, alternate });

  const splitOf = async (skeleton: Unit, slice: TimeSlice) => {
    const { dwoName, dwoId } = skeleton.root;
    if (dwoName === null || dwoId === null) return null;
    const { compilationDirectory } = skeleton;
    const split = await files.split(debug, { dwoName, compilationDirectory, dwoId }, slice);
    return split && openSplit(split, { isDiscarded, alternate, skeleton }).unit(split.offset);
  };
  const template = elf.programs.find(({ type }) => type === PT_TLS);
  return new DebugInfo(file, splitOf, Number(template?.address ?? 0n));
}

function openSplit(split: SplitUnit, parts: Omit<DwarfFileParts, "sections" | "littleEndian">): DwarfFile {
  const { sections, littleEndian } = split;
  const typeElsewhere = (signature: bigint) => {
    const type = split.typeUnit(signature);
    return type && openSplit(type, parts).typeOfSignature(signature);
  };
  return new DwarfFile({ ...parts, sections, littleEndian, typeElsewhere });
}
