/** The programs that are damaged: small ones, so that many can be asked in a minute. */
import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { build, isBuildable, VARIANTS, type Variant } from "../unit/symbols/dwarf/variants.ts";
import type { Seed } from "./fuzz.ts";

const c = (name: string, flags: string, more = "", compiler = "gcc"): Variant => ({
  name: `small ${name}`,
  commands: `${compiler} ${flags} -o program "$S/program.c"\n${more}`,
});

const SMALL: readonly Variant[] = [
  c("DWARF 5", "-gdwarf-5 -O2"),
  c("DWARF 4", "-gdwarf-4 -O1"),
  c("DWARF 2", "-gdwarf-2 -O2"),
  c("64-bit DWARF 5", "-gdwarf-5 -gdwarf64 -O1", "", "clang-19"),
  c("32 bit", "-g -O1 -m32"),
  c("clang DWARF 5", "-gdwarf-5 -O2", "", "clang-19"),
  c("clang DWARF 4", "-gdwarf-4 -O2", "", "clang-19"),
  c("names", "-gdwarf-5 -glldb -O1 -fuse-ld=lld -Wl,--debug-names", "", "clang-19"),
  c("index", "-g -O2 -ggnu-pubnames -fuse-ld=gold -Wl,--gdb-index"),
  c("zlib", "-g -O2 -gz=zlib"),
  c("zstd", "-g -O2", "objcopy --compress-debug-sections=zstd program"),
  c(
    "debug information apart",
    "-g -O2",
    "objcopy --only-keep-debug program program.debug\nobjcopy --strip-debug --add-gnu-debuglink=program.debug program",
  ),
  c(
    "package",
    "-g -O1 -gsplit-dwarf -c",
    "mv program program.o\nclang-19 -o program program.o\nllvm-dwp-19 -e program -o program.dwp",
    "clang-19",
  ),
  c("common file", "-g -O2", 'gcc -g -O1 -o second "$S/program.c"\ndwz -m common.dwz program second\nrm second'),
  c(
    "mini debug information",
    "-g -O1",
    "objcopy --strip-debug program mini\nxz -f mini\nstrip program\nobjcopy --add-section .gnu_debugdata=mini.xz program",
  ),
  { name: "small object file", commands: 'gcc -g -O1 -c "$S/program.c" -o program' },
  {
    name: "small C++",
    commands: 'g++ -std=c++17 -gdwarf-5 -O1 -fdebug-types-section -o program "$S/other.cpp" -shared -fPIC',
  },
];
const NAMES = ["gcc -O2 DWARF 5", "clang -O2 DWARF 5", "clang basic block sections"];

/** Makes them where they are missing. */
export function seeds(): Seed[] {
  return [...SMALL, ...VARIANTS.filter(({ name }) => NAMES.includes(name))].filter(isBuildable).map((variant) => {
    const program = build(variant);
    const files = readdirSync(dirname(program)).filter((file) =>
      /^(program|program\.debug|program\.dwp|common\.dwz)$/.test(file),
    );
    return { name: variant.name, program, files };
  });
}
