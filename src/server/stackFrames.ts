import { type Address, parseAddress } from "../memory/address.ts";
import type { Registers } from "../memory/instruction.ts";
import type { TargetMemory } from "../memory/target.ts";
import type { CrashFrame } from "../protocol/crash.ts";

/**
 * How many frames, from the innermost on, have the program counters of those that were told, which are the innermost: a
 * recursion's. Follows the frame pointers, and trusts them only where they lead to every frame that was told. `null` where
 * the program is compiled without, or there is no telling.
 */
export function countFrames(memory: TargetMemory, registers: Registers, frames: readonly CrashFrame[]): number | null {
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
    if (count < told.length ? caller !== told[count] : !known.has(caller)) return count < told.length ? null : count;
    count++;
  }
  return null;
}

/** What the frames return to, innermost first, until the chain is broken. */
function* returnAddresses(memory: TargetMemory, first: Address): Generator<Address, void> {
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

/** Frames on top whose functions have not set their frame pointer, or never do. */
const MOST_WITHOUT = 3;
const BLOCK = 1 << 16;
