import type { Counters } from "../memory/counters.ts";
import { costliest, residentCost, type StopReading, stepCost } from "../memory/stepCost.ts";
import type { KindSums } from "../protocol/server.ts";
import type { StepCost, StopOrder, Stops } from "../protocol/stops.ts";

/** What a target's steps cost, from one of its stops that could be read to the next: of the last {@link MOST_STEPS}. */
export class StopCosts {
  /** Oldest first. */
  readonly #steps: StepCost[] = [];
  #before: StopReading | null = null;
  #last: StopReading | null = null;

  /**
   * Takes a reading of a target that stands still.
   * @param now its counters after the reading
   */
  add(reading: StopReading, now: Counters): void {
    const before = this.#last;
    this.#last = hasGoneOn(reading.counters, now) ? { ...reading, space: null } : reading;
    if (!before) return;
    this.#steps.push(stepCost(before, this.#last));
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
    // Its regions have been compared, and may be many.
    this.#before = { ...before, space: null };
  }

  /**
   * Takes the RSS of each kind, which is read later at that stop.
   * @param now the target's counters after that
   */
  addKinds(stop: number, kinds: KindSums, now: Counters): void {
    const last = this.#last;
    if (last?.stop !== stop || last.kinds || hasGoneOn(last.counters, now)) return;
    this.#last = { ...last, kinds };
    const step = this.at(stop);
    if (!this.#before || !step) return;
    this.#steps[this.#steps.length - 1] = { ...step, ...residentCost(this.#before, this.#last) };
  }

  /** What the step to a target's last stop cost; `null` where that is not known. */
  at(stop: number): StepCost | null {
    const last = this.#steps.at(-1);
    return last?.stop === stop ? last : null;
  }

  /** As many as `limit`, those that cost most first. */
  costliest(order: StopOrder, limit: number): Stops {
    return { stops: costliest(this.#steps, order, limit), total: this.#steps.length };
  }
}

export const MOST_STEPS = 1000;

/**
 * Whether it no longer stood still when its regions were read: who steps fast is told of later than the target. Where a
 * debugger works inside of the process nothing tells.
 */
function hasGoneOn(then: Counters, now: Counters): boolean {
  const stood = then.state === "t" || then.state === "T";
  const isSame = (field: "state" | "minorFaults" | "majorFaults" | "cpuTime") => then[field] === now[field];
  return stood && !(isSame("state") && isSame("minorFaults") && isSame("majorFaults") && isSame("cpuTime"));
}
