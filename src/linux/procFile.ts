import { closeSync, openSync, readSync } from "node:fs";

/**
 * A file of /proc that is read again and again. Its descriptor is kept open: reading is then 4 to 12 times cheaper, and it
 * stays with the process it was opened for, however often the kernel gives the pid to others.
 */
export class ProcFile {
  #descriptor = CLOSED;

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
    if (this.#descriptor !== CLOSED) closeSync(this.#descriptor);
    this.#descriptor = CLOSED;
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
