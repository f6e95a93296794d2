import type { Pace } from "../memory/target.ts";
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
      let count = this.#first(buffer);
      for (let position = 0, unfinished = 0; count > 0; count = this.#file.read(buffer, unfinished, position)) {
        position += count;
        unfinished = this.#scan(scanner, buffer, unfinished + count);
        if (slice.isOver) await slice.next();
      }
      // The end of the text and the end of the memory look alike.
      if (this.#file.read(buffer, buffer.length - 1, 0) > 0) return scanner;
    }
  }

  /**
   * Reads the file at a pace, and gives what `begin` makes with the lines of each part; ends where the memory ends. Throws
   * what the kernel says.
   */
  async *readParts<Scanner extends LineScanner>(
    buffer: Buffer,
    begin: () => Scanner,
    pace: Pace,
  ): AsyncGenerator<Scanner> {
    let scanner = begin();
    let count = this.#first(buffer);
    for (let position = 0, unfinished = 0; count > 0; count = this.#file.read(buffer, unfinished, position)) {
      position += count;
      unfinished = this.#scan(scanner, buffer, unfinished + count);
      // The kernel gives whole regions at once, so a part has the lines of whole ones.
      const next = await pace.pause();
      if (next === "end") return;
      if (next === "go on" || unfinished > 0) continue;
      yield scanner;
      scanner = begin();
    }
    yield scanner;
  }

  /** Asks the kernel something of the open file. Throws what the kernel says. */
  ask<Answer>(question: (descriptor: number) => Answer): Answer {
    const ask = () => this.#file.ask(question);
    return this.#find(ask, (answer) => answer !== undefined) as Answer;
  }

  close(): void {
    this.#file.close();
  }

  /** The first bytes of the memory as it is now. */
  #first(buffer: Buffer): number {
    return this.#find(
      () => this.#file.read(buffer, 0, 0),
      (bytes) => bytes > 0,
    );
  }

  /** Answers how many bytes of an unfinished line stand at the beginning of the buffer now. */
  #scan(scanner: LineScanner, buffer: Buffer, filled: number): number {
    const scanned = scanner.scan(buffer, 0, filled);
    const unfinished = filled - scanned;
    if (unfinished > 0) buffer.copyWithin(0, scanned, filled);
    if (unfinished === buffer.length) throw new Error(`${this.#name} has a line of ${unfinished} bytes.`);
    return unfinished;
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
