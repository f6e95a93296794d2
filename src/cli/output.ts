import { writeSync } from "node:fs";

/** Writes a line, or several, to standard output. Ends the program where nobody reads it any more (`procmem … | head`). */
export function print(text: string): void {
  // Without a stream, which takes Node more time to make than many an answer takes.
  const bytes = Buffer.from(`${text}\n`);
  for (let done = 0; done < bytes.length; ) done += write(bytes, done);
}

/** Writes a sentence to standard error. */
export function complain(sentence: string): void {
  process.stderr.write(`procmem: ${sentence}\n`);
}

function write(bytes: Buffer, from: number): number {
  try {
    return writeSync(1, bytes, from);
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case "EPIPE":
        return process.exit(0);
      case "EAGAIN":
        // The other end made it non-blocking, and reads slowly.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        return 0;
      default:
        return process.exit(1);
    }
  }
}
