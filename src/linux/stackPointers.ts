/**
 * Where the threads of a process stand in their stacks: `/proc/PID/task/TID/syscall`, which wants the right to attach.
 * Source: proc_pid_syscall(5).
 */
import { type Address, parseAddress } from "../memory/address.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { readSmall } from "./procFile.ts";

/** Of the threads that tell. Throws what the kernel says where the process has ended. */
export function readStackPointers(directory: ProcessDirectory): Map<number, Address> {
  const pointers = new Map<number, Address>();
  for (const [tid, text] of directory.readOfThreads("syscall")) {
    const pointer = stackPointerIn(text);
    if (pointer !== null) pointers.set(tid, pointer);
  }
  return pointers;
}

/** `null` of a thread that does not tell. */
export function readStackPointer(directory: ProcessDirectory, thread: number): Address | null {
  try {
    return stackPointerIn(readSmall(directory.path(`task/${thread}/syscall`)));
  } catch {
    // It has ended, or may not be asked.
    return null;
  }
}

/** `running`, or `-1 SP PC`, or the system call's number, its six arguments, SP and PC; of a thread that has ended SP is 0. */
function stackPointerIn(syscall: string): Address | null {
  return parseAddress(syscall.trim().split(" ").at(-2) ?? "") || null;
}
