import { Malloc } from "../heap/malloc.ts";
import { openProcess, type Process } from "../linux/process.ts";
import { TargetImage } from "../memory/image.ts";
import type { SymbolSettings } from "../memory/module.ts";
import { TargetError } from "../memory/target.ts";
import { openElf } from "../symbols/elfFile.ts";
import { complain } from "./output.ts";
import { numberOf, UsageError } from "./usage.ts";

/** Runs with the picture of the process, which is closed afterwards. */
export async function looking(
  pid: string | undefined,
  settings: SymbolSettings,
  look: (image: TargetImage, process: Process) => Promise<void>,
): Promise<void> {
  if (pid === undefined) throw new UsageError("No process id.");
  const source = openProcess(numberOf("The process id", pid, 1));
  const malloc = new Malloc(source);
  const image = new TargetImage(source, (file) => openElf(file, settings), malloc.blockAt);
  try {
    await look(image, source);
  } finally {
    image.close();
  }
}

/** Reads what may be read: once it may not, after saying once why, there is `null` instead. */
export function permitted(): <Result>(read: () => Promise<Result>) => Promise<Result | null> {
  let limited = false;
  return async (read) => {
    if (limited) return null;
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof TargetError && error.problem === "permission")) throw error;
      complain(error.message);
      limited = true;
      return null;
    }
  };
}
