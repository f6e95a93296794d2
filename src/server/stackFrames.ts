import { type Address, parseAddress } from "../memory/address.ts";
import type { Registers } from "../memory/instruction.ts";
import type { TargetMemory } from "../memory/target.ts";
import type { CrashFrame } from "../protocol/crash.ts";

/**
 * How many frames, from the innermost on, have the program counters of those that were told, which are the innermost: a
 * recursion's. Follows the frame pointers, and trusts them only where they lead to every frame that was told. `null` where
 * the program is compiled without, there are more than {@link MOST_FRAMES}, or there is no telling.
 */
export function countFrames(
  memory: Pick<TargetMemory, "readMemory">,
  registers: Registers,
  frames: readonly CrashFrame[],
): number | null {
  const told = frames.map(({ pc }) => (pc === null ? null : (parseAddress(pc) ?? null)));
  const first = registers.get("rbp") ?? registers.get("x29");
  if (first === undefined || told.includes(null)) return null;
  const known = new Set(told);
  const callers = returnAddresses(memory, first);
  const next = callers.next();
  // Before its frame pointer is set, the innermost function has its caller's.
  const begin = next.done ? -1 : told.indexOf(next.value, 1);
  if (begin < 1 || begin > MOST_WITHOUT) return null;
  let count = begin + 1;
  for (const caller of callers) {
    if (count > MOST_FRAMES) return null;
    if (count < told.length ? caller !== told[count] : !known.has(caller)) return count < told.length ? null : count;
    count++;
  }
  return null;
}

/** What the frames return to, innermost first, until the chain is broken. */
function* returnAddresses(memory: Pick<TargetMemory, "readMemory">, first: Address): Generator<Address, void> {
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer);
  let [start, length] = [0n, 0];
  for (let frame = first, before = 0n; frame > before && frame % 8n === 0n; ) {
    if (frame < start || frame + 16n > start + BigInt(length)) {
      [start, length] = [frame, memory.readMemory(frame, block)];
      if (length < 16) return;
    }
    const at = Number(frame - start);
    yield view.getBigUint64(at + 8, true);
    [before, frame] = [frame, view.getBigUint64(at, true)];
  }
}

/** Twice what fits into a stack of 8 MiB: following as many takes a fifth of a second, and a stack may have no limit. */
export const MOST_FRAMES = 1 << 20;
/** Frames on top whose functions have not set their frame pointer, or never do. */
const MOST_WITHOUT = 3;
const BLOCK = 1 << 16;
