import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { readable } from "../../../src/symbols/names.ts";
import { compile } from "../fixtures.ts";
import { run } from "./binutils.ts";

const folder = mkdtempSync(join(tmpdir(), "names-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["_Z3foov", "foo()"],
  ["_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)"],
  ["_ZTV1a", "vtable for a"],
  ["_ZTV1a.cold", "vtable for a [clone .cold]"],
  ["_ZTTSo", "VTT for std::ostream"],
  ["_ZThn8_N1a1fEv", "non-virtual thunk to a::f()"],
  ["_ZTv0_n24_N1a1fEv", "virtual thunk to a::f()"],
  ["_ZTch0_h16_N1a1fEv", "covariant return thunk to a::f()"],
  ["_ZTC1a0_1b", "construction vtable for b-in-a"],
  ["_ZGVZ1fvE1x", "guard variable for f()::x"],
  ["_ZN12_GLOBAL__N_11aE", "(anonymous namespace)::a"],
  ["_Z3fooB5cxx11v", "foo[abi:cxx11]()"],
  ["_Z3fooB5cxx11i", "foo[abi:cxx11](int)"],
  ["_Z3fooB5cxx11", "foo[abi:cxx11]"],
  ["_ZN1aI1bJEE1fEv", "a<b>::f()"],
  ["_ZN1a17h0000000000000001E", "a::h0000000000000001"],
  ["_Z1fILl1ELm2ELj3ELi4ELln5EEvv", "f<1l, 2ul, 3u, 4, -5l>()"],
  ["_Z1fIJLm0ELm1EEEvSt16integer_sequenceImJXspT_EEE", "f<0ul, 1ul>(std::integer_sequence<unsigned long, 0ul, 1ul>)"],
])("C++ is written as c++filt writes it: %s", (mangled, name) => {
  expect(readable(mangled)).toBe(name);
});

test.each([
  ["_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"],
  ["_ZN4core3fmt17h0123456789abcdefE.llvm.123", "core::fmt"],
  ["_ZN46_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$X$GT$1f17h0123456789abcdefE", "<alloc::vec::Vec<T> as X>::f"],
  ["_RNvCs1234_7mycrate3foo", "mycrate::foo"],
  ["_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"],
  ["_RNvC6_123foou8gdel_5qa", "123foo::gödel"],
])("Rust is demangled, of the old manner and of the new: %s", (mangled, name) => {
  expect(readable(mangled)).toBe(name);
});

test.each([
  ["_ZN3fooC1Ev.cold", "foo::foo() [clone .cold]"],
  ["_Z3foov.part.0.constprop.1", "foo() [clone .part.0] [clone .constprop.1]"],
  ["_Z3foov.isra.0[clone .cold]", "foo() [clone .isra.0][clone .cold]"],
  ["_ZL3foo.lto_priv.0", "foo [clone .lto_priv.0]"],
  ["_Z3foov@plt", "foo()@plt"],
  ["_ZSt4cout@@GLIBCXX_3.4", "std::cout@@GLIBCXX_3.4"],
  ["_GLOBAL__sub_I__Z3foov", "_GLOBAL__sub_I_foo()"],
  ["__Z3foov", "foo()"],
])("what stands before and behind a mangled name is kept: %s", (mangled, name) => {
  expect(readable(mangled)).toBe(name);
});

test.each([
  ...["main", "", "_", "_Z", "_R", "_Zfoo", "_Reader_read", "_ZTVN3fooE_", "___Z3foov", "_GLOBAL_OFFSET_TABLE_"],
  ...["_GLOBAL__sub_I_main.cpp", "_init@GLIBC_2.2.5", "puts@plt"],
  ...["_D3std5stdio7writelnFZv", "main.(*T).Method", "go:buildid", "type:.eq.main.T", "$s4main3fooyyF", "?foo@@YAXXZ"],
])("other names stay as they are: %j", (name) => {
  expect(readable(name)).toBe(name);
});

test("a short name that stands for gigabytes stays as it is, and the next one is read", () => {
  const item = (index: number) => (index === 0 ? "S_" : `S${(index - 1).toString(36).toUpperCase()}_`);
  for (const levels of [12, 20, 35]) {
    let bomb = "_Z1fSt4pairIiiE";
    for (let level = 1; level < levels; level++) bomb += `S_I${item(level)}${item(level)}E`;
    expect(readable(bomb)).toBe(bomb);
    expect(readable(`_Z3fooILi${levels}EEvv`)).toBe(`foo<${levels}>()`);
  }
});

test.each([
  ["pointers", `_Z1f${"P".repeat(65_000)}i`],
  ["parameters", `_Z1f${"i".repeat(20_000)}`],
  ["a long name", `_Z65000${"a".repeat(65_000)}`],
  ["scopes", `_ZN${"1a".repeat(30_000)}E`],
  ["nested templates", `_Z1f${"N1aI".repeat(8_000)}i${"EE".repeat(8_000)}`],
  ["parameters of templates", `_Z1fIiEv${"T_".repeat(15_000)}`],
  ["expressions", `_Z1fIX${"ad".repeat(15_000)}L_Z1gvEEEvv`],
  ["paths of Rust", `_R${"Nv".repeat(15_000)}C1a`],
  ["references back of Rust", `_RINvC1a1b${"TB_".repeat(10_000)}`],
])("a hostile name is read or stays as it is: %s", (_, name) => {
  const answer = readable(name);
  expect(answer === name || answer.length <= 1 << 15).toBe(true);
  expect(readable("_ZN3foo3barEv")).toBe("foo::bar()");
});

