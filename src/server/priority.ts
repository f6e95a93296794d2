import { readdirSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/**
 * Lets targets go first where there are fewer processors than work. On Linux a nice value is a thread's own and that of
 * the threads it starts: those that Node has started by now are lowered, too.
 * @see sched(7), The nice value
 */
export function letTargetsGoFirst(): void {
  for (const thread of readdirSync("/proc/self/task").map(Number)) {
    try {
      // Who was started with a lower priority may not raise it.
      if (getPriority(thread) < NICE) setPriority(thread, NICE);
    } catch {
      // The thread has ended.
    }
  }
}

/** A third of the usual weight: enough not to push a target off its processor, and not to starve beside compilers. */
const NICE = 5;
