import { closeSync, openSync, readSync, readv } from "node:fs";
import { promisify } from "node:util";

/**
 * A file of /proc that is read again and again. Its descriptor is kept open: reading is then 4 to 12 times cheaper, and it
 * stays with the process it was opened for, however often the kernel gives the pid to others.
 */
export class ProcFile {
  #descriptor = CLOSED;
  /** A reading beside other work: until it is done the kernel must not give its descriptor's number to another file. */
  #reading: Promise<number> = NOTHING;

  /** Opens it, in place of what was open. Throws what the kernel says. */
  open(path: string): void {
    this.close();
    this.#descriptor = openSync(path, "r");
  }

  get isOpen(): boolean {
    return this.#descriptor !== CLOSED;
  }

  /** Reads from `position` to `bytes[offset …]` and answers how many bytes; 0 at the end, or where the process has ended. */
  read(bytes: Buffer, offset: number, position: number): number {
    return this.ask((descriptor) => readSync(descriptor, bytes, offset, bytes.length - offset, position)) ?? 0;
  }

  /**
   * Reads from `position` to `pieces`, one after the other, beside other work. It is one system call, which
   * ends at the first piece that the kernel does not fill. Answers as {@link read} does.
   */
  async readPieces(pieces: readonly Buffer[], position: number): Promise<number> {
    const descriptor = this.#descriptor;
    if (descriptor === CLOSED) return 0;
    const reading = readvBeside(descriptor, pieces, position).then(({ bytesRead }) => bytesRead);
    this.#reading = reading;
    try {
      const count = await reading;
      return this.#descriptor === descriptor ? count : 0;
    } catch (error) {
      if (errorCode(error) === "ESRCH") return 0;
      throw error;
    } finally {
      this.#reading = NOTHING;
    }
  }

  /** All of a text that the kernel gives at once, as it does all but lists of regions; empty where the process has ended. */
  text(): string {
    return textOf(() => this.read(small, 0, 0));
  }

  /** Asks the kernel something of the open file; `undefined` where the process has ended. */
  ask<Answer>(question: (descriptor: number) => Answer): Answer | undefined {
    if (this.#descriptor === CLOSED) return undefined;
    try {
      return question(this.#descriptor);
    } catch (error) {
      if (errorCode(error) === "ESRCH") return undefined;
      throw error;
    }
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === CLOSED) return;
    this.#descriptor = CLOSED;
    const close = () => closeSync(descriptor);
    if (this.#reading === NOTHING) close();
    else this.#reading.then(close, close);
  }
}

/** The text of such a file that is read once. Throws what the kernel says. */
export function readSmall(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    return textOf(() => readSync(descriptor, small, 0, small.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** `ENOENT`, `ESRCH`, `EACCES`, …; empty for what is no error of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The text that `read` puts into {@link small}, answering how many bytes. */
function textOf(read: () => number): string {
  let count = read();
  while (count === small.length) {
    small = Buffer.allocUnsafeSlow(2 * count);
    count = read();
  }
  return small.toString("utf8", 0, count);
}

/** For small texts: they are read at once, so one is enough for all. It grows with the longest: a user may be in many groups. */
let small = Buffer.allocUnsafeSlow(4096);

const CLOSED = -1;
const NOTHING = Promise.resolve(0);

const readvBeside = promisify(readv);
