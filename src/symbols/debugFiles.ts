/** Finds the files with the debug information of an ELF file. Source: gdb manual, "Separate Debug Files". */
import type { DebugInfoOrigin, SymbolSettings } from "../memory/module.ts";
import type { TimeSlice } from "../memory/timeSlice.ts";
import {
  buildIdOf,
  buildIdProblem,
  debugLinkProblem,
  hasDebugInfo,
  machineProblem,
  sharedProblem,
  splitProblem,
} from "./belonging.ts";
import { FileBytes } from "./bytes.ts";
import { readDebugLink, readSharedLink } from "./debugLinks.ts";
import {
  buildIdPaths,
  debugLinkPaths,
  foldersOf,
  namesOf,
  packagePaths,
  sharedPaths,
  splitPaths,
} from "./debugPaths.ts";
import { DebugSections } from "./debugSections.ts";
import { type Elf, readElf } from "./elf.ts";
import { openFiles } from "./openFiles.ts";
import { type SplitUnit, SplitUnits } from "./splitUnits.ts";

/** An ELF file with debug information. */
export interface DebugFile {
  /** For people: where it was found. */
  readonly path: string;
  readonly elf: Elf;
  readonly sections: DebugSections;
}

/** What a search for a debug file found. */
export interface DebugFileSearch {
  readonly file: DebugFile | null;
  /** The files that were found but do not belong. Those that are refused later, when they are needed, are added. */
  readonly refused: DebugInfoOrigin["refused"];
}

/** What a skeleton says of the split unit that it stands for. */
export interface Skeleton {
  /** DW_AT_dwo_name. */
  readonly dwoName: string;
  /** DW_AT_comp_dir. */
  readonly compilationDirectory: string;
  readonly dwoId: bigint;
}

/** What speaks against a file that was found, as a sentence; `null` where it is the one. */
type Problem = (file: DebugFile) => string | null | Promise<string | null>;

/** The files with the debug information of one ELF file. Owns all that it opens. */
export class DebugFiles {
  readonly #path: string;
  readonly #settings: SymbolSettings;
  readonly #root: string | null;
  readonly #refused: { readonly path: string; readonly reason: string }[] = [];
  readonly #opened = new Set<FileBytes>();
  /** The `.dwo` files that were found, by their paths. */
  readonly #split = new Map<string, SplitUnits>();
  #package: Promise<SplitUnits | null> | null = null;
  #isClosed = false;

  /**
   * @param path of the ELF file, as maps gives it
   * @param settings read anew at each question
   * @param root the root directory of the process that maps the file, where it is another one than this process's
   */
  constructor(path: string, settings: SymbolSettings, root: string | null = null) {
    this.#path = path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
    this.#settings = settings;
    this.#root = root;
  }

