import type { MemoryCondition, MemoryQuantity, RangeEvent } from "../protocol/breakpoints.ts";
import type { Sample } from "../protocol/server.ts";
import { toHex } from "./address.ts";
import { type AddressSpace, permissionLetters } from "./addressSpace.ts";
import { rate } from "./counters.ts";
import { FAULT_LABELS, isCounter, quantityInWords } from "./memoryBreakpoint.ts";
import { regionLabel, regionName } from "./names.ts";
import { rangeChanges } from "./rangeChanges.ts";
import { formatBytes } from "./size.ts";

/** What a condition is tested against. */
export interface TestedReading {
  readonly sample: Sample;
  /** `null` where the regions have not been read, or may not be. */
  readonly space: AddressSpace | null;
  readonly isStopped: boolean;
  /** The first reading since all threads stand still, or since they continue. */
  readonly mark: "stop" | "continue" | null;
}

/**
 * A memory breakpoint of one target: what it has to remember from reading to reading. It is hit by what changes and not by
 * what stays: a limit is passed anew only after the value was at it or below.
 */
export class BreakpointTest {
  readonly #condition: MemoryCondition;
  readonly #isFirst: boolean;
  /** Whether the value of the reading before was within the limit; `null`: there was none. */
  #wasWithin: boolean | null;
  /** What growth is measured from, `null` until it is read anew after a stop; and whether it was told since. */
  #base: { readonly bytes: number | null; readonly atStop: boolean; readonly isTold: boolean } | null = null;
  /** Faults are counted from here; `null` while it stands still. */
  #counted: Sample | null = null;
  #space: AddressSpace | null = null;

  /** @param isFirst whether the breakpoint was there before the target: of a process all is 0 before it is started */
  constructor(condition: MemoryCondition, isFirst: boolean) {
    this.#condition = condition;
    this.#isFirst = isFirst;
    this.#wasWithin = isFirst ? true : null;
  }

  /** With each reading, in their order. What happened, in a sentence, where it hits; otherwise `null`. */
  test(reading: TestedReading): string | null {
    const condition = this.#condition;
    if ("start" in condition) return this.#testRange(condition, reading);
    if (condition.when === "faults") return this.#testFaults(condition, reading);
    const bytes = quantityIn(reading, condition.what);
    const isStop = reading.mark === "stop";
    if (bytes === null) {
      if (isStop) this.#base = { bytes, atStop: true, isTold: false };
      return null;
    }
    const name = quantityInWords(condition.what);
    if (condition.when === "grows") return this.#testGrowth(name, bytes, condition.bytes, isStop);
    if (!this.#passes(bytes, condition.bytes)) return null;
    const [limit, now] = [condition.bytes, bytes].map(formatBytes);
    return `${name} passed ${limit}: it is ${now === limit ? `${formatBytes(bytes - condition.bytes)} more` : now}.`;
  }

  #passes(value: number, limit: number): boolean {
    const wasWithin = this.#wasWithin;
    this.#wasWithin = value <= limit;
    return wasWithin === true && value > limit;
  }

  #testGrowth(name: string, bytes: number, by: number, isStop: boolean): string | null {
    const { atStop, isTold, ...base } = this.#base ?? { bytes, atStop: false, isTold: false };
    const before = base.bytes ?? bytes;
    const grown = bytes - before;
    const isHit = !isTold && grown >= by;
    this.#base = isStop ? { bytes, atStop: true, isTold: false } : { bytes: before, atStop, isTold: isTold || isHit };
    if (!isHit) return null;
    const since = atStop ? "the last stop" : this.#isFirst ? "it was looked at first" : "the breakpoint was set";
    return `${name} grew by ${formatBytes(grown)} since ${since}: it is ${formatBytes(bytes)}.`;
  }

  #testFaults(
    condition: Extract<MemoryCondition, { when: "faults" }>,
    { sample, isStopped, mark }: TestedReading,
  ): string | null {
    const before = this.#counted;
    if (isStopped || mark === "continue" || before === null) {
      this.#counted = isStopped ? null : sample;
      return null;
    }
    const milliseconds = sample.time - before.time;
    if (milliseconds < SHORTEST) return null;
    this.#counted = sample;
    const faults = rate(faultsOf(before, condition.what), faultsOf(sample, condition.what), milliseconds / 1000);
    if (!this.#passes(faults, condition.rate)) return null;
    const [limit, now] = [condition.rate, Math.round(faults)].map((number) => number.toLocaleString("en"));
    return `${FAULT_LABELS[condition.what]} passed ${limit} a second: there were ${now} a second.`;
  }

  #testRange(
    { when, start, end }: Extract<MemoryCondition, { when: RangeEvent }>,
    { space }: TestedReading,
  ): string | null {
    const before = this.#space;
    this.#space = space ?? before;
    if (space === null || before === null || before === space) return null;
    const place = rangeChanges(before, space, Number(start), Number(end))[when];
    if (place === null) return null;
    const range = `${toHex(BigInt(place.start))}-${toHex(BigInt(place.end))}`;
    if (when === "mapped") return `${range} was mapped: ${regionLabel(space, place.after)}.`;
    if (when === "unmapped") return `${range} was unmapped: it was ${regionLabel(before, place.before)}.`;
    const was = permissionLetters(before.columns.permissions[place.before] as number);
    const is = permissionLetters(space.columns.permissions[place.after] as number);
    return `${range} changed its protection: ${regionName(space, place.after)} was ${was} and is ${is}.`;
  }
}

/** Milliseconds of running below which a rate says little: less than any interval between readings. */
const SHORTEST = 40;

function faultsOf({ minorFaults, majorFaults }: Sample, what: "all" | "major"): number {
  return what === "all" ? minorFaults + majorFaults : majorFaults;
}

/** In bytes; `null` where it is not known. */
function quantityIn({ sample, space }: TestedReading, what: MemoryQuantity): number | null {
  if (isCounter(what)) return sample[what];
  if (space === null) return null;
  let bytes = 0;
  for (let index = 0; index < space.length; index++) if (space.kind(index) === what) bytes += space.size(index);
  return bytes;
}
