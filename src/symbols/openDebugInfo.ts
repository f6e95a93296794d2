import type { TimeSlice } from "../memory/timeSlice.ts";
import type { DebugFile, DebugFiles } from "./debugFiles.ts";
import { DebugInfo } from "./dwarf/debugInfo.ts";
import { DwarfFile, type DwarfFileParts } from "./dwarf/dwarfFile.ts";
import type { Unit } from "./dwarf/unit.ts";
import type { Elf } from "./elf.ts";
import { threadLocalTemplate } from "./programHeaders.ts";
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
  let startsAtZero: boolean | undefined;
  const largest = elf.header.format.wide ? -1 : 0xffff_ffff;
  const isDiscarded = (address: number) => {
    if (address !== 0) return address === largest || address === largest - 1;
    startsAtZero ??= hasCodeAtZero(elf);
    return !startsAtZero;
  };
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
  return new DebugInfo(file, splitOf, threadLocalTemplate(elf.programs));
}

function hasCodeAtZero({ sections }: Elf): boolean {
  return sections.some(
    (section) => isMapped(section) && section.address === 0n && (section.flags & SHF_EXECINSTR) !== 0,
  );
}

function openSplit(split: SplitUnit, parts: Omit<DwarfFileParts, "sections" | "littleEndian">): DwarfFile {
  const { sections, littleEndian } = split;
  const typeElsewhere = (signature: bigint) => {
    const type = split.typeUnit(signature);
    return type && openSplit(type, parts).typeOfSignature(signature);
  };
  return new DwarfFile({ ...parts, sections, littleEndian, typeElsewhere });
}
