import type { ElfSource, SymbolSettings } from "../memory/module.ts";
import { openElf } from "../symbols/elfFile.ts";
import { openFile } from "./openFile.ts";
import { NoAnswerError, UsageError } from "./usage.ts";

/** Runs with an ELF file, which is closed afterwards. Throws a {@link NoAnswerError} where it is none. */
export async function withElf(
  path: string | undefined,
  settings: SymbolSettings,
  use: (elf: ElfSource, path: string) => Promise<void>,
): Promise<void> {
  if (path === undefined) throw new UsageError("No file.");
  const elf = await openElf(openFile(path), settings);
  if (elf === null) throw new NoAnswerError(`${path} is no ELF file.`);
  try {
    await use(elf, path);
  } finally {
    elf.close();
  }
}
