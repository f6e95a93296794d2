import { type Address, toHex } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { type Block, type BlockAt, blockPlace } from "./block.ts";
import type { Explanation, Neighbour, PageState } from "./explanation.ts";
import type { Gone } from "./gone.ts";
import { lookOf } from "./look.ts";
import type { Work } from "./module.ts";
import { fileName, linkAddress } from "./modules.ts";
import { regionLabel, regionName, sectionLabel } from "./names.ts";
import { EXCLUSIVE, FILE, GUARD, PRESENT, SWAPPED } from "./pages.ts";
import { type ElfOf, endingAt, inModule, moduleAt, placeIn, symbolAt } from "./placeInModule.ts";
import type { Region } from "./region.ts";
import type { TargetMemory } from "./target.ts";
import { follow, type MemoryReader, type Telescope } from "./telescope.ts";
import { lowestOf } from "./threadStacks.ts";
import { type StackOwner, type UnmappedFacts, verdictOfMapped, verdictOfUnmapped, type WasMapped } from "./verdict.ts";
import { takeApart } from "./virtualAddress.ts";

/** What tells of an address beside the regions and their files. */
export interface Witnesses {
  readonly target: TargetMemory | null;
  /** Whether the space shows the target as it is now: not a moment of the past, nor what was read before it ended. */
  readonly isNow: boolean;
  /** What was mapped last where nothing is mapped any more. */
  readonly goneAt: (address: Address) => Gone | null;
  /** The blocks of its allocators; asked only where the space is as it is now. */
  readonly blockAt: BlockAt;
}

/** For a space alone. */
const NO_WITNESSES: Witnesses = { target: null, isNow: false, goneAt: () => null, blockAt: async () => null };

/**
 * What is at the address, as the space, the symbols of its modules' files and the target tell; without the symbol where it
 * cannot be read. What debug information tells, which takes longer, is added by {@link withSource}.
 */
export async function explain(
  space: AddressSpace,
  address: Address,
  elfOf: ElfOf,
  witnesses = NO_WITNESSES,
): Promise<Explanation> {
  const target = witnesses.isNow ? witnesses.target : null;
  const index = space.indexOf(address);
  const common = {
    ...{ address, frames: [], variable: null, source: null, alignment: alignmentOf(address) },
    ...neighboursOf(space, address),
  };
  if (index < 0) {
    const facts = factsOfUnmapped(space, address, witnesses);
    return {
      ...common,
      verdict: verdictOfUnmapped(facts),
      ...{ region: null, name: null, kind: null, file: null, module: null, section: null, symbol: null },
      stack: facts.belowStack && { ...facts.belowStack.stack, abovePointer: null },
      ...{ block: null, page: null, telescope: null },
    };
  }
  const region = space.region(index);
  const owner = stackOf(space, index, witnesses.target);
  const stack = owner && { ...owner, abovePointer: abovePointer(space, index, address, owner, target) };
  const stateOf = target && pageStates(target);
  const page = stateOf && pageAt(stateOf(address));
  const place = placeIn(space, index, address);
  // All symbols are asked for at once: an answer may come from another thread.
  const [symbol, block, telescope] = await Promise.all([
    symbolAt(place, elfOf),
    target && blockAt(space, address, witnesses),
    stateOf && telescopeAt(space, address, { stateOf, read: (at, into) => target.readMemory(at, into) }, elfOf),
  ]);
  return {
    ...common,
    verdict: verdictOfMapped({
      permissions: region.permissions,
      isGuard: page?.guard || region.kind === "guard",
      stack: owner,
      abovePointer: stack?.abovePointer ?? null,
      pastFile: target && page && pastFile(space, index, address, page, target),
      pastSymbol: await endingAt(place, symbol, elfOf),
      block: block && blockPlace(block, address),
    }),
    region,
    name: regionName(space, index),
    kind: place?.kind ?? (region.kind === "bss" ? "anonymous" : region.kind),
    ...{ stack, block },
    file: fileAt(region, address),
    ...inModule(place, symbol),
    page,
    telescope,
  };
}

/** `null` where the memory cannot be read: the rest of the explanation stands. */
function blockAt(space: AddressSpace, address: Address, witnesses: Witnesses): Promise<Block | null> {
  return witnesses.blockAt(space, address).catch(() => null);
}

/** Of 4,096 or less; 0 of null, which every power of two divides. */
function alignmentOf(address: Address): number {
  const low = Number(address & 0xfffn);
  return address === 0n ? 0 : low === 0 ? 4096 : low & -low;
}

/** Whose stack the region is, or whose guard; without a target the main thread's id is not known. */
function stackOf(space: AddressSpace, index: number, target: TargetMemory | null): StackOwner | null {
  const { thread, start, end } = space.columns;
  const told = (thread[index] as number) || null;
  switch (space.kind(index)) {
    case "stack":
      return { thread: told ?? target?.identity.pid ?? null, isMain: true };
    case "threadStack":
      return { thread: told, isMain: false };
    case "guard": {
      const above = index + 1;
      const isBelowStack = start[above] === end[index] && space.kind(above) === "threadStack";
      return isBelowStack ? stackOf(space, above, target) : null;
    }
    default:
      return null;
  }
}

function abovePointer(
  space: AddressSpace,
  index: number,
  address: Address,
  { thread }: StackOwner,
  target: TargetMemory | null,
): number | null {
  const pointer = target && thread !== null && space.kind(index) !== "guard" ? target.readStackPointer(thread) : null;
  return pointer !== null && space.indexOf(pointer) === index ? Number(address - pointer) : null;
}

