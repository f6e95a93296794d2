import type { ThreadCounters } from "../memory/counters.ts";
import type { ProcessDirectory } from "./processDirectory.ts";
import { parseStat } from "./stat.ts";
import { parseStatus } from "./status.ts";

/** Throws what the kernel says where the process has ended. Source: proc_pid_stat(5), proc_pid_status(5). */
export function readThreadCounters(directory: ProcessDirectory): ThreadCounters[] {
  const statuses = new Map(directory.readOfThreads("status"));
  return [...directory.readOfThreads("stat")].map(([tid, text]) => {
    const { command, state, minorFaults, majorFaults } = parseStat(text);
    const { voluntarySwitches, involuntarySwitches } = parseStatus(statuses.get(tid) ?? "");
    return { tid, name: command, state, minorFaults, majorFaults, voluntarySwitches, involuntarySwitches };
  });
}
