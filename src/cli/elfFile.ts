import { constants, openSync } from "node:fs";
import type { ElfSource, SymbolSettings } from "../memory/module.ts";
import { openElf } from "../symbols/elfFile.ts";
import { NoAnswerError, UsageError } from "./usage.ts";

/** Runs with an ELF file, which is closed afterwards. Throws a {@link NoAnswerError} where it is none. */
export async function withElf(
  path: string | undefined,
  settings: SymbolSettings,
  use: (elf: ElfSource, path: string) => Promise<void>,
): Promise<void> {
  if (path === undefined) throw new UsageError("No file.");
  const elf = await openElf({ descriptor: open(path), path }, settings);
  if (elf === null) throw new NoAnswerError(`${path} is no ELF file.`);
  try {
    await use(elf, path);
  } finally {
    elf.close();
  }
}

function open(path: string): number {
  try {
    // A FIFO would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new NoAnswerError(REASONS[code ?? ""]?.(path) ?? `${path} cannot be opened: ${message}.`);
  }
}

const REASONS: Record<string, (path: string) => string> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EACCES: (path) => `${path} may not be read by this user.`,
};
