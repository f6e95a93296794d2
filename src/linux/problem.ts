/** What is wrong with a process, in sentences that say what to do. */
import { TargetError } from "../memory/target.ts";
import { errorCode } from "./procFile.ts";

export interface Named {
  readonly pid: number;
  readonly command: string;
}

/** Puts what the kernel said about reading a process into words. */
export function targetError(error: unknown, process: Named): TargetError {
  if (error instanceof TargetError) return error;
  switch (errorCode(error)) {
    case "ENOENT":
    case "ESRCH":
      return gone(process);
    case "EACCES":
    case "EPERM":
      return new TargetError(
        "permission",
        `Only the counters of ${inWords(process)} can be read, not its memory: it belongs to another user, runs a setuid program, or is in a container of its own. Run VS Code's server (or procmem) as the same user or as root, or with the capability CAP_SYS_PTRACE; for a container, run it inside.`,
        { cause: error },
      );
    default:
      return new TargetError("unreadable", `The memory of ${inWords(process)} can't be read: ${error}`, {
        cause: error,
      });
  }
}

export function gone(process: Named): TargetError {
  return new TargetError(
    "gone",
    `${capitalised(inWords(process))} has ended. Choose another process, or start it again.`,
  );
}

export function zombie(process: Named): TargetError {
  return new TargetError(
    "zombie",
    `${capitalised(inWords(process))} has ended and is a zombie: its memory is gone, only its exit status waits for the parent process. Choose another process.`,
  );
}

export function kernelThread(process: Named): TargetError {
  return new TargetError(
    "kernelThread",
    `${capitalised(inWords(process))} is a kernel thread: it has no memory of its own. Choose another process.`,
  );
}

function inWords({ pid, command }: Named): string {
  return `process ${pid} (${command})`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
