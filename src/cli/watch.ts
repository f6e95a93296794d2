/** `procmem watch` and `procmem counters`: what the kernel counts of a process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Process } from "../linux/process.ts";
import type { ProcessStatus } from "../memory/counters.ts";
import { type Counters, type DetailedTotals, type FaultRates, faultRates, NO_FAULTS } from "../memory/counters.ts";
import type { TargetImage } from "../memory/image.ts";
import { type PlacedMark, placeMarks } from "../memory/marks.ts";
import type { SymbolSettings } from "../memory/module.ts";
import { type ThreadFaultRates, ThreadFaults } from "../memory/threadFaults.ts";
import type { ThreadStack } from "../memory/threadStacks.ts";
import { totalsOf } from "../memory/totals.ts";
import { countersText, sampleText, threadText, WATCH_HEADER } from "./countersText.ts";
import { countersJson, sampleJson } from "./json.ts";
import { looking, permitted } from "./looking.ts";
import { print } from "./output.ts";

/** One moment. What may not be read is `null`. */
export interface CountersSample {
  readonly counters: Counters;
  readonly status: ProcessStatus;
  readonly totals: DetailedTotals | null;
  readonly rates: FaultRates;
  /** Where threads are asked for. */
  readonly threads: readonly ThreadSample[] | null;
}

export interface ThreadSample extends ThreadFaultRates {
  /** `null` where it is not known. */
  readonly stack: ThreadStack | null;
}

/**
 * `procmem watch PID`
 * @param interval milliseconds between two samples
 * @param count how many samples
 */
export function watch(
  pid: string | undefined,
  settings: SymbolSettings,
  json: boolean,
  { interval, count, threads }: { interval: number; count: number; threads: boolean },
): Promise<void> {
  process.on("SIGINT", () => process.exit(0));
  return looking(pid, settings, async (image, source) => {
    if (!json) print(WATCH_HEADER);
    const sampler = new Sampler(image, source, threads);
    for (let index = 0; index < count; index++) {
      if (index > 0) await sleep(interval);
      const sample = await sampler.next();
      if (json) print(JSON.stringify(sampleJson(sample)));
      else print([sampleText(sample), ...(sample.threads ?? []).map(threadText)].join("\n"));
    }
  });
}

/** `procmem counters PID` */
export function counters(pid: string | undefined, settings: SymbolSettings, json: boolean): Promise<void> {
  return looking(pid, settings, async (image, source) => {
    const sample = await new Sampler(image, source, true).next();
    const marks = image.space ? placeMarks(image.space, source.readMarks()) : [];
    const { space } = image;
    if (json) print(JSON.stringify(countersJson(source.identity, image.executable, sample, space, marks)));
    else print(countersText(source.identity, image.executable, sample, space, marks));
  });
}

export type Marks = readonly PlacedMark[];

class Sampler {
  readonly #image: TargetImage;
  readonly #source: Process;
  readonly #withThreads: boolean;
  readonly #threads = new ThreadFaults();
  readonly #permitted = permitted();
  #before: Counters | null = null;

  constructor(image: TargetImage, source: Process, withThreads: boolean) {
    this.#image = image;
    this.#source = source;
    this.#withThreads = withThreads;
  }

  async next(): Promise<CountersSample> {
    const counters = this.#source.readCounters();
    const rates = this.#before ? faultRates(this.#before, counters) : NO_FAULTS;
    this.#before = counters;
    const status = this.#source.readStatus();
    const totals = await this.#permitted(() => this.#readTotals());
    return { counters, status, totals, rates, threads: this.#withThreads ? await this.#readThreads() : null };
  }

  /** Where the kernel has no smaps_rollup, the sums of all regions. */
  async #readTotals(): Promise<DetailedTotals | null> {
    const totals = this.#source.readRollup() ?? totalsOf(await this.#source.readSmaps());
    return totals && { ...UNKNOWN, ...totals };
  }

  async #readThreads(): Promise<ThreadSample[]> {
    const threads = this.#threads.add(this.#source.readThreads(), performance.now());
    const stacks = await this.#permitted(async () => this.#source.readThreadStacks(await this.#image.read("maps")));
    const stackOf = new Map(stacks?.map((stack) => [stack.thread, stack]));
    return threads.map((thread) => ({ ...thread, stack: stackOf.get(thread.tid) ?? null }));
  }
}

const UNKNOWN = {
  anonHugePages: null,
  shmemPmdMapped: null,
  filePmdMapped: null,
  sharedHugetlb: null,
  privateHugetlb: null,
  locked: null,
};
