/** Programs with debug information of every kind, compiled from test/fixtures/symbols. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../../scripts/places.mjs";

const ROOT = join(import.meta.dirname, "../../../..");
const SOURCES = join(ROOT, "test/fixtures/symbols");
const BUILT = join(ROOT, ".cache/fixtures/symbols");

/** One way to make a program: shell commands that write `program` where they run; `$S` is the folder of the sources. */
export interface Variant {
  readonly name: string;
  readonly commands: string;
}

export const gcc = (name: string, flags: string, more = ""): Variant => ({
  name: `gcc ${name}`,
  commands: `g++ -std=c++17 ${flags} -o program "$S/shapes.cpp" "$S/other.cpp"\n${more}`,
});
const clang = (name: string, flags: string, more = ""): Variant => ({
  name: `clang ${name}`,
  commands: `clang++-19 -std=c++17 ${flags} -o program "$S/shapes.cpp" "$S/other.cpp"\n${more}`,
});
const c = (name: string, flags: string, more = ""): Variant => ({
  name: `C ${name}`,
  commands: `gcc ${flags} -o program "$S/program.c"\n${more}`,
});

/** Two units of C++, each with an object file of its own, as split DWARF wants it. */
const units = (compiler: string, flags: string) =>
  `for unit in shapes other; do ${compiler} -std=c++17 ${flags} -c "$S/$unit.cpp" -o $unit.o; done\n`;

/** Whether what a variant is made with is there. `npm test` installs it where the distribution has it. */
export function isBuildable({ commands }: Variant): boolean {
  const words: string[] = commands.match(/[\w+=-]+/g) ?? [];
  return TOOLS.every(({ word, place }) => !words.includes(word) || findProgram([place]) !== null);
}

const TOOLS = [
  ...["clang-19", "clang++-19", "llvm-dwp-19", "dwp", "dwz", "rustc", "go", "xz"].map((word) => ({
    word,
    place: word,
  })),
  { word: "-fuse-ld=lld", place: "ld.lld-19" },
  { word: "-m32", place: "/usr/lib32/libstdc++.so.6" },
];