  /** Finds the file with the debug information of an ELF file: itself or a separate one that belongs to it. */
  async find(elf: Elf, slice: TimeSlice): Promise<DebugFileSearch> {
    const own = { path: this.#path, elf, sections: new DebugSections(elf) };
    return { file: hasDebugInfo(elf) ? own : await this.#findSeparate(elf, slice), refused: this.#refused };
  }

  /** The file that several debug files share (dwz); `null` where there is none or it does not belong. */
  async alternate(debug: DebugFile, slice: TimeSlice): Promise<DebugFile | null> {
    const link = readSharedLink(debug.elf);
    if (link === null) return null;
    const paths = sharedPaths(link.name, link.id, foldersOf(debug.path), this.#folders);
    const found = await this.#firstOf(paths, debug.elf, (file) => sharedProblem(file, link), slice);
    if (found === null) this.#refuse(link.name, "It has what several debug files share, and is not found.");
    return found;
  }

  /** The unit that a skeleton stands for; `null` where it is not found or does not belong. */
  async split(debug: DebugFile, skeleton: Skeleton, slice: TimeSlice): Promise<SplitUnit | null> {
    this.#package ??= this.#openPackage(debug, slice);
    this.#package.catch(() => {
      this.#package = null;
    });
    return (await this.#package)?.find(skeleton.dwoId) ?? this.#findSplit(debug, skeleton, slice);
  }

  close(): void {
    this.#isClosed = true;
    for (const bytes of this.#opened) bytes.close();
  }

  async #findSeparate(elf: Elf, slice: TimeSlice): Promise<DebugFile | null> {
    const buildId = buildIdOf(elf);
    if (buildId !== null) {
      const paths = buildIdPaths(buildId, this.#folders);
      const found = await this.#firstOf(paths, elf, (file) => buildIdProblem(file, buildId), slice);
      if (found !== null) return found;
    }
    const link = readDebugLink(elf);
    if (link === null) return null;
    const paths = debugLinkPaths(link.name, foldersOf(this.#path), this.#folders);
    const wanted = { buildId, crc: link.crc };
    return this.#firstOf(paths, elf, (file) => debugLinkProblem(file, wanted, slice), slice);
  }

  async #openPackage(debug: DebugFile, slice: TimeSlice): Promise<SplitUnits | null> {
    const paths = packagePaths([this.#path, debug.path].flatMap(namesOf), this.#folders);
    const problem = (file: DebugFile) => (new SplitUnits(file).isPackage ? null : "It has no index of split units.");
    const file = await this.#firstOf(paths, debug.elf, problem, slice);
    return file && new SplitUnits(file);
  }

  async #findSplit(debug: DebugFile, skeleton: Skeleton, slice: TimeSlice): Promise<SplitUnit | null> {
    const { dwoName, compilationDirectory, dwoId } = skeleton;
    const own = [this.#path, debug.path].flatMap(foldersOf);
    const paths = splitPaths(dwoName, compilationDirectory, own, this.#folders);
    for (const path of paths) {
      const unit = this.#split.get(path)?.find(dwoId);
      if (unit) return unit;
    }
    const problem = (file: DebugFile) => splitProblem(new SplitUnits(file).ids, dwoId);
    const file = await this.#firstOf(paths, debug.elf, problem, slice);
    if (file === null) {
      this.#refuse(dwoName, "It was made when the program was compiled, and is not found.");
      return null;
    }
    const units = new SplitUnits(file);
    this.#split.set(file.path, units);
    return units.find(dwoId);
  }

  /**
   * The first file of some paths that belongs to another one; the others are refused. Files that are empty are as if
   * absent: debuginfod's client writes such for what no server has.
   */
  async #firstOf(paths: readonly string[], wanted: Elf, problem: Problem, slice: TimeSlice): Promise<DebugFile | null> {
    const seen = new Set(wanted.bytes instanceof FileBytes ? [wanted.bytes.identity] : []);
    for (const path of paths) {
      for (const bytes of openFiles(path, this.#root)) {
        if (bytes.size === 0 || seen.has(bytes.identity)) {
          bytes.close();
          continue;
        }
        seen.add(bytes.identity);
        const file = await this.#examine(path, bytes, wanted, problem, slice);
        if (file !== null) return file;
      }
    }
    return null;
  }

  /** Makes a debug file of the bytes and keeps them open, if they belong. */
  async #examine(
    path: string,
    bytes: FileBytes,
    wanted: Elf,
    problem: Problem,
    slice: TimeSlice,
  ): Promise<DebugFile | null> {
    let found: DebugFile | null = null;
    this.#opened.add(bytes);
    try {
      const elf = await readElf(bytes, slice);
      const file = elf && { path, elf, sections: new DebugSections(elf) };
      const reason = file === null ? "It is no ELF file." : (machineProblem(file.elf, wanted) ?? (await problem(file)));
      if (this.#isClosed) return null;
      if (reason === null) found = file;
      else this.#refuse(path, reason);
    } finally {
      if (found === null) {
        this.#opened.delete(bytes);
        bytes.close();
      }
    }
    return found;
  }

  #refuse(path: string, reason: string): void {
    const isKnown = this.#refused.some((refused) => refused.path === path && refused.reason === reason);
    if (!isKnown && this.#refused.length < MOST_REFUSED) this.#refused.push({ path, reason });
  }

  get #folders(): readonly string[] {
    return this.#settings.debugFolders;
  }
}

/** What the kernel puts behind the path of a file that is gone. @see proc_pid_maps(5) */
const DELETED = " (deleted)";
/** Nobody reads more. */
const MOST_REFUSED = 100;