/** What is mapped there if it is a file's. */
function fileAt({ path, inode, kind, start, fileOffset }: Region, address: Address): Explanation["file"] {
  if (path === null || inode === 0 || ["anonymous", "sharedAnonymous", "sysvShm"].includes(kind)) return null;
  return { path: fileName(path), offset: fileOffset + Number(address - start) };
}

/** The file, where it ends before the page: a page that is in memory is never beyond it. */
function pastFile(
  space: AddressSpace,
  index: number,
  address: Address,
  { present, swapped }: PageState,
  target: TargetMemory,
): { path: string; size: number } | null {
  const file = present || swapped ? null : fileAt(space.region(index), address);
  if (!file) return null;
  try {
    const size = target.readFileSize(space, index);
    return size !== null && file.offset - Number(address & 0xfffn) >= size ? { path: file.path, size } : null;
  } catch {
    return null;
  }
}

function pageAt(state: number | null): PageState | null {
  if (state === null) return null;
  const present = (state & PRESENT) !== 0;
  const swapped = (state & SWAPPED) !== 0;
  return {
    present,
    swapped,
    file: present || swapped ? (state & FILE) !== 0 : null,
    exclusive: present ? (state & EXCLUSIVE) !== 0 : null,
    guard: (state & GUARD) !== 0,
  };
}

/** The state of pages, each of which is asked for once: pointers often lead about in one. */
function pageStates(target: TargetMemory): MemoryReader["stateOf"] {
  const states = new Map<Address, number | null>();
  const read = (address: Address) => {
    try {
      return target.readPageState(address);
    } catch {
      // It has ended meanwhile, or may not be asked: the rest of the explanation stands.
      return null;
    }
  };
  return (address) => {
    const page = address >> 12n;
    const state = states.get(page) ?? read(address);
    states.set(page, state);
    return state;
  };
}

async function telescopeAt(
  space: AddressSpace,
  address: Address,
  memory: MemoryReader,
  elfOf: ElfOf,
): Promise<Telescope | null> {
  try {
    const isCode = (at: Address) => placeIn(space, space.indexOf(at), at)?.section?.executable ?? true;
    const { pointers, end } = follow(space, address, memory, isCode);
    const places = await Promise.all(pointers.map((pointer) => labelAt(space, pointer, elfOf)));
    return { steps: pointers.map((pointer, i) => ({ address: pointer, place: places[i] as string })), end };
  } catch {
    return null;
  }
}

async function labelAt(space: AddressSpace, address: Address, elfOf: ElfOf): Promise<string> {
  const index = space.indexOf(address);
  const place = placeIn(space, index, address);
  if (!place?.section) return regionLabel(space, index);
  const { symbol } = inModule(place, await symbolAt(place, elfOf));
  return sectionLabel(place.module.name, place.section.name, symbol);
}

function factsOfUnmapped(space: AddressSpace, address: Address, { target, isNow, goneAt }: Witnesses): UnmappedFacts {
  const below = space.indexAtOrBelow(address);
  const paging = target?.paging ?? null;
  return {
    address,
    isCanonical: paging === null || takeApart(address, paging).canonical,
    was: wasMapped(goneAt(address)),
    belowStack: target && isNow ? belowStack(space, below + 1, address, target) : null,
    endOf: below >= 0 && BigInt(space.columns.end[below] as number) === address ? regionName(space, below) : null,
    look: lookOf(address),
  };
}

function wasMapped(gone: Gone | null): WasMapped | null {
  if (!gone) return null;
  const { name, region, lastSeen, firstMissed } = gone;
  const { kind, start, end, permissions } = region;
  return { name, kind, start: toHex(start), end: toHex(end), permissions, lastSeen, firstMissed };
}

/** Where region `index`, the next above the address, is the main stack: whether that grows so far. */
function belowStack(
  space: AddressSpace,
  index: number,
  address: Address,
  target: TargetMemory,
): UnmappedFacts["belowStack"] {
  const stack = index < space.length && space.kind(index) === "stack" ? stackOf(space, index, target) : null;
  if (!stack) return null;
  try {
    const limits = target.readStackLimits();
    const lowest = lowestOf(space, index, limits);
    // Without a limit all is below the stack.
    if (!Number.isFinite(limits.size) || address < BigInt(lowest - limits.gap)) return null;
    return { mayGrow: address >= BigInt(lowest), stack };
  } catch {
    return null;
  }
}

/** The explanation with what debug information tells of the address. `space` is the one that was explained. */
export async function withSource(
  explanation: Explanation,
  space: AddressSpace,
  elfOf: ElfOf,
  work?: Work,
): Promise<Explanation> {
  const module = moduleAt(space, explanation.address);
  const elf = module && elfOf(module);
  if (!elf) return explanation;
  const link = linkAddress(module, explanation.address);
  if (explanation.kind === "code") {
    const [frames = []] = await elf.framesAt([link], work);
    return { ...explanation, frames, source: frames[0]?.source ?? null };
  }
  const variable = await elf.variableAt(link, work);
  return { ...explanation, variable, source: variable?.source ?? null };
}

function neighboursOf(space: AddressSpace, address: Address): { below: Neighbour | null; above: Neighbour | null } {
  const at = space.indexAtOrBelow(address);
  const below = space.indexOf(address) >= 0 ? at - 1 : at;
  const above = at + 1;
  const { start, end } = space.columns;
  return {
    below:
      below < 0
        ? null
        : { name: regionName(space, below), distance: Number(address - BigInt(end[below] as number)) + 1 },
    above:
      above >= space.length
        ? null
        : { name: regionName(space, above), distance: Number(BigInt(start[above] as number) - address) },
  };
}
