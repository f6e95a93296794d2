/** Where pointers lead: the pointer that is stored at an address, the one that is stored where that points, and so on. */
import type { ExplanationMessage } from "../protocol/explanation.ts";
import { type Address, toHex } from "./address.ts";
import { type AddressSpace, EXECUTE, READ, WRITE } from "./addressSpace.ts";
import { type Look, lookInWords, lookOf } from "./look.ts";
import { PRESENT, SWAPPED } from "./pages.ts";

export interface Telescope {
  /** The pointers that were read, one after the other, five at most. */
  readonly steps: readonly Step[];
  /** What stands where the last of them points, or at the address itself where there are none. */
  readonly end: Contents;
}

export interface Step {
  /** Where the pointer points. */
  readonly address: Address;
  /** The place in words: `[heap] rw-p`, `.rodata demo: msg+0x0`. */
  readonly place: string;
}

export type Contents =
  /** `isWhole`: it ends there; else it goes on. */
  | { readonly what: "text"; readonly text: string; readonly isWhole: boolean }
  /** A word that is no pointer: `0x2a`, and what it looks like. */
  | { readonly what: "number"; readonly value: string; readonly look: Look | null }
  /** The beginning of a block that glibc's free has taken back: `next` is the next one in its list, if there is one. */
  | { readonly what: "freed"; readonly next: string | null }
  /** A pointer back: `step` is -1 for the address itself, else the index of the step it leads to again. */
  | { readonly what: "cycle"; readonly step: number }
  /** Another pointer, which was not followed. */
  | { readonly what: "more"; readonly value: string }
  /** Instructions, which are no pointers. */
  | { readonly what: "code" }
  /** It was not read: `why` is a sentence without its stop. */
  | { readonly what: "unread"; readonly why: string };

export interface MemoryReader {
  /** The state of the page that holds the address, bits of pages.ts; `null` where it is not told. */
  readonly stateOf: (address: Address) => number | null;
  /** Reads bytes from the address on, and answers how many. */
  readonly read: (address: Address, into: Uint8Array) => number;
}

/**
 * Follows the pointers from the address on, which is mapped. Reads only what is in memory: reading anything else would
 * bring it there, and the target would have another page than without.
 * @param isCode whether there are instructions at an address of executable memory
 */
export function follow(
  space: AddressSpace,
  address: Address,
  memory: MemoryReader,
  isCode: (address: Address) => boolean,
): { pointers: Address[]; end: Contents } {
  const wordSize = wordSizeOf(space);
  const pointers: Address[] = [];
  for (let at = address; ; ) {
    const bytes = readAt(space, at, memory, isCode);
    if (!(bytes instanceof Uint8Array)) return { pointers, end: bytes };
    const size = at % BigInt(wordSize) === 0n ? wordSize : at % 4n === 0n ? 4 : 1;
    const value = wordIn(bytes, size);
    if (size !== wordSize || space.indexOf(value) < 0) {
      return { pointers, end: freedAt(space, at, value) ?? textIn(bytes) ?? numberOf(value) };
    }
    const known = value === address ? -1 : pointers.indexOf(value);
    if (known >= 0 || value === address) return { pointers, end: { what: "cycle", step: known } };
    if (pointers.length === MOST_STEPS) return { pointers, end: { what: "more", value: toHex(value) } };
    pointers.push(value);
    at = value;
  }
}

/** `"hello"`, `42`, `1.5 (0x3ff8000000000000)`, `not read: its page is not in memory`. */
export function contentsInWords(contents: Contents): string {
  switch (contents.what) {
    case "text":
      return `${JSON.stringify(contents.text)}${contents.isWhole ? "" : "…"}`;
    case "number":
      return numberInWords(contents.value, contents.look);
    case "freed":
      return `a block freed by glibc, ${contents.next === null ? "the last in its list" : `the next one is ${contents.next}`}`;
    case "cycle":
      return contents.step < 0 ? "back to the address itself" : `back to step ${contents.step + 1}`;
    case "more":
      return `${contents.value}, and so on`;
    case "code":
      return "code";
    case "unread":
      return `not read: ${contents.why}`;
  }
}

