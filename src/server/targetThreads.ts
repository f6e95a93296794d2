import type { Process } from "../linux/process.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { ThreadFaults } from "../memory/threadFaults.ts";
import { stackMessage, type ThreadStack } from "../memory/threadStacks.ts";
import type { ThreadRates } from "../protocol/server.ts";
import { hasEnded, problemOf } from "./problems.ts";

/** The threads of a process: their faults and their stacks. */
export class TargetThreads {
  readonly #process: Process;
  readonly #faults = new ThreadFaults();
  #last: ThreadRates[] = [];

  constructor(process: Process) {
    this.#process = process;
  }

  /** What was said last. */
  get last(): ThreadRates[] {
    return this.#last;
  }

  /** Each thread's faults, with the rates since they were asked last, and its stack. Throws a TargetError. */
  async read(space: AddressSpace): Promise<ThreadRates[]> {
    const stacks = await this.stacks(space);
    const stackOf = new Map(stacks.map((stack) => [stack.thread, stackMessage(stack)]));
    const threads = this.#faults.add(this.#process.readThreads(), performance.now());
    this.#last = threads.map((thread) => ({ ...thread, stack: stackOf.get(thread.tid) ?? null }));
    return this.#last;
  }

  /** The stacks in a space; none where they may not be looked at, or the process has ended. Throws a TargetError. */
  async stacks(space: AddressSpace): Promise<ThreadStack[]> {
    try {
      return await this.#process.readThreadStacks(space);
    } catch (error) {
      if (problemOf(error).problem !== "permission" && !hasEnded(problemOf(error))) throw error;
      return [];
    }
  }
}
