/** Whether an address can be used, and if not, what is wrong with it. */
import type { Address, HexAddress } from "./address.ts";
import type { BlockPlace } from "./block.ts";
import type { Moment } from "./gone.ts";
import type { Kind } from "./kind.ts";
import { type Look, lookInWords } from "./look.ts";
import { formatBytes } from "./size.ts";

/** Strings and numbers alone, so that it goes over the wire as it is. {@link verdictSentence} says it in words. */
export type Verdict =
  /** Mapped: what its permissions allow. */
  | {
      readonly what: "mapped";
      readonly read: boolean;
      readonly write: boolean;
      readonly execute: boolean;
      /** What ends right before the address, where nothing known begins at it: one past the end of it. */
      readonly pastSymbol: string | null;
      /** The block of an allocator that ends right before it: `0x5581e2a0`. */
      readonly pastBlock: HexAddress | null;
      /** In a block that was given back to its allocator. */
      readonly isFreed: boolean;
      /** On a stack, but where no function that runs has anything: below the stack pointer. */
      readonly isUnused: boolean;
    }
  /** Mapped, but the file that is mapped there ends before its page. */
  | { readonly what: "pastFile"; readonly path: string; readonly size: number }
  /** Not mapped yet: the main stack grows down to here when it is touched. */
  | { readonly what: "stackGrowth" }
  /** Memory that nobody may touch, so that what runs off the memory next to it is caught. */
  | {
      readonly what: "guard";
      /** Whose stack ends there; `null` where it guards other memory. */
      readonly stack: StackOwner | null;
    }
  /** A null pointer, or a member at an offset of one. */
  | { readonly what: "null"; readonly offset: number }
  /** The first address after a region. */
  | { readonly what: "pastRegion"; readonly name: string }
  /** Mapped earlier and no more. */
  | { readonly what: "gone"; readonly was: WasMapped }
  /** No address that the processor accepts. */
  | { readonly what: "nonCanonical"; readonly look: Look | null }
  /** In the kernel's half of the addresses. */
  | { readonly what: "kernel"; readonly look: Look | null }
  /** Nothing is mapped there, and as far as it is known nothing was. */
  | { readonly what: "unmapped"; readonly look: Look | null };

/** Whose stack it is. */
export interface StackOwner {
  /** The thread's id; `null` where it is not known: it runs and cannot be asked. */
  readonly thread: number | null;
  readonly isMain: boolean;
}

/** A region of the past. */
export interface WasMapped {
  readonly name: string;
  readonly kind: Kind;
  readonly start: HexAddress;
  readonly end: HexAddress;
  readonly permissions: string;
  /** The last reading that had it at the address, and the first that had not: between the two it was unmapped. */
  readonly lastSeen: Moment;
  readonly firstMissed: Moment;
}

/** What is known of an address where something is mapped. */
export interface MappedFacts {
  /** As in maps: `rw-p`. */
  readonly permissions: string;
  /** Whether nobody may touch it. */
  readonly isGuard: boolean;
  readonly stack: StackOwner | null;
  /** Bytes above the stack pointer of its thread; `null` where that is not known. */
  readonly abovePointer: number | null;
  readonly pastSymbol: string | null;
  readonly block: BlockPlace | null;
  /** Where the file that is mapped has no byte in the page: the file. */
  readonly pastFile: { readonly path: string; readonly size: number } | null;
}

export function verdictOfMapped(facts: MappedFacts): Verdict {
  const { permissions, isGuard, stack, abovePointer, pastSymbol, block, pastFile } = facts;
  if (isGuard) return { what: "guard", stack };
  if (pastFile) return { what: "pastFile", ...pastFile };
  const may = (letter: string) => permissions.includes(letter);
  return {
    what: "mapped",
    read: may("r"),
    write: may("w"),
    execute: may("x"),
    pastSymbol,
    pastBlock: block && block.offset >= block.size ? block.start : null,
    isFreed: block?.state === "freed" && block.offset < block.size,
    isUnused: (abovePointer ?? 0) < -RED_ZONE,
  };
}

/** What is known of an address where nothing is mapped. */
export interface UnmappedFacts {
  readonly address: Address;
  /** Whether the processor accepts it as an address. */
  readonly isCanonical: boolean;
  readonly was: WasMapped | null;
  /** Where it lies below the main stack: whether that may grow so far, or the kernel keeps it free. */
  readonly belowStack: { readonly mayGrow: boolean; readonly stack: StackOwner } | null;
  /** The region that ends right before it. */
  readonly endOf: string | null;
  readonly look: Look | null;
}

