/** Names of symbols as they stand in the source: C++ (Itanium ABI) and Rust (legacy and v0) demangled. */
import { demangle } from "./demangler.ts";

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

function translated(name: string): string {
  const { before = "", mangled, behind = "" } = MANGLED.exec(name)?.groups ?? {};
  const demangled = mangled === undefined ? null : demangle(mangled, LONGEST);
  return demangled === null ? name : before + usual(demangled) + behind;
}

const MANGLED = /^(?<before>_GLOBAL__(?:sub_)?[ID]_)?(?<mangled>(?:__?Z|_R)[^@[ ]*)(?<behind>.*)$/s;

/** The library writes some things in its own way: here as c++filt and LLVM do. */
function usual(name: string): string {
  if (!UNUSUAL.test(name)) return name;
  return SPELLINGS.reduce((text, [pattern, spelling]) => text.replace(pattern, spelling), name);
}

const UNUSUAL =
  /^\{|_GLOBAL__N_1|\[abi:|, >|<, |(?:[^ ]\(|, )&&?\)|[*&]::|\d[ul]*\)\.\.\.|\((?:unsigned |long )*(?:int|long)\)-?\d|^construction/;

const SPELLINGS: readonly [RegExp, string][] = [
  [/^\{vtable\((.*)\)\}/s, "vtable for $1"],
  [/^\{vtt\((.*)\)\}/s, "VTT for $1"],
  [/^\{virtual override thunk\(\{offset\([-\d]+\)\}, (?!\{)(.*)\)\}/s, "non-virtual thunk to $1"],
  [/^\{virtual override thunk\(\{virtual offset\([-\d, ]+\)\}, (?!\{)(.*)\)\}/s, "virtual thunk to $1"],
  [/^\{virtual override thunk\(\{.*?\}, \{.*?\}, (.*)\)\}/s, "covariant return thunk to $1"],
  // The library turns the two round.
  [/^construction vtable for (.*)-in-(.*?)((?: \[clone .*)?)$/s, "construction vtable for $2-in-$1$3"],
  [/\b_GLOBAL__N_1\b/g, "(anonymous namespace)"],
  // Tags of a function without a scope are taken for its first parameters, those of a variable for its only ones.
  [/\((\[abi:\w+\])\)/g, "$1"],
  [/\((\[abi:\w+\]), void\)/g, "$1()"],
  [/\((\[abi:\w+\]), /g, "$1("],
  [/, (?=>)/g, ""],
  [/<, /g, "<"],
  [/(?:, |(?<=[^ ]\())&&?(?=\))/g, ""],
  // A reference to a member of a substituted scope.
  [/([*&]+)((?:::\w+)+)/g, "$2$1"],
  [/\(unsigned int\)(\d+)/g, "$1u"],
  [/\(unsigned long\)(\d+)/g, "$1ul"],
  [/\(unsigned long long\)(\d+)/g, "$1ull"],
  [/\(long\)(-?\d+)/g, "$1l"],
  [/\(long long\)(-?\d+)/g, "$1ll"],
  // An expanded pack of numbers.
  [/\((\d+[a-z]*(?:, \d+[a-z]*)*)\)\.\.\./g, "$1"],
];
