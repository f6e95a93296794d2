/** What views ask of the debug information of a target's modules. */
import type { Address } from "../memory/address.ts";
import type { DebugInfoOrigin, Module, SourceLocation, Work } from "../memory/module.ts";
import { linkAddress } from "../memory/modules.ts";
import { moduleAt } from "../memory/placeInModule.ts";
import type { NodeId } from "../protocol/server.ts";
import { libraryId } from "./groups.ts";
import type { LiveTarget } from "./liveTarget.ts";
import { type LongQuestions, noneUnlessStopped } from "./longQuestions.ts";

/**
 * For each address the line of its code, or where the variable there is declared. Each module is asked once; one whose debug
 * information cannot be read has no lines.
 */
export async function sourcesOf(
  target: LiveTarget,
  addresses: readonly Address[],
  questions: LongQuestions,
  signal: AbortSignal,
): Promise<(SourceLocation | null)[]> {
  const { space } = target.revision;
  const sources: (SourceLocation | null)[] = addresses.map(() => null);
  const places = new Map<Module, number[]>();
  for (const [place, address] of addresses.entries()) {
    const module = moduleAt(space, address);
    if (!module) continue;
    const known = places.get(module);
    if (known) known.push(place);
    else places.set(module, [place]);
  }
  for (const [module, ofModule] of places) {
    const elf = target.elf(module);
    if (!elf) continue;
    const links = ofModule.map((place) => linkAddress(module, addresses[place] as Address));
    const ask = (work: Work) => elf.sourcesOf(links, work).catch(noneUnlessStopped(work));
    const answers = await questions.ask(module.name, ask, signal);
    for (const [i, place] of ofModule.entries()) sources[place] = answers[i] ?? null;
  }
  return sources;
}

/** Where the debug information comes from of the program, or of a library's node; `null` of any other node. */
export async function debugInfoOf(
  target: LiveTarget,
  node: NodeId,
): Promise<{ module: string; origin: DebugInfoOrigin } | null> {
  const module = target.revision.space.modules.find((each) =>
    each.isProgram ? node === "group:program" : node === libraryId(each),
  );
  const origin = module && (await target.elf(module)?.origin());
  return origin ? { module: module.path, origin } : null;
}
