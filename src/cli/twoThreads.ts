import type { Address } from "../memory/address.ts";
import type { ElfSource, Frame, SymbolSettings } from "../memory/module.ts";
import { SymbolWorker } from "../symbols/remoteElf.ts";
import { openFile } from "./openFile.ts";

/**
 * Finds the functions at many addresses of a file in two threads, each for a half of the code: what belongs together in a
 * file lies together.
 */
export class TwoThreads {
  readonly #elf: ElfSource;
  readonly #path: string;
  readonly #settings: SymbolSettings;
  #other: Promise<ElfSource | null> | null = null;
  /** Where the other one's half begins. */
  #middle: Address = 0n;

  /** @param path of the file that is open as `elf` */
  constructor(elf: ElfSource, path: string, settings: SymbolSettings) {
    this.#elf = elf;
    this.#path = path;
    this.#settings = settings;
  }

  /** @see ElfSource.framesAt */
  async framesAt(addresses: readonly Address[]): Promise<Frame[][]> {
    if (addresses.length >= MANY) this.#other ??= this.#start(addresses);
    const other = addresses.length >= MANY ? await this.#other : null;
    if (!other) return this.#elf.framesAt(addresses, ALONE);
    const isOther = addresses.map((address) => address >= this.#middle);
    const theirs = other.framesAt(addresses.filter((_, index) => isOther[index]));
    const [own, others] = await Promise.all([
      this.#elf.framesAt(
        addresses.filter((_, index) => !isOther[index]),
        ALONE,
      ),
      theirs,
    ]);
    const [nextOwn, nextOther] = [own.values(), others.values()];
    return isOther.map((isTheirs) => (isTheirs ? nextOther : nextOwn).next().value ?? []);
  }

  /** Ends the other thread. */
  async close(): Promise<void> {
    (await this.#other)?.close();
  }

  #start(addresses: readonly Address[]): Promise<ElfSource | null> {
    const sorted = addresses.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#middle = sorted[Math.floor(sorted.length / 2)] as Address;
    const worker = new SymbolWorker();
    worker.settings = this.#settings;
    return worker.open(openFile(this.#path));
  }
}

/** Addresses for which a thread's start is soon made good. */
const MANY = 32;
/** Nothing else waits for its turn. In milliseconds. */
const ALONE = { slice: 1000 };
