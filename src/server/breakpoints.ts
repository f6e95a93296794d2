import { BreakpointTest } from "../memory/breakpointTest.ts";
import { needsRegions } from "../memory/memoryBreakpoint.ts";
import type { BreakpointHit, MemoryBreakpoint } from "../protocol/breakpoints.ts";
import type { LiveTarget } from "./liveTarget.ts";

/** The memory breakpoints of one target. Tested with each reading; what hits is taken when that is told. */
export class TargetBreakpoints {
  #tests = new Map<string, { readonly breakpoint: MemoryBreakpoint; readonly test: BreakpointTest }>();
  #hits: BreakpointHit[] = [];

  /** @param breakpoints that were there before the target */
  constructor(breakpoints: readonly MemoryBreakpoint[]) {
    this.#set(breakpoints, true);
  }

  /**
   * Those that there are from now on. What is known of one stays as long as its condition. Answers whether there are new
   * ones.
   */
  replace(breakpoints: readonly MemoryBreakpoint[]): boolean {
    const before = new Set([...this.#tests.values()].map(({ test }) => test));
    this.#set(breakpoints, false);
    return [...this.#tests.values()].some(({ test }) => !before.has(test));
  }

  /** Whether there are any that the counters do not tell of. */
  get needRegions(): boolean {
    return [...this.#tests.values()].some(({ breakpoint }) => needsRegions(breakpoint.condition));
  }

  /**
   * @param hasRegions whether they are of this reading, and not of one before
   * @param mark see {@link LiveTarget.read}
   */
  test(target: LiveTarget, hasRegions: boolean, mark: "stop" | "continue" | null): void {
    if (this.#tests.size === 0) return;
    const { state, sample } = target.changed;
    const space = hasRegions && !target.isLimited ? target.revision.space : null;
    for (const [id, { test }] of this.#tests) {
      const sentence = test.test({ sample, space, isStopped: state === "stopped", mark });
      if (sentence !== null) this.#hits.push({ id, sentence });
    }
  }

  /** Whether some were hit since they were taken last. */
  get areHit(): boolean {
    return this.#hits.length > 0;
  }

  /** What was hit since the last time. */
  take(): BreakpointHit[] {
    const hits = this.#hits;
    this.#hits = [];
    return hits;
  }

  #set(breakpoints: readonly MemoryBreakpoint[], isFirst: boolean): void {
    const before = this.#tests;
    this.#tests = new Map(
      breakpoints.map((breakpoint) => {
        const known = before.get(breakpoint.id);
        const isSame = JSON.stringify(known?.breakpoint.condition) === JSON.stringify(breakpoint.condition);
        const test = known && isSame ? known.test : new BreakpointTest(breakpoint.condition, isFirst);
        return [breakpoint.id, { breakpoint, test }];
      }),
    );
  }
}
