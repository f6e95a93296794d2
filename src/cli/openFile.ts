import { constants, openSync } from "node:fs";
import type { MappedFile } from "../memory/target.ts";
import { NoAnswerError } from "./usage.ts";

/** Opens a file for whoever closes it. Throws a {@link NoAnswerError} with what is wrong. */
export function openFile(path: string): MappedFile {
  try {
    // A FIFO would wait for its writer.
    return { descriptor: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY), path };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new NoAnswerError(REASONS[code ?? ""]?.(path) ?? `${path} cannot be opened: ${message}.`);
  }
}

const REASONS: Record<string, (path: string) => string> = {
  ENOENT: (path) => `There is no file ${path}.`,
  EACCES: (path) => `${path} may not be read by this user.`,
};