/** Those that differ in how debug information is written, and agree with llvm-symbolizer in what it says. */
export const VARIANTS: readonly Variant[] = [
  gcc("-O0 DWARF 5", "-g -O0"),
  gcc("-O1 DWARF 4", "-gdwarf-4 -O1"),
  gcc("-O2 DWARF 2", "-gdwarf-2 -O2"),
  gcc("-O2 DWARF 3", "-gdwarf-3 -O2"),
  gcc("-O2 DWARF 5", "-gdwarf-5 -O2"),
  gcc("-O3 DWARF 5", "-gdwarf-5 -O3"),
  gcc("-Os DWARF 5 without column numbers", "-gdwarf-5 -Os -gno-column-info"),
  gcc("-g1", "-g1 -O2"),
  gcc("-g3, with macros", "-g3 -O1"),
  gcc("64-bit DWARF 5", "-gdwarf-5 -gdwarf64 -O2"),
  gcc("64-bit DWARF 4", "-gdwarf-4 -gdwarf64 -O2"),
  gcc("zlib", "-g -O2 -gz=zlib"),
  gcc("zstd", "-g -O2", "objcopy --compress-debug-sections=zstd program"),
  gcc("type units DWARF 4", "-gdwarf-4 -O1 -fdebug-types-section"),
  gcc("type units DWARF 5", "-gdwarf-5 -O1 -fdebug-types-section"),
  gcc("link-time optimized", "-g -O2 -flto=1"),
  gcc("function sections, some dropped", "-g -O1 -ffunction-sections -fdata-sections -Wl,--gc-sections"),
  gcc("position-dependent", "-g -O2 -no-pie"),
  gcc("static", "-g -O2 -static"),
  gcc("static-pie", "-g -O2 -static-pie"),
  gcc("32 bit", "-g -O2 -m32"),
  gcc("32 bit DWARF 3", "-gdwarf-3 -O1 -m32"),
  gcc("GNU pubnames and .gdb_index", "-g -O2 -ggnu-pubnames -fuse-ld=gold -Wl,--gdb-index"),
  gcc("without .debug_aranges", "-g -O2", "objcopy --remove-section=.debug_aranges program"),
  { name: "gcc split DWARF 5", commands: `${units("g++", "-g -O2 -gsplit-dwarf")}g++ -o program *.o` },
  { name: "gcc split DWARF 4", commands: `${units("g++", "-gdwarf-4 -O2 -gsplit-dwarf")}g++ -o program *.o` },
  {
    name: "gcc split DWARF 5 in a package",
    commands: `${units("g++", "-g -O2 -gsplit-dwarf")}g++ -o program *.o\ndwp *.dwo -o program.dwp\nrm *.dwo`,
  },
  {
    name: "gcc split DWARF 4 in a package",
    commands: `${units("g++", "-gdwarf-4 -O2 -gsplit-dwarf")}g++ -o program *.o\ndwp -e program -o program.dwp\nrm *.dwo`,
  },
  gcc("debug information apart, by its link", "-g -O2", separate("program.debug")),
  gcc("debug information apart, compressed", "-g -O2 -gz=zlib", separate("program.debug")),
  gcc("dwz", "-gdwarf-5 -O2", "dwz program"),
  gcc("dwz DWARF 4", "-gdwarf-4 -O2", "dwz program"),
  { name: "gcc object file", commands: 'gcc -g -O0 -c "$S/program.c" -o program' },

  clang("-O0 DWARF 5", "-gdwarf-5 -O0"),
  clang("-O2 DWARF 5", "-gdwarf-5 -O2"),
  clang("-O2 DWARF 4", "-gdwarf-4 -O2"),
  clang("-O1 DWARF 3", "-gdwarf-3 -O1"),
  clang("-O1 DWARF 2", "-gdwarf-2 -O1"),
  clang("64-bit DWARF 5", "-gdwarf-5 -gdwarf64 -O2"),
  clang("lines alone", "-gline-tables-only -O2"),
  clang("-gmlt and no column", "-g1 -O2 -gno-column-info"),
  clang("zstd", "-gdwarf-5 -O2 -gz=zstd -fuse-ld=lld"),
  clang("names for lldb", "-gdwarf-5 -glldb -O2"),
  clang("one merged .debug_names", "-gdwarf-5 -glldb -O2 -fuse-ld=lld -Wl,--debug-names"),
  clang("type units DWARF 5", "-gdwarf-5 -O1 -fdebug-types-section"),
  clang("type units DWARF 4", "-gdwarf-4 -O1 -fdebug-types-section"),
  clang("simple template names", "-gdwarf-5 -O2 -gsimple-template-names"),
  clang("link-time optimized", "-gdwarf-5 -O2 -flto -fuse-ld=lld"),
  clang("function sections, some dropped", "-gdwarf-5 -O1 -ffunction-sections -fuse-ld=lld -Wl,--gc-sections"),
  clang("identical code folded", "-gdwarf-5 -O1 -ffunction-sections -fuse-ld=lld -Wl,--icf=all"),
  clang("basic block sections", "-gdwarf-5 -O2 -fbasic-block-sections=all"),
  clang("static", "-gdwarf-5 -O2 -static"),
  clang("32 bit", "-gdwarf-5 -O2 -m32"),
  {
    name: "clang split DWARF 5 in the object files",
    commands: `${units("clang++-19", "-gdwarf-5 -O2 -gsplit-dwarf=single")}clang++-19 -o program *.o`,
  },
  {
    name: "clang split DWARF 5",
    commands: `${units("clang++-19", "-gdwarf-5 -O2 -gsplit-dwarf")}clang++-19 -o program *.o`,
  },
  {
    name: "clang split DWARF 5 in a package, inlined calls in the skeleton too",
    commands: `${units("clang++-19", "-gdwarf-5 -O2 -gsplit-dwarf -fsplit-dwarf-inlining")}clang++-19 -o program *.o\nllvm-dwp-19 -e program -o program.dwp\nrm *.dwo`,
  },
  {
    name: "clang split DWARF 4",
    commands: `${units("clang++-19", "-gdwarf-4 -O2 -gsplit-dwarf")}clang++-19 -o program *.o`,
  },
  {
    name: "clang split DWARF 5, its files lost",
    commands: `${units("clang++-19", "-gdwarf-5 -O2 -gsplit-dwarf -fsplit-dwarf-inlining")}clang++-19 -o program *.o\nrm *.dwo`,
  },
  {
    name: "clang 64-bit object file",
    commands: 'clang-19 -gdwarf-5 -gdwarf64 -O0 -c "$S/program.c" -o program',
  },
  {
    name: "big-endian object file",
    commands: 'clang-19 --target=s390x-linux-gnu -ffreestanding -gdwarf-5 -O1 -c "$S/freestanding.c" -o program',
  },
  {
    name: "big-endian object file of 32 bit",
    commands: 'clang-19 --target=powerpc-linux-gnu -ffreestanding -gdwarf-4 -O1 -c "$S/freestanding.c" -o program',
  },
  {
    name: "object file of aarch64",
    commands: 'clang-19 --target=aarch64-linux-gnu -ffreestanding -gdwarf-5 -O1 -c "$S/freestanding.c" -o program',
  },
  {
    name: "object file with linker relaxation (RISC-V)",
    commands: 'clang-19 --target=riscv64-linux-gnu -ffreestanding -gdwarf-5 -O1 -c "$S/freestanding.c" -o program',
  },

  c("-O0 DWARF 5", "-g -O0"),
  c("-O2 DWARF 5", "-g -O2"),
  c("-O2 DWARF 2", "-gdwarf-2 -O2"),
  c("-O2 DWARF 4, common", "-gdwarf-4 -O2 -fcommon"),
  c("32 bit", "-g -O1 -m32"),
  { name: "clang C -O0", commands: 'clang-19 -gdwarf-5 -O0 -o program "$S/program.c"' },
  { name: "assembler DWARF 5", commands: 'gcc -gdwarf-5 -nostdlib -o program "$S/start.s"' },
  { name: "assembler DWARF 2", commands: 'gcc -gdwarf-2 -nostdlib -o program "$S/start.s"' },
  { name: "assembler of clang", commands: 'clang-19 -gdwarf-5 -nostdlib -o program "$S/start.s"' },
  { name: "Rust", commands: 'rustc -g -o program "$S/program.rs"' },
  {
    name: "Rust, optimized, v0 names",
    commands: 'rustc -g -O -C symbol-mangling-version=v0 -o program "$S/program.rs"',
  },
  { name: "Rust, split DWARF", commands: 'rustc -g -O -C split-debuginfo=unpacked -o program "$S/program.rs"' },
  { name: "Go", commands: 'GOCACHE=$PWD/gocache go build -o program "$S/program.go"\nrm -rf gocache' },
];

/** Splits a program as distributions do: its debug information in a file that `.gnu_debuglink` names. */
function separate(name: string): string {
  return `objcopy --only-keep-debug program ${name}\nobjcopy --strip-debug --add-gnu-debuglink=${name} program`;
}

/** Makes the program of a variant, where what is there is older than the sources, and answers its path. */
export function build({ name, commands }: Variant): string {
  const id = createHash("sha1").update(commands).digest("hex").slice(0, 8);
  const folder = join(BUILT, `${name.replace(/[^\w]+/g, "-")}-${id}`);
  mkdirSync(folder, { recursive: true });
  // Tests run side by side: the second one waits, and then finds it made. Without `done`, find's complaint says so.
  const script = `[ -n "$(find "$S" -newer done 2>&1)" ] || exit 0\n${commands}\ntouch done`;
  execFileSync("flock", [".", "timeout", "120", "sh", "-ec", script], {
    cwd: folder,
    env: { ...process.env, S: SOURCES },
    stdio: ["ignore", "ignore", "pipe"],
  });
  return join(folder, "program");
}
