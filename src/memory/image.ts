import { type Address, toHex } from "./address.ts";
import { AddressSpace, NOT_READ } from "./addressSpace.ts";
import { classify } from "./classify.ts";
import { explain, withSource } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { ElfLayout, ElfSource, Module } from "./module.ts";
import { filesOf, findModules } from "./modules.ts";
import { USAGE_FIELDS } from "./region.ts";
import { type OpenElf, TargetError, type TargetSource } from "./target.ts";

/**
 * The picture of a target: its regions, classified, with the ELF files among them open. What the server polls and what
 * `procmem` prints is one and the same. A reading that fails leaves the last picture as it was.
 */
export class TargetImage {
  readonly source: TargetSource;
  /** `null` before the first reading. Never changed once it stands here; a reading puts another in its place. */
  space: AddressSpace | null = null;
  /** What `/proc/PID/exe` named at the last reading; another one after an exec. */
  executable: string | null = null;
  readonly #openElf: OpenElf;
  /** The ELF files by device, inode and path; `null` for what is no ELF file. */
  #files = new Map<string, Promise<ElfSource | null>>();
  readonly #sources = new WeakMap<ElfLayout, ElfSource>();
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(source: TargetSource, openElf: OpenElf) {
    this.source = source;
    this.#openElf = openElf;
  }

  /**
   * Reads the regions: `maps` their boundaries alone (numbers of unchanged regions are kept from before), `smaps` all.
   * Readings wait for each other. Gives the same space as before where nothing changed. Throws a {@link TargetError}.
   */
  read(depth: "maps" | "smaps"): Promise<AddressSpace> {
    const reading = this.#reading.then(() => this.#read(depth));
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** Throws a {@link TargetError} where nothing has been read. */
  async explain(address: Address): Promise<Explanation> {
    const space = this.space ?? (await this.read("maps"));
    const elfOf = (module: Module) => this.elf(module);
    return withSource(await explain(space, address, elfOf), space, elfOf);
  }

  /** The open file of a module of the current space. */
  elf(module: Module): ElfSource | null {
    return this.#sources.get(module.layout) ?? null;
  }

  close(): void {
    this.#closed = true;
    this.#closeFiles(this.#files);
    this.source.close();
  }

  async #read(depth: "maps" | "smaps"): Promise<AddressSpace> {
    if (this.#closed) {
      const { command, pid } = this.source.identity;
      throw new TargetError("gone", `${command} (${pid}) is no longer looked at.`);
    }
    const before = this.space;
    let space = depth === "smaps" ? await this.source.readSmaps() : await this.source.readMaps(before ?? undefined);
    if (space === before) return space;
    // After the regions: should an exec come between, the next reading finds other regions and asks again.
    const executable = this.source.readExecutable();
    if (depth === "maps" && before) space = withUsageOf(before, space);
    findModules(space, await this.#layouts(space), executable);
    classify(space, this.source.readStackPointers(), this.source.readCounters().threads);
    this.executable = executable;
    this.space = space;
    return space;
  }

  /** Opens the files that are new in the space, closes those that are no longer there. */
  async #layouts(space: AddressSpace): Promise<Map<number, ElfLayout>> {
    const files = new Map<string, Promise<ElfSource | null>>();
    const layouts = new Map<number, ElfLayout>();
    for (const first of filesOf(space).keys()) {
      const region = space.region(first);
      // What has no inode is memory: at another address it is another one.
      const key = `${region.device} ${region.inode || toHex(region.start)} ${region.path}`;
      const open = this.#files.get(key) ?? this.#open(space, first);
      this.#files.set(key, open);
      files.set(key, open);
      const elf = await open;
      if (!elf) continue;
      layouts.set(first, elf.layout);
      this.#sources.set(elf.layout, elf);
    }
    const old = new Map([...this.#files].filter(([key]) => !files.has(key)));
    this.#files = files;
    this.#closeFiles(old);
    if (this.#closed) this.#closeFiles(files);
    return layouts;
  }

  /** Throws a {@link TargetError} where the target has ended; a file that can't be read is no module. */
  #open(space: AddressSpace, index: number): Promise<ElfSource | null> {
    const file = this.source.openMapped(space, index);
    return file ? this.#openElf(file).catch(() => null) : Promise.resolve(null);
  }

  #closeFiles(files: ReadonlyMap<string, Promise<ElfSource | null>>): void {
    for (const file of files.values()) void file.then((elf) => elf?.close());
  }
}

/** The regions of `space`, those that are as they were `before` with the numbers that were read then. */
function withUsageOf(before: AddressSpace, space: AddressSpace): AddressSpace {
  const from = before.columns;
  const to = space.columns;
  for (let index = 0, old = 0; index < space.length; index++) {
    while (old < before.length && (from.start[old] as number) < (to.start[index] as number)) old++;
    const isSame =
      old < before.length &&
      from.start[old] === to.start[index] &&
      from.end[old] === to.end[index] &&
      from.permissions[old] === to.permissions[index] &&
      from.inode[old] === to.inode[index] &&
      before.path(old) === space.path(index);
    to.flags[index] = isSame ? (from.flags[old] as number) : NOT_READ;
    if (!isSame) continue;
    for (const field of USAGE_FIELDS) to.usage[field][index] = from.usage[field][old] as number;
  }
  return new AddressSpace(space.length, to, space.paths, space.devices, before.flagSets);
}