const LIBSTDCXX = "/lib/x86_64-linux-gnu/libstdc++.so.6";

/** Where we differ from c++filt 2.40, and why; each has examples in `itanium.test.ts`. */
const REASONS: readonly [reason: string, isIt: (mangled: string, theirs: string) => boolean][] = [
  ["c++filt cannot read it", (mangled, theirs) => theirs === mangled],
  ["what a function returns whose address is an argument", (mangled) => mangled.includes("XadL_Z")],
  ["an inherited constructor has the name of its class", (mangled) => /CI[1-5]/.test(mangled)],
  ["a parameter of a template that has been named in another one", (mangled) => /EU[lt].*S[\dA-Z]*_/.test(mangled)],
];

/** What is left out is the type of what a template function returns. */
test.each([
  ["libstdc++", () => LIBSTDCXX, 0],
  ["Node", () => process.execPath, 40],
  ["a program of many templates, by gcc", () => compile("names.cpp", "names", ["-std=c++20", "-pthread"]), 50],
  ["the same by clang", byClang, 50],
])("the names of %s are those of c++filt", (_, file, most) => {
  const names = mangledNames(file());
  const expected = filtered(names);
  const different: string[] = [];
  let explained = 0;
  for (const [index, name] of names.entries()) {
    const answer = spaced(readable(name));
    const theirs = spaced(expected[index] ?? "");
    if (answer === theirs || theirs.endsWith(` ${answer}`)) continue;
    if (answer !== name && REASONS.some(([, isIt]) => isIt(name, theirs))) explained++;
    else different.push(`${name}\n  ${answer}\n  ${theirs}`);
  }
  expect(names.length).toBeGreaterThan(500);
  expect(different).toEqual([]);
  expect(explained).toBeLessThanOrEqual(most);
});

test.runIf(spawnSync("rustc", ["--version"]).status === 0)("all names of a Rust program are read", () => {
  for (const version of [[], ["-C", "symbol-mangling-version=v0"]]) {
    const names = mangledNames(compile("pointers.rs", "languages", version));
    const unread = names.filter((name) => readable(name) === name && !name.includes("GLOBAL_OFFSET_TABLE"));
    expect(names.length).toBeGreaterThan(500);
    expect(unread).toEqual([]);
  }
});

test("symbols are named as the settings say, when they say it", async () => {
  const path = compile("names.cpp", "names", ["-std=c++17", "-pthread"]);
  const settings = { demangle: true, debugFolders: [] };
  const elf = await openElf({ descriptor: openSync(path, "r"), path }, settings);
  const line = /^([0-9a-f]+) . _Z6taggedB2v2i$/m.exec(run("nm", path));
  const address = BigInt(`0x${line?.[1]}`);
  expect(await elf?.symbolAt(address)).toMatchObject({ name: "tagged[abi:v2](int)", address });
  const section = elf?.layout.sections.find(({ name }) => name === ".text");
  if (section === undefined) throw new Error("There is no .text.");
  const names = async () => (await elf?.symbolsOf(section, "address", 0, 10_000))?.symbols.map(({ name }) => name);
  expect(await names()).toContain("tagged[abi:v2](int)");
  settings.demangle = false;
  expect(await elf?.symbolAt(address)).toMatchObject({ name: "_Z6taggedB2v2i", address });
  expect(await names()).toContain("_Z6taggedB2v2i");
  elf?.close();
});

test("the library is not loaded for what is not of Rust", () => {
  const names = new URL("../../../src/symbols/names.ts", import.meta.url).href;
  const script = `
    const compile = WebAssembly.Module;
    let loaded = 0;
    WebAssembly.Module = class extends compile { constructor(...args) { super(...args); loaded++; } };
    const { readable } = await import("${names}");
    loaded = 0;
    const read = (...all) => { all.forEach(readable); return loaded; };
    process.stdout.write([read("main", "puts@plt", "_Z3foov"), read("_RNvCs1234_7mycrate3foo"), read("_RNvC1a1b")].join());`;
  const options = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--input-type=module", "-e", script];
  expect(execFileSync(process.execPath, options, { encoding: "utf8" })).toBe("0,1,1");
});

function byClang(): string {
  const object = join(folder, "names.o");
  run(
    "clang++-19",
    "-std=c++20",
    "-w",
    "-c",
    "-o",
    object,
    join(import.meta.dirname, "../../fixtures/names/names.cpp"),
  );
  return object;
}

/** The mangled names of a file's symbols, without versions. */
function mangledNames(file: string): string[] {
  const words = [...lastWords(run("nm", file)), ...(existsSync(file) ? lastWords(run("nm", "-D", file)) : [])];
  return [...new Set(words.map((word) => word.replace(/@.*/, "")).filter((word) => /^(_Z|_R)/.test(word)))];
}

function lastWords(text: string): string[] {
  return text.split("\n").map((line) => line.slice(line.lastIndexOf(" ") + 1));
}

function filtered(names: readonly string[]): string[] {
  const { stdout } = spawnSync("c++filt", { input: `${names.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout.split("\n");
}

/**
 * Without the spaces that only old C++ needs and the commas that c++filt has for empty packs, with the short names that the
 * ABI has for parts of the library.
 */
function spaced(name: string): string {
  return name
    .replace(/> (?=>)/g, ">")
    .replaceAll(", , ", ", ")
    .replaceAll("std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string")
    .replace(/std::basic_([io]*stream)<char, std::char_traits<char>>/g, "std::$1")
    .replace(/::(~?)basic_(string|[io]*stream)\b/g, "::$1$2");
}
