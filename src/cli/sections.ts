/** `procmem sections`: the sections of an ELF file and how much of them has a name. */
import type { ElfSource, Section, SymbolSettings } from "../memory/module.ts";
import { withElf } from "./elfFile.ts";
import { sectionsJson } from "./json.ts";
import { print } from "./output.ts";
import { sectionsText } from "./text.ts";

/** A section, how many symbols begin in it, and how many of its bytes no symbol covers. */
export interface SectionCover {
  readonly section: Section;
  readonly symbols: number;
  readonly uncovered: number;
}

/** `procmem sections FILE` */
export function sections(path: string | undefined, settings: SymbolSettings, json: boolean): Promise<void> {
  // Nobody reads the names of the symbols.
  return withElf(path, { ...settings, demangle: false }, async (elf, file) => {
    const origin = await elf.origin();
    const covers: SectionCover[] = [];
    for (const section of elf.layout.sections) covers.push(await coverOf(elf, section));
    print(
      json
        ? JSON.stringify(sectionsJson(file, elf.layout, origin, covers))
        : sectionsText(file, elf.layout, origin, covers),
    );
  });
}

/** Symbols that are asked for at a time. */
const PAGE = 10_000;

async function coverOf(elf: ElfSource, section: Section): Promise<SectionCover> {
  let covered = 0;
  /** Offset in the section up to which the symbols so far reach. */
  let reached = 0;
  for (let offset = 0; ; offset += PAGE) {
    const { total, symbols } = await elf.symbolsOf(section, "address", offset, PAGE);
    for (const { address, size } of symbols) {
      const start = Number(address - section.address);
      const end = Math.min(start + size, section.size);
      covered += Math.max(0, end - Math.max(start, reached));
      reached = Math.max(reached, end);
    }
    if (symbols.length === 0 || offset + symbols.length >= total) {
      return { section, symbols: total, uncovered: section.size - covered };
    }
  }
}
