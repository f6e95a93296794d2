import type { Address } from "../memory/address.ts";
import { explain, withSource } from "../memory/explain.ts";
import type { Explanation } from "../memory/explanation.ts";
import type { Module, Work } from "../memory/module.ts";
import { TargetError } from "../memory/target.ts";
import type { LiveTarget } from "./liveTarget.ts";

/**
 * What is at an address, without what debug information tells. Throws a {@link TargetError} where the regions could not be
 * read.
 * @param at as it was at that time, see Revisions
 */
export async function explanationOf(
  target: LiveTarget,
  address: Address,
  at: number | null = null,
): Promise<Explanation> {
  const elfOf = (module: Module) => target.elf(module);
  const { memory, revisions, blockAt } = target;
  const { past } = revisions;
  if (at !== null) {
    const { space, time } = await revisions.at(at);
    const goneAt = (each: Address) => past.goneBy(time ?? at, each);
    return explain(space, address, elfOf, { target: memory, isNow: false, goneAt, blockAt });
  }
  await target.readIfChangedAt(address);
  const { space } = revisions.now;
  const problem = target.info.limited ?? target.ended;
  if (space.length === 0 && problem) throw new TargetError(problem.problem, problem.message);
  const goneAt = (each: Address) => past.lastAt(each);
  return explain(space, address, elfOf, { target: memory, isNow: target.ended === null, goneAt, blockAt });
}

/** An explanation with what debug information tells; `at` as it was explained. */
export async function explanationWithSource(
  target: LiveTarget,
  explanation: Explanation,
  work?: Work,
  at: number | null = null,
): Promise<Explanation> {
  const { space } = await target.revisions.at(at);
  return withSource(explanation, space, (module) => target.elf(module), work);
}
