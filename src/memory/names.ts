import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { permissionLetters } from "./addressSpace.ts";
import { ZERO } from "./classify.ts";
import type { Explanation } from "./explanation.ts";
import { KIND_LABELS, type Kind } from "./kind.ts";
import { type Look, lookInWords, lookOf } from "./look.ts";
import { fileName, sectionsWithin } from "./modules.ts";
import { NULL_REACH } from "./verdict.ts";

/** What a region is called: `[heap]`, `demo .rodata`, `libc.so.6 code`, `stack of thread 7`, `guard of thread 7`, `notes.txt`, `anonymous`. */
export function regionName(space: AddressSpace, index: number): string {
  const kind = space.kind(index);
  const module = space.module(index);
  if (module && kind !== "heap" && kind !== "vdso") {
    const start = BigInt(space.columns.start[index] as number);
    const sections = sectionsWithin(module, start, start + BigInt(space.size(index)));
    const [only] = sections;
    return printable(`${module.name} ${sections.length === 1 && only ? only.name : KIND_LABELS[kind]}`);
  }
  const thread = space.columns.thread[index] as number;
  if (kind === "threadStack" && thread !== 0) return `stack of thread ${thread}`;
  const guarded = kind === "guard" ? threadAbove(space, index) : 0;
  if (guarded !== 0) return `guard of thread ${guarded}`;
  const path = space.path(index);
  if (path === null || ZERO.test(path)) return KIND_LABELS[kind];
  if (path.startsWith("[")) return printable(path);
  const file = fileName(path);
  const name = file.slice(file.lastIndexOf("/") + 1);
  return printable(SHARED_MEMORY.has(kind) ? `${KIND_LABELS[kind]} ${name.replace(/^memfd:/, "")}` : name);
}

/** The thread whose stack begins where the region ends; 0 where there is none, or it is not known. */
function threadAbove(space: AddressSpace, index: number): number {
  const { start, end, thread } = space.columns;
  return start[index + 1] === end[index] && space.kind(index + 1) === "threadStack" ? (thread[index + 1] as number) : 0;
}

/** A name on one line: control characters, which file and symbol names may have, as the kernel prints a newline, `\\012`. */
export function printable(name: string): string {
  return name.replace(CONTROL, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** Those of ASCII and Latin-1, and those that separate lines or turn the direction of what follows. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHARED_MEMORY: ReadonlySet<Kind> = new Set(["sharedAnonymous", "sysvShm", "posixShm", "memfd"]);

/** A region's name with its permissions: `[heap] rw-p`. */
export function regionLabel(space: AddressSpace, index: number): string {
  return `${regionName(space, index)} ${permissionLetters(space.columns.permissions[index] as number)}`;
}

/** The shortest answer to "what is here?": `.rodata demo: msg+0x2`, `[heap] rw-p`, `not mapped: 0x10 past null`. */
export function placeLabel({ address, region, name, module, section, symbol, below }: Explanation): string {
  if (!region) return unmappedLabel(address, below?.distance === 1 ? below.name : null);
  if (module && section) return sectionLabel(module.name, section.name, symbol);
  return `${name} ${region.permissions}`;
}

/** `endOf`: the region that ends right before the address. */
export function unmappedLabel(address: Address, endOf: string | null = null): string {
  const what =
    address < NULL_REACH
      ? nullLabel(address)
      : endOf === null
        ? lookLabel(lookOf(address))
        : `past the end of ${endOf}`;
  return what === null ? "not mapped" : `not mapped: ${what}`;
}

function nullLabel(address: Address): string {
  return address === 0n ? "null" : `0x${address.toString(16)} past null`;
}

function lookLabel(look: Look | null): string | null {
  return look && `looks like ${look.what === "poison" ? look.pattern : lookInWords(look)}`;
}

export function sectionLabel(
  module: string,
  section: string,
  symbol: { readonly name: string; readonly offset: number } | null,
): string {
  const place = `${section} ${module}`;
  return printable(symbol ? `${place}: ${symbol.name}+0x${symbol.offset.toString(16)}` : place);
}
