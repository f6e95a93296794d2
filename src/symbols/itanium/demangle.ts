import { readEncoding } from "./encoding.ts";
import { Mangled, UNREADABLE } from "./mangled.ts";
import { Printer } from "./printer.ts";

/**
 * A name of C++, which begins with `_Z` (or more underscores), as it stands in the source: written as c++filt does, without
 * what functions return; `null` where it cannot be read whole, or would be longer than `limit` characters. What compilers
 * add to names of clones is told behind it: `f() [clone .cold]`.
 * @see Itanium C++ ABI §5.1, https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling
 */
export function demangle(mangled: string, limit: number): string | null {
  // Lengths of identifiers count bytes.
  if (Buffer.byteLength(mangled) === mangled.length) return translated(mangled, limit);
  const answer = translated(Buffer.from(mangled).toString("latin1"), limit);
  return answer === null ? null : Buffer.from(answer, "latin1").toString();
}

function translated(text: string, limit: number): string | null {
  const start = text.indexOf("Z");
  const mangled = new Mangled(text, start + 1);
  const printer = new Printer(limit);
  try {
    const encoding = readEncoding(mangled);
    // Blocks of Objective-C have more underscores.
    if (start > 2) {
      const [suffix] = /^_block_invoke(?:_?\d+)?/.exec(text.slice(mangled.at)) ?? [];
      if (suffix === undefined) return null;
      mangled.at += suffix.length;
      printer.print("invocation function for block in ");
    }
    printer.print(encoding);
    while (mangled.at < text.length) printer.print(` [clone ${readClone(mangled)}]`);
    // V8 keeps a sum of texts as a tree of its parts, several times as large, until someone looks into it.
    printer.text.charCodeAt(0);
    return printer.text;
  } catch (error) {
    if (error !== UNREADABLE) throw error;
    return null;
  }
}

/** `.cold`, `.part.0`: letters, then numbers. */
function readClone(mangled: Mangled): string {
  CLONE.lastIndex = mangled.at;
  const [suffix] = CLONE.exec(mangled.text) ?? [];
  if (suffix === undefined) throw UNREADABLE;
  mangled.at += suffix.length;
  return suffix;
}

const CLONE = /\.[^.]+(?:\.\d+)*/y;
