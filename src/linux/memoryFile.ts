import type { Pace } from "../memory/target.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { errorCode, ProcFile } from "./procFile.ts";

/** Takes the whole lines of `bytes[from … to)`, and answers where they end. */
export interface LineScanner {
  scan(bytes: Buffer, from: number, to: number): number;
}

/** Room for a piece of a text, with that for an unfinished line before it. */
export class Block {
  readonly bytes = Buffer.allocUnsafeSlow(LONGEST_LINE + BLOCK);
  /** What follows the unfinished line, in parts that the kernel fills with one system call. */
  readonly pieces = Array.from({ length: BLOCK / PIECE }, (_, index) => {
    const start = LONGEST_LINE + index * PIECE;
    return this.bytes.subarray(start, start + PIECE);
  });
}

/** One is read while the other is written. */
export type Blocks = readonly [Block, Block];

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
   * Reads the whole file as fast as the kernel makes it, and gives it to what `begin` makes: a block while the kernel makes
   * the next. When the memory ends half-way (exit or exec), begins again. Answers `null` where `isEnded` says after a block
   * that nothing more is wanted. Throws what the kernel says: ESRCH or ENOENT where the process has ended.
   */
  async readThrough<Scanner extends LineScanner>(
    [first, second]: Blocks,
    begin: () => Scanner,
    isEnded: () => Promise<boolean>,
  ): Promise<Scanner | null>;
  async readThrough<Scanner extends LineScanner>(blocks: Blocks, begin: () => Scanner): Promise<Scanner>;
  async readThrough<Scanner extends LineScanner>(
    [first, second]: Blocks,
    begin: () => Scanner,
    isEnded?: () => Promise<boolean>,
  ): Promise<Scanner | null> {
    for (;;) {
      const scanner = begin();
      let [block, next] = [first, second];
      let count = this.#first(block);
      for (let position = 0, unfinished = 0; count > 0; [block, next] = [next, block]) {
        position += count;
        const ahead = this.#file.readPieces(next.pieces, position);
        try {
          unfinished = this.#scan(scanner, block, unfinished, count, next);
        } finally {
          count = await ahead;
        }
        if (await isEnded?.()) return null;
      }
      // The end of the text and the end of the memory look alike.
      if (this.#file.read(first.bytes, first.bytes.length - 1, 0) > 0) return scanner;
    }
  }

  /**
   * Reads the file at a pace, and gives what `begin` makes with the lines of each part; ends where the memory ends. Throws
   * what the kernel says.
   */
  async *readParts<Scanner extends LineScanner>(
    block: Block,
    begin: () => Scanner,
    pace: Pace,
  ): AsyncGenerator<Scanner> {
    let scanner = begin();
    let count = this.#first(block);
    for (let position = 0, unfinished = 0; count > 0; count = this.#read(block, position)) {
      position += count;
      unfinished = this.#scan(scanner, block, unfinished, count, block);
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
  #first(block: Block): number {
    return this.#find(
      () => this.#read(block, 0),
      (count) => count > 0,
    );
  }

  #read(block: Block, position: number): number {
    return this.#file.read(block.bytes, LONGEST_LINE, position);
  }

  /**
   * Gives a scanner the `count` bytes of a block, and the unfinished line before them. Puts the line that they leave
   * unfinished before the bytes of `next`, and answers its length.
   */
  #scan(scanner: LineScanner, block: Block, unfinished: number, count: number, next: Block): number {
    const end = LONGEST_LINE + count;
    const scanned = scanner.scan(block.bytes, LONGEST_LINE - unfinished, end);
    const rest = end - scanned;
    if (rest > LONGEST_LINE) throw new Error(`${this.#name} has a line of ${rest} bytes.`);
    block.bytes.copy(next.bytes, LONGEST_LINE - rest, scanned, end);
    return rest;
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

/** Bytes. A path has 4,096 at most unless it was made of relative ones, and each may become four: `\\012`. */
const LONGEST_LINE = 1 << 16;

/**
 * Bytes. The kernel makes these texts in a page of its own: of whole records, until there are as many bytes as asked for or
 * the page is full. For a page's worth it may thus give less, and then a reading of many pieces ends; where there is room
 * for one more record it does not. Source: seq_read_iter in Linux fs/seq_file.c.
 */
const PIECE = 3072;
/** Bytes that are read at once. */
const BLOCK = 160 * PIECE;
