import { type Address, toHex } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { BlockAt } from "./block.ts";
import { classify } from "./classify.ts";
import { explain, withSource } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { ElfLayout, ElfSource, Module, Work } from "./module.ts";
import { filesOf, findModules } from "./modules.ts";
import { type OpenElf, type Pace, TargetError, type TargetSource } from "./target.ts";
import { withUsageOf } from "./usage.ts";

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
  /** The blocks of its allocators. */
  readonly blockAt: BlockAt;
  readonly #openElf: OpenElf;
  /** The ELF files by device, inode and path; `null` for what is no ELF file. */
  #files = new Map<string, Promise<ElfSource | null>>();
  readonly #sources = new WeakMap<ElfLayout, ElfSource>();
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(source: TargetSource, openElf: OpenElf, blockAt: BlockAt = async () => null) {
    this.source = source;
    this.blockAt = blockAt;
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

  /**
   * Reads the numbers of the regions at a pace, and gives the space after each part of them; the same one where that
   * changed nothing but their age. Throws a {@link TargetError}.
   */
  async *readNumbers(pace: Pace): AsyncGenerator<AddressSpace> {
    for await (const part of this.source.readSmapsParts(pace)) {
      part.columns.readAt.fill(Date.now());
      // Meanwhile the boundaries may have been read anew.
      const { space } = this;
      if (space === null) return;
      this.space = withUsageOf(part, space);
      yield this.space;
    }
  }

  /**
   * Counts the pages of the regions, and gives the space with what that tells; `null` where they cannot be found quickly.
   * Throws a {@link TargetError}, and what the signal was ended with.
   * @param only gives the indexes of those that are wanted, ascending; all unless given
   */
  async readPagesOnly(work: Work, only?: (space: AddressSpace) => Uint32Array): Promise<AddressSpace | null> {
    const counted = this.space && (await this.source.readPagesOnly(this.space, work, only?.(this.space)));
    if (!counted || !this.space) return null;
    this.space = withUsageOf(counted, this.space);
    return this.space;
  }

  /** Throws a {@link TargetError} where nothing has been read. */
  async explain(address: Address): Promise<Explanation> {
    const space = this.space ?? (await this.read("maps"));
    const elfOf = (module: Module) => this.elf(module);
    const witnesses = { target: this.source, isNow: true, goneAt: () => null, blockAt: this.blockAt };
    return withSource(await explain(space, address, elfOf, witnesses), space, elfOf);
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
    // Meanwhile numbers may have been added.
    if (space === before) return this.space ?? space;
    // After the regions: should an exec come between, the next reading finds other regions and asks again.
    const executable = this.source.readExecutable();
    if (depth === "smaps") space.columns.readAt.fill(Date.now());
    findModules(space, await this.#layouts(space), executable);
    classify(space, this.source.readStackPointers(), this.source.readCounters().threads);
    if (depth === "maps" && this.space) space = withUsageOf(this.space, space);
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
