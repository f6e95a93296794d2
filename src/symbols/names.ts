/** Names of symbols as they stand in the source: C++ (Itanium ABI) and Rust (legacy and v0) demangled. */
import { demangleRust } from "./demangler.ts";
import { demangle } from "./itanium/demangle.ts";

/**
 * A symbol's name for people. What stands before a mangled name (`_GLOBAL__sub_I_`) and behind it (`@GLIBC_2.34`,
 * `@plt`, `[clone .cold]`) is kept; clones are named as c++filt does, `f() [clone .cold]`. Names that are not mangled, names
 * of other languages, those that nobody can read and those that would be longer than 32 KiB come back as they are.
 */
export function readable(name: string): string {
  if (name.charCodeAt(0) !== UNDERSCORE || name.length > LONGEST) return name;
  const known = recent.get(name);
  if (known !== undefined) return known;
  const answer = translated(name);
  if (recentLength > MOST_REMEMBERED) {
    recent.clear();
    recentLength = 0;
  }
  recent.set(name, answer);
  recentLength += name.length + answer.length;
  return answer;
}

const UNDERSCORE = 0x5f;
/** Characters that a name has at most, in the file and demangled. */
const LONGEST = 1 << 15;

/** Frames name the same few inlined functions again and again. */
const recent = new Map<string, string>();
let recentLength = 0;
/** Characters. */
const MOST_REMEMBERED = 1 << 24;

/** Without regular expressions where names of C++ come by: the first use of one takes as long as a name does. */
function translated(name: string): string {
  const [before = ""] = name.startsWith("_GLOBAL__") ? (CONSTRUCTORS.exec(name) ?? []) : [];
  let end = name.length;
  for (const sign of "@[ ") {
    const at = name.indexOf(sign);
    if (at >= 0 && at < end) end = at;
  }
  const mangled = name.slice(before.length, end);
  const demangled = isRust(mangled)
    ? demangleRust(mangled, LONGEST)
    : isCpp(mangled)
      ? demangle(mangled, LONGEST)
      : null;
  return demangled === null ? name : before + demangled + name.slice(end);
}

/** Functions that construct or destruct what a file has, named by the first of it. */
const CONSTRUCTORS = /^_GLOBAL__(?:sub_)?[ID]_/;

/** Blocks of Objective-C have up to four underscores. */
function isCpp(mangled: string): boolean {
  const at = mangled.indexOf("Z");
  return at > 0 && "____".startsWith(mangled.slice(0, at));
}

/**
 * Whether a name is mangled by Rust: in its own manner, or in the old one, which is that of C++ with a hash at the end. A
 * hash has at least five different digits. @see `src/legacy.rs` of rustc-demangle
 */
function isRust(mangled: string): boolean {
  if (mangled.startsWith("_R")) return true;
  if (!mangled.includes("17h")) return false;
  const [, hash] = HASH.exec(mangled) ?? [];
  return hash !== undefined && new Set(hash).size >= 5;
}

const HASH = /^_{1,2}ZN.*17h([\da-f]{16})E(?:\.|$)/;
