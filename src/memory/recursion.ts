import type { CrashFrame, CrashVerdict } from "../protocol/crash.ts";

/**
 * The functions that call each other over and over, outermost call first; `null` where none do. Looks at the frames that
 * were told, innermost first; what stands on top of the recursion is passed over.
 * @param frames innermost first
 * @param count.counted how many have the program counters of those told; `total`: how many there are in all
 */
export function recursionIn(
  frames: readonly CrashFrame[],
  count: { readonly counted: number | null; readonly total: number | null },
): Extract<CrashVerdict, { what: "stackOverflow" }>["recursion"] {
  const { counted, total } = count;
  const names = frames.map(({ name }) => name && plain(name));
  for (let skip = 0; skip <= MOST_ON_TOP; skip++) {
    for (let period = 1; period <= LONGEST_CYCLE; period++) {
      const cycle = names.slice(skip, skip + period);
      if (cycle.includes(null)) continue;
      const end = names.findIndex((name, i) => i >= skip && name !== cycle[(i - skip) % period]);
      const length = (end < 0 ? names.length : end) - skip;
      if (length < period * FEWEST_ROUNDS) continue;
      const functions = cycle.filter((name) => name !== null).reverse();
      return { functions, frames: end >= 0 ? length : counted === null ? total : counted - skip };
    }
  }
  return null;
}

/** Without an offset, and without the hash that Rust appends: `f + 12`, `demo::f::h0123456789abcdef`. */
function plain(name: string): string {
  return name.replace(/\s*\+\s*(?:0x)?[0-9a-f]+$/i, "").replace(/::h[0-9a-f]{16}$/, "");
}

const MOST_ON_TOP = 16;
const LONGEST_CYCLE = 8;
/** Fewer may be chance. */
const FEWEST_ROUNDS = 3;
