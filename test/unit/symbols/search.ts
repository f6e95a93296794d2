/** Searches for debug files as the tests make them. */
import { mkdtempSync, openSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { TimeSlice } from "../../../src/memory/timeSlice.ts";
import { FileBytes } from "../../../src/symbols/bytes.ts";
import { type DebugFileSearch, DebugFiles } from "../../../src/symbols/debugFiles.ts";
import { type Elf, readElf } from "../../../src/symbols/elf.ts";

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "debug-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where is searched besides. */
export interface Options {
  readonly folders?: readonly string[];
  readonly root?: string;
}

/** Searches for the debug file of a program. */
export async function search(
  path: string,
  options: Options = {},
): Promise<{ files: DebugFiles; found: DebugFileSearch }> {
  const { files, elf } = await opened(path, options);
  return { files, found: await files.find(elf, new TimeSlice()) };
}

/** Opens a program, and what finds its debug files. All is closed after the test. */
export async function opened(
  path: string,
  { folders = [], root }: Options = {},
): Promise<{ files: DebugFiles; elf: Elf }> {
  const bytes = new FileBytes(openSync(join(root ?? "", path), "r"));
  const files = new DebugFiles(path, { demangle: true, debugFolders: folders }, root);
  onTestFinished(() => {
    files.close();
    bytes.close();
  });
  const elf = await readElf(bytes, new TimeSlice());
  if (elf === null) throw new Error(`${path} is no ELF file.`);
  return { files, elf };
}