export function verdictOfUnmapped(facts: UnmappedFacts): Verdict {
  const { address, isCanonical, was, belowStack, endOf, look } = facts;
  if (address < NULL_REACH) return { what: "null", offset: Number(address) };
  if (!isCanonical) return { what: "nonCanonical", look };
  if (address >= KERNEL_HALF) return { what: "kernel", look };
  if (was) return { what: "gone", was };
  if (belowStack) return belowStack.mayGrow ? { what: "stackGrowth" } : { what: "guard", stack: belowStack.stack };
  if (endOf !== null) return { what: "pastRegion", name: endOf };
  return { what: "unmapped", look };
}

export function verdictSentence(verdict: Verdict): string {
  switch (verdict.what) {
    case "mapped":
      return [
        ...(verdict.pastSymbol === null ? [] : [`One past the end of ${verdict.pastSymbol}.`]),
        ...(verdict.pastBlock === null ? [] : [`Past the end of the block at ${verdict.pastBlock}.`]),
        ...(verdict.isFreed ? ["In a freed block: using it is a use after free."] : []),
        ...(verdict.isUnused ? ["Below the stack pointer: no function that is running has anything there."] : []),
        mayOf(verdict),
      ].join(" ");
    case "pastFile":
      return `Beyond the end of the file ${verdict.path}, which has ${formatBytes(verdict.size)}: touching it is a SIGBUS.`;
    case "stackGrowth":
      return "Not mapped yet: the main stack grows down to here when it is touched.";
    case "guard":
      return guardSentence(verdict.stack);
    case "null":
      if (verdict.offset === 0) return "A null pointer.";
      return `${formatOffset(verdict.offset)} past null: a member or an element of what a null pointer points to.`;
    case "pastRegion":
      return `One past the end of ${verdict.name}: nothing is mapped there.`;
    case "gone":
      return goneSentence(verdict.was);
    case "nonCanonical":
      return `No address that the processor accepts (it is not canonical).${looks(verdict.look)}`;
    case "kernel":
      return `In the kernel's half of the addresses, which no program may use.${looks(verdict.look)}`;
    case "unmapped":
      return `Nothing is mapped there.${looks(verdict.look)}`;
  }
}

function mayOf({ read, write, execute }: Extract<Verdict, { what: "mapped" }>): string {
  const uses = [
    { word: "read", may: read },
    { word: "write", may: write },
    { word: "execute", may: execute },
  ];
  const fine = uses.filter(({ may }) => may).map(({ word }) => word);
  const not = uses.filter(({ may }) => !may).map(({ word }) => word);
  if (fine.length === 0) return "Mapped, but to be neither read nor written nor executed.";
  return `Fine to ${listed(fine, "and")}${not.length > 0 ? `, not to ${listed(not, "or")}` : ""}.`;
}

function guardSentence(stack: StackOwner | null): string {
  if (!stack) return "In a guard: nobody may touch it, so that what runs off the memory next to it is caught.";
  const whose = stack.isMain
    ? "the main stack"
    : stack.thread === null
      ? "a thread's stack"
      : `the stack of thread ${stack.thread}`;
  return `In the guard below ${whose}: what touches it has used that stack up.`;
}

function goneSentence({ name, permissions, lastSeen, firstMissed }: WasMapped): string {
  return `Mapped no more: it was ${name} ${permissions}, which was there ${when(lastSeen)}, and gone ${when(firstMissed)}.`;
}

/** `at stop 3 (12:03:04)`, `at 12:03:04`: as the clock on this machine shows it. */
function when({ time, stop }: Moment): string {
  const clock = new Date(time).toLocaleTimeString("en-GB");
  return stop === null ? `at ${clock}` : `at stop ${stop} (${clock})`;
}

function looks(look: Look | null): string {
  return look ? ` It looks like ${lookInWords(look)}.` : "";
}

function formatOffset(bytes: number): string {
  return bytes < 1000
    ? `${bytes} ${bytes === 1 ? "byte" : "bytes"}`
    : `0x${bytes.toString(16)} (${formatBytes(bytes)})`;
}

function listed(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/** As far from null as a member of a structure plausibly is: `vm.mmap_min_addr`, below which nothing can be mapped. */
export const NULL_REACH = 0x10000n;

/** Bytes below the stack pointer that a function may use all the same. @see System V ABI, AMD64 supplement, 3.2.2 */
const RED_ZONE = 128;

/** The lowest address that belongs to the kernel. */
const KERNEL_HALF = 1n << 63n;
