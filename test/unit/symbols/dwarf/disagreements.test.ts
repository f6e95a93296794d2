/** Where the tools disagree, DWARF decides: what it says, and what they make of it. */
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { codeAddresses, openPlain } from "./compare.ts";
import { binutils, HAS_SYMBOLIZERS, llvm } from "./symbolizers.ts";
import { build, gcc, isBuildable } from "./variants.ts";

/**
 * GNU's `.zdebug_` sections are older than SHF_COMPRESSED, and llvm-symbolizer 19 reads them no more; nor does it look
 * into the file that dwz makes for what several have in common (DWARF 5 §7.3.6, `.gnu_debugaltlink` before), so that
 * functions have no names. binutils and gdb read both. What is said is the same as before.
 */
const SAME = [
  ["compressed as .zdebug", "objcopy --compress-debug-sections=zlib-gnu program other"],
  [
    "with a common file of dwz",
    'cp program other\ngcc -g -O1 -o second "$S/program.c"\ncp other third\ndwz -m common.dwz other second third',
  ],
].map(([name = "", commands]) => ({ name, variant: gcc(`-O2 DWARF 5 and ${name}`, "-gdwarf-5 -O2", commands) }));
test.each(SAME.filter(({ variant }) => isBuildable(variant)))(
  "debug information says the same $name",
  async ({ variant }) => {
    const path = build(variant);
    const addresses = codeAddresses(path, 1000);
    const [plain, other] = await Promise.all([openPlain(path), openPlain(join(dirname(path), "other"))]);
    try {
      const frames = await other.framesAt(addresses);
      expect(frames.flat().length).toBeGreaterThan(addresses.length);
      expect(frames).toEqual(await plain.framesAt(addresses));
    } finally {
      plain.close();
      other.close();
    }
  },
);

/**
 * In DWARF 5 folder 0 is the current folder of the compilation (§6.2.4), and may be relative: a name in it is not relative
 * to that folder again. llvm-symbolizer says so too; binutils and elfutils repeat it (`./csu/./csu/init-first.c`).
 */
test.skipIf(!HAS_SYMBOLIZERS)("a file in a relative folder of the compilation has that folder once", async () => {
  const path = build({
    name: "relative folder",
    commands:
      'mkdir -p sub\ncp "$S/freestanding.c" sub\ngcc -gdwarf-5 -fdebug-prefix-map="$PWD"=. -O1 -shared -fPIC -o program sub/freestanding.c',
  });
  const addresses = codeAddresses(path, 1000);
  const theirs = llvm(path, addresses).map((frames) => frames.map(({ file }) => file));
  const elf = await openPlain(path);
  try {
    const ours = (await elf.framesAt(addresses)).map((frames) => frames.map(({ source }) => source?.file ?? null));
    expect(ours).toEqual(theirs);
    expect(new Set(ours.flat())).toEqual(new Set(["./sub/freestanding.c"]));
  } finally {
    elf.close();
  }
});

/**
 * Strict DWARF 2 has no DW_AT_ranges, so that gcc writes the cold part of a function as a function of its own
 * (`__second_sect_of_…`), but leaves the inlined calls in it below the entry of the hot part, whose addresses do not
 * contain them. An inlined call is a child of the function it was inlined into (DWARF 5 §3.3.8.2) and its code a part of
 * that function's: llvm-symbolizer, which looks for inlined calls without regard for their parents, tells them; binutils
 * and this engine, which go from the function to its calls, do not.
 */
test.skipIf(!HAS_SYMBOLIZERS)(
  "in strict DWARF 2 an inlined call outside of its function's code is not told",
  async () => {
    const path = build(gcc("-O2 strict DWARF 2", "-gdwarf-2 -gstrict-dwarf -O2"));
    const addresses = codeAddresses(path, 3000);
    const theirs = llvm(path, addresses);
    const others = binutils(path, addresses);
    const elf = await openPlain(path);
    try {
      const ours = await elf.framesAt(addresses);
      const different = addresses
        .map((_, index) => index)
        .filter((index) => ours[index]?.length !== theirs[index]?.length);
      expect(different.length).toBeGreaterThan(0);
      for (const index of different) {
        expect(ours[index]?.length).toBeLessThan(theirs[index]?.length ?? 0);
        expect(others[index]?.length).toBeLessThan(theirs[index]?.length ?? 0);
        expect(ours[index]?.[0]?.source?.line).toBe(theirs[index]?.[0]?.line);
      }
    } finally {
      elf.close();
    }
  },
);
