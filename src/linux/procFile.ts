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
    if (this.#descriptor === CLOSED) return 0;
    try {
      return readSync(this.#descriptor, bytes, offset, bytes.length - offset, position);
    } catch (error) {
      if (errorCode(error) === "ESRCH") return 0;
      throw error;
    }
  }

  /** All of a text of less than 4 KiB; empty where the process has ended. */
  text(): string {
    return small.toString("utf8", 0, this.read(small, 0, 0));
  }

  close(): void {
    if (this.#descriptor !== CLOSED) closeSync(this.#descriptor);
    this.#descriptor = CLOSED;
  }
}

/** The text of a file of less than 4 KiB that is read once. Throws what the kernel says. */
export function readSmall(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    return small.toString("utf8", 0, readSync(descriptor, small, 0, small.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** `ENOENT`, `ESRCH`, `EACCES`, …; empty for what is no error of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** For small texts: they are read at once, so one is enough for all. */
const small = Buffer.allocUnsafeSlow(4096);

const CLOSED = -1;