/** With its addresses as strings, and the end in words. */
export function telescopeMessage({ steps, end }: Telescope): NonNullable<ExplanationMessage["telescope"]> {
  return {
    steps: steps.map(({ address, place }) => ({ address: toHex(address), place })),
    end: { ...end, words: contentsInWords(end) },
  };
}

function numberInWords(value: string, look: Look | null): string {
  if (look?.what === "integer") return `${look.value}`;
  return look ? `${value}: ${lookInWords(look)}` : `${value} (${BigInt(value)})`;
}

/** Bytes from the address to the end of its page, a few dozen at most; or why they were not read. */
function readAt(
  space: AddressSpace,
  address: Address,
  memory: MemoryReader,
  isCode: (address: Address) => boolean,
): Uint8Array | Contents {
  const index = space.indexOf(address);
  const permissions = index < 0 ? 0 : (space.columns.permissions[index] as number);
  if (!(permissions & READ)) return { what: "unread", why: "it may not be read" };
  if (permissions & EXECUTE && isCode(address)) return { what: "code" };
  const state = memory.stateOf(address);
  if (state !== null && !(state & PRESENT)) {
    return { what: "unread", why: `its page is ${state & SWAPPED ? "swapped out" : "not in memory"}` };
  }
  const bytes = new Uint8Array(Math.min(MOST_BYTES, 4096 - Number(address & 0xfffn)));
  const count = memory.read(address, bytes);
  return count > 0 ? bytes.subarray(0, count) : { what: "unread", why: "the kernel does not give it" };
}

function numberOf(value: Address): Contents {
  return { what: "number", value: toHex(value), look: lookOf(value) };
}

/**
 * What stands at the beginning of a small block that was freed: the next block of its list, mixed with its own address.
 * @see glibc malloc/malloc.c, PROTECT_PTR, since 2.32
 */
function freedAt(space: AddressSpace, address: Address, value: Address): Contents | null {
  const index = space.indexOf(address);
  const { permissions, inode } = space.columns;
  if (address % BLOCK !== 0n || permissions[index] !== (READ | WRITE) || inode[index] !== 0) return null;
  const next = value ^ (address >> 12n);
  if (next === 0n) return { what: "freed", next: null };
  return next % BLOCK === 0n && space.indexOf(next) === index ? { what: "freed", next: toHex(next) } : null;
}

/** Characters that can be printed, at least three with a zero behind, or as many as were read. */
function textIn(bytes: Uint8Array): Contents | null {
  const end = bytes.indexOf(0);
  const isWhole = end >= 0;
  if (end >= 0 ? end < SHORTEST_TEXT : bytes.length < SHORTEST_CUT) return null;
  try {
    // A stream may end within a character.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(isWhole ? bytes.subarray(0, end) : bytes, {
      stream: !isWhole,
    });
    return UNPRINTABLE.test(text) ? null : { what: "text", text, isWhole };
  } catch {
    return null;
  }
}

/** Little-endian, as all machines are that this runs on. What is missing is 0. */
function wordIn(bytes: Uint8Array, size: number): Address {
  let value = 0n;
  for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return value;
}

/** A process of 32 bits has nothing above them. The kernel's own region counts for none. */
export function wordSizeOf({ columns, length }: AddressSpace): 4 | 8 {
  return length > 0 && (columns.end[length - 1] as number) <= 2 ** 32 ? 4 : 8;
}

const MOST_STEPS = 5;
/** What glibc aligns blocks to. */
const BLOCK = 16n;
const MOST_BYTES = 48;
const SHORTEST_TEXT = 3;
/** Of text that goes on beyond what was read. */
const SHORTEST_CUT = 8;
/** Tabs and line ends are text. */
const UNPRINTABLE = /[^\P{C}\t\n\r]/u;
