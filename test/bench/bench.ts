import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What the benchmarks share. Times are compared within one run, taken in turns: what the machine does else hits all. */

/**
 * Runs each contestant once a round, in turns, and answers the median milliseconds of each, a first round left out. Each is
 * told which round it is, from 0 on.
 * @param prepare is done before each, and not counted
 */
export async function inTurns<Name extends string>(
  rounds: number,
  contestants: Record<Name, (round: number) => void | Promise<void>>,
  prepare: () => void = () => {},
): Promise<Record<Name, number>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      prepare();
      const start = performance.now();
      await contestants[name](round);
      if (round > 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints a table: the first row is the heading; columns after the first are right-aligned. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    process.stdout.write(`${cells.join("  ")}\n`);
  }
}

/** Milliseconds of processor time a second, of all its threads. @see Documentation/scheduler/sched-stats.rst in Linux */
export async function processorTime(pid: number, seconds: number): Promise<number> {
  const nanoseconds = () =>
    readdirSync(`/proc/${pid}/task`)
      .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]))
      .reduce((sum, time) => sum + time, 0);
  const before = nanoseconds();
  await sleep(seconds * 1000);
  return (nanoseconds() - before) / 1e6 / seconds;
}
