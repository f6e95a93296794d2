import { TimeSlice } from "../memory/timeSlice.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { errorCode, ProcFile } from "./procFile.ts";

/** Takes the whole lines of `bytes[from … to)`, and answers where they end. */
export interface LineScanner {
  scan(bytes: Buffer, from: number, to: number): number;
}

/**
 * maps, smaps or smaps_rollup of a process, kept open. What is open belongs to the memory the process had at that time:
 * after exec(2), or when its main thread has ended, it is empty and the memory is found anew.
 */
export class MemoryFile {
  readonly #directory: ProcessDirectory;
  readonly #name: string;
  readonly #file = new ProcFile();

  constructor(directory: ProcessDirectory, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** A text of less than 4 KiB. Throws what the kernel says. */
  text(): string {
    return this.#find(
      () => this.#file.text(),
      (text) => text !== "",
    );
  }

  /**
   * Reads the whole file in pieces of at most 4 KiB, which is what the kernel gives at once, and gives each to what
   * `begin` makes, with the unfinished line before it. When the memory ends half-way (exit or exec), begins again.
   * Throws what the kernel says: ESRCH or ENOENT where the process has ended.
   */
  async readThrough<Scanner extends LineScanner>(buffer: Buffer, begin: () => Scanner): Promise<Scanner> {
    for (;;) {
      const scanner = begin();
      const slice = new TimeSlice();
      let count = this.#find(
        () => this.#file.read(buffer, 0, 0),
        (bytes) => bytes > 0,
      );
      let position = 0;
      let unfinished = 0;
      while (count > 0) {
        position += count;
        const filled = unfinished + count;
        const scanned = scanner.scan(buffer, 0, filled);
        unfinished = filled - scanned;
        if (unfinished > 0) buffer.copyWithin(0, scanned, filled);
        if (unfinished === buffer.length) throw new Error(`${this.#name} has a line of ${unfinished} bytes.`);
        if (slice.isOver) await slice.next();
        count = this.#file.read(buffer, unfinished, position);
      }
      // The end of the text and the end of the memory look alike.
      if (this.#file.read(buffer, buffer.length - 1, 0) > 0) return scanner;
    }
  }

  close(): void {
    this.#file.close();
  }

  /** What `read` gives at the file's beginning; opens it anew where that is nothing. */
  #find<Result>(read: () => Result, isThere: (result: Result) => boolean): Result {
    const known = read();
    if (isThere(known)) return known;
    for (const place of this.#directory.memoryPlaces()) {
      try {
        this.#file.open(this.#directory.path(place + this.#name));
        const found = read();
        if (isThere(found)) return found;
      } catch (error) {
        if (errorCode(error) !== "ESRCH" && (place === "" || errorCode(error) !== "ENOENT")) throw error;
      }
    }
    throw Object.assign(new Error(`${this.#name} is empty.`), { code: "ESRCH" });
  }
}
