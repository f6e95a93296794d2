/** `procmem sections`: the sections of an ELF file and how much of them has a name. */
import type { Section, SymbolSettings } from "../memory/module.ts";
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
  return withElf(path, settings, async (elf, file) => {
    const origin = await elf.origin();
    const covers: SectionCover[] = [];
    for (const section of elf.layout.sections) {
      const { total, uncovered } = await elf.symbolsOf(section, "size", 0, 0);
      covers.push({ section, symbols: total, uncovered });
    }
    const answer = [file, elf.layout, origin, covers] as const;
    print(json ? JSON.stringify(sectionsJson(...answer)) : sectionsText(...answer));
  });
}
