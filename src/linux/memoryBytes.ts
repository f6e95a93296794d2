import { readSync } from "node:fs";
import type { Address } from "../memory/address.ts";
import { MemoryFile } from "./memoryFile.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { errorCode } from "./procFile.ts";

/**
 * `/proc/PID/mem`, kept open: unlike process_vm_readv(2) it never reads of another process that has got the pid, and needs
 * no library. It also gives what the process has protected from reading: callers look at the permissions first.
 */
export class MemoryBytes {
  readonly #file: MemoryFile;

  constructor(directory: ProcessDirectory) {
    this.#file = new MemoryFile(directory, "mem");
  }

  /** Answers how many bytes were read; 0 where nothing is mapped. Throws what the kernel says. */
  read(address: Address, into: Uint8Array): number {
    try {
      return this.#file.ask((descriptor) => {
        const count = readSync(descriptor, into, 0, into.length, address);
        // Memory that is no more ends at once.
        if (count === 0) throw Object.assign(new Error("mem is empty."), { code: "ESRCH" });
        return count;
      });
    } catch (error) {
      // EIO: nothing is mapped; EINVAL: no file has an offset so large.
      if (["EIO", "EFAULT", "EINVAL", "EOVERFLOW"].includes(errorCode(error))) return 0;
      throw error;
    }
  }

  close(): void {
    this.#file.close();
  }
}
