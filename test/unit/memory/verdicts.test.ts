/** Every verdict, on programs in C, C++ and Rust that have an address for it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemCalls } from "../../../src/linux/systemCalls.ts";
import { toHex } from "../../../src/memory/address.ts";
import { verdictSentence } from "../../../src/memory/verdict.ts";
import { compile } from "../fixtures.ts";
import { start, stop } from "../linux/programs.ts";
import { imageOf, running } from "./images.ts";

const PROGRAMS = {
  C: () => compile("verdicts.c", "verdicts", ["-g", "-O0", "-pthread"]),
  "C++": () => compile("verdicts.cpp", "verdicts", ["-g", "-O0", "-pthread", "-std=c++17"]),
  Rust: () => compile("verdicts.rs", "verdicts", ["-g"]),
};

async function started(language: keyof typeof PROGRAMS) {
  const program = await running(PROGRAMS[language]());
  await stop(program.pid);
  const image = imageOf(program.pid);
  const explain = (name: string | bigint) => image.explain(typeof name === "bigint" ? name : program.address(name));
  const sentence = async (name: string | bigint) => verdictSentence((await explain(name)).verdict);
  return { ...program, image, explain, sentence };
}

for (const language of ["C", "C++", "Rust"] as const) {
  test(`${language}: what may be done with mapped memory is said by its permissions`, async () => {
    const { sentence } = await started(language);
    expect(await sentence("zeroes")).toBe("Fine to read and write, not to execute.");
    expect(await sentence("local")).toBe("Fine to read and write, not to execute.");
    expect(await sentence("message")).toBe("Fine to read, not to write or execute.");
    expect(await sentence("answer")).toBe("Fine to read and execute, not to write.");
  });

  test(`${language}: one past the end of a variable and of a region`, async () => {
    const { explain, sentence } = await started(language);
    expect(await sentence("past_numbers")).toMatch(/^One past the end of (numbers|NUMBERS)\. Fine to read and write/);
    const past = await explain("past_region");
    expect(past.verdict).toEqual({ what: "pastRegion", name: "anonymous" });
    expect(past.region).toBeNull();
    expect(past.below?.distance).toBe(1);
  });

  test(`${language}: a guard says whose stack it protects`, async () => {
    const { explain, sentence } = await started(language);
    const { stack } = await explain("in_thread");
    expect(stack).toEqual({ thread: expect.any(Number), isMain: false, abovePointer: expect.any(Number) });
    const owner = { thread: stack?.thread, isMain: false };
    expect(await explain("thread_guard")).toMatchObject({
      verdict: { what: "guard", stack: owner },
      stack: { ...owner, abovePointer: null },
    });
    expect(await sentence("thread_guard")).toBe(
      `In the guard below the stack of thread ${stack?.thread}: what touches it has used that stack up.`,
    );
  });

  test(`${language}: what lies below the stack pointer belongs to no function that is running`, async () => {
    const { address, explain, sentence } = await started(language);
    for (const name of ["local", "in_thread"]) {
      const { stack, verdict } = await explain(name);
      expect(stack?.abovePointer).toBeGreaterThan(0);
      expect(verdict).toMatchObject({ what: "mapped", isUnused: false });
      const pointer = address(name) - BigInt(stack?.abovePointer ?? 0);
      expect((await explain(pointer - 64n)).verdict).toMatchObject({ isUnused: false });
      expect((await explain(pointer - 256n)).stack?.abovePointer).toBe(-256);
      expect(await sentence(pointer - 256n)).toMatch(
        /^Below the stack pointer: .* Fine to read and write, not to exec/,
      );
    }
  });

  test(`${language}: null with an offset, and what is not mapped or cannot be`, async () => {
    const { explain, sentence } = await started(language);
    expect(await sentence(0n)).toBe("A null pointer.");
    expect(await explain(16n)).toMatchObject({ verdict: { what: "null", offset: 16 }, alignment: 16, telescope: null });
    expect(await sentence(16n)).toBe("16 bytes past null: a member or an element of what a null pointer points to.");
    expect(await sentence(0x1234_5678_9000n)).toBe("Nothing is mapped there.");
    expect((await explain(0x1234_0000_0000_0000n)).verdict).toEqual({ what: "nonCanonical", look: null });
    expect((await explain(0xffff_8880_0000_0000n)).verdict).toEqual({ what: "kernel", look: null });
  });

  test(`${language}: values that are no pointers`, async () => {
    const { sentence } = await started(language);
    expect(await sentence(0xdead_beefn)).toMatch(/^Nothing is mapped there\. It looks like 0xdeadbeef, which /);
    expect(await sentence(0xbaad_f00d_baad_f00dn)).toMatch(
      /^No address .* It looks like 0xbaadf00dbaadf00d, which Win/,
    );
    expect(await sentence(0xcdcd_cdcd_cdcd_cdddn)).toMatch(
      /It looks like 0x10 above 0xcdcdcdcdcdcdcdcd, which Visual C/,
    );
    expect(await sentence(0x6f77_206f_6c6c_6568n)).toMatch(/ It looks like the text "hello wo"\.$/);
    expect(await sentence(0x400c_0000_0000_0000n)).toMatch(/ It looks like the double 3\.5\.$/);
    expect(await sentence(0x12_3456n)).toBe("Nothing is mapped there. It looks like the number 1193046.");
    expect(await sentence(0xffff_ffff_ffff_ffffn)).toMatch(
      /^In the kernel's half .* the number -1, which MAP_FAILED is/,
    );
  });

  test(`${language}: what stands in memory is followed as far as pointers lead`, async () => {
    const { explain } = await started(language);
    const end = async (name: string) => (await explain(name)).telescope?.end;
    expect(await end("small")).toMatchObject({ what: "number", value: "0x2a", look: { what: "integer", value: 42 } });
    expect(await end("deadbeef")).toMatchObject({ look: { what: "poison" } });
    expect(await end("uninitialised")).toMatchObject({ look: { what: "poison" } });
    expect(await end("double")).toMatchObject({ look: { what: "float", type: "double", values: [3.5] } });
    const chain = (await explain("chain")).telescope;
    expect(chain?.steps.length).toBeGreaterThan(0);
    expect(chain?.steps.map(({ place }) => place)).toEqual(chain?.steps.map(() => "[heap] rw-p"));
    expect(chain?.end).toMatchObject({ what: "number" });
  });
}

test("the main stack's thread is the process, and below it is where it grows, and then its guard", async () => {
  const { pid, explain, sentence, image } = await started("C");
  expect((await explain("local")).stack).toEqual({ thread: pid, isMain: true, abovePointer: expect.any(Number) });
  const space = await image.read("maps");
  const stack = [...space.regions()].find(({ kind }) => kind === "stack");
  if (!stack) throw new Error("It has no stack.");
  expect(await sentence(stack.start - 8n)).toBe(
    "Not mapped yet: the main stack grows down to here when it is touched.",
  );
  const [, limit = ""] = /Max stack size +(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, "utf8")) ?? [];
  const below = await explain(stack.end - BigInt(limit) - 8n);
  expect(below).toMatchObject({
    verdict: { what: "guard", stack: { thread: pid, isMain: true } },
    stack: { isMain: true },
  });
});

test("a guard that is no region of its own is found by its page", async () => {
  const program = await started("C");
  // Linux before 6.13 has none.
  if (!program.output.includes("installed_guard")) return;
  const { verdict, page, region } = await program.explain("installed_guard");
  expect({ verdict, guard: page?.guard }).toEqual({ verdict: { what: "guard", stack: null }, guard: true });
  expect(region?.permissions).toBe("rw-p");
});

test("memory that nobody may use, and is no guard", async () => {
  const { sentence } = await started("C");
  expect(await sentence("reserved")).toBe("Mapped, but to be neither read nor written nor executed.");
});

test("what a truncated file no longer has is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "process-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  const { pid, address } = await running(PROGRAMS.C(), [path]);
  const image = imageOf(pid);
  const { verdict } = await image.explain(address("truncated"));
  expect(verdict).toEqual({ what: "pastFile", path, size: 100 });
  expect(verdictSentence(verdict)).toBe(
    `Beyond the end of the file ${path}, which has 100 B: touching it is a SIGBUS.`,
  );
  // The rest of its last page is zeros.
  expect((await image.explain(address("before_end"))).verdict).toMatchObject({ what: "mapped", read: true });
});

test("the page tells whether it is in memory, and whose it is", async () => {
  const { explain } = await started("C");
  const page = async (name: string) => (await explain(name)).page;
  const untouched = { present: false, swapped: false, file: null, exclusive: null, guard: false };
  expect(await page("untouched")).toEqual(untouched);
  expect(await page("touched")).toEqual({ ...untouched, present: true, file: false, exclusive: true });
  expect(await page("shared")).toEqual({ ...untouched, present: true, file: true, exclusive: true });
  expect(await page("file")).toMatchObject({ present: true, file: true });
});

test("an address in a mapped file has its offset in the file", async () => {
  const { explain, image } = await started("C");
  expect((await explain("file")).file).toEqual({ path: image.executable, offset: 4096 + 100 });
  expect((await explain("local")).file).toBeNull();
  expect((await explain("shared")).file).toBeNull();
});

test("what is not in memory is not brought there by explaining it", async () => {
  const { explain } = await started("C");
  for (let time = 0; time < 2; time++) {
    const { telescope, page } = await explain("untouched");
    expect(telescope).toEqual({ steps: [], end: { what: "unread", why: "its page is not in memory" } });
    expect(page?.present).toBe(false);
  }
});

test("a chain of pointers is followed for five steps, and a cycle is told", async () => {
  const { address, explain } = await started("C");
  const long = (await explain("long_chain")).telescope;
  expect(long?.steps.map((step) => step.address - address("long_chain"))).toEqual([16n, 32n, 48n, 64n, 80n]);
  expect(long?.end).toEqual({ what: "more", value: `0x${(address("long_chain") + 96n).toString(16)}` });
  const ring = (await explain("ring")).telescope;
  expect(ring?.steps).toHaveLength(2);
  expect(ring?.end).toEqual({ what: "cycle", step: -1 });
});

test("a chain ends with the text or the code that it leads to", async () => {
  const { explain } = await started("C");
  const text = (await explain("to_text")).telescope;
  expect(text?.steps[0]?.place).toMatch(/^\.rodata verdicts.*: message\+0x0$/);
  expect(text?.end).toEqual({ what: "text", text: "a constant", isWhole: true });
  const code = (await explain("to_code")).telescope;
  expect(code?.steps[0]?.place).toMatch(/^\.text verdicts.*: answer\+0x0$/);
  expect(code?.end).toEqual({ what: "code" });
  const long = (await explain("text")).telescope;
  expect(long).toEqual({ steps: [], end: { what: "text", text: expect.stringMatching(/^a text in/), isWhole: false } });
});

test("C++: an object leads to its virtual functions, a string to its characters", async () => {
  const { explain } = await started("C++");
  const object = (await explain("object")).telescope;
  expect(object?.steps[0]?.place).toMatch(/: vtable for shop::Square\+0x10$/);
  expect(object?.steps[1]?.place).toMatch(/^\.text .*: shop::Square::~Square\(\)\+0x0$/);
  expect(object?.end).toEqual({ what: "code" });
  const string = (await explain("string")).telescope;
  expect(string?.end).toEqual({
    what: "text",
    text: "a string in the heap, too long for its object",
    isWhole: true,
  });
  expect((await explain("vector")).telescope?.end).toMatchObject({ look: { what: "integer", value: 7 } });
});

test("Rust: a slice leads to its characters", async () => {
  const { explain } = await started("Rust");
  const slice = (await explain("str")).telescope;
  expect(slice?.steps[0]?.place).toMatch(/^\.rodata /);
  expect(slice?.end).toMatchObject({ what: "text", text: expect.stringMatching(/^a slice of a constant/) });
});

test("blocks that glibc has freed are recognised by the list they are in", async () => {
  const { address, explain } = await started("C");
  const end = async (name: string) => (await explain(name)).telescope?.end;
  expect(await end("freed_last")).toEqual({ what: "freed", next: null });
  expect(await end("freed")).toEqual({ what: "freed", next: `0x${address("freed_last").toString(16)}` });
  expect(await end("fresh")).toMatchObject({ what: "number", value: "0x0" });
});

test("what glibc fills new and freed memory with is recognised", async () => {
  const program = await running(PROGRAMS.C(), [], { env: { ...process.env, MALLOC_PERTURB_: "229" } });
  const image = imageOf(program.pid);
  const end = async (name: string) => (await image.explain(program.address(name))).telescope?.end;
  const filled = { what: "poison", meaning: expect.stringContaining("MALLOC_PERTURB_"), offset: 0 };
  expect(await end("fresh")).toMatchObject({ look: { ...filled, pattern: `0x${"1a".repeat(8)}` } });
  expect(await end("freed_rest")).toMatchObject({ look: { ...filled, pattern: `0x${"e5".repeat(8)}` } });
});

test("floats and error numbers in memory are read as such", async () => {
  const { explain } = await started("C");
  const look = async (name: string) => {
    const end = (await explain(name)).telescope?.end;
    return end?.what === "number" ? end.look : end;
  };
  expect(await look("floats")).toEqual({ what: "float", type: "float", values: [1.5, -0.25] });
  expect(await look("negative")).toEqual({ what: "integer", value: -12 });
  expect(await look("member_of_freed")).toMatchObject({ what: "poison", pattern: "0xdddddddddddddddd", offset: 16 });
});

test.each([
  ["C", () => running(PROGRAMS.C())],
  ["C++", () => running(PROGRAMS["C++"]())],
  ["Rust", () => running(PROGRAMS.Rust())],
  ["python3", () => start("/usr/bin/python3", ["-c", "import time; print('ready', flush=True); time.sleep(60)"])],
])("%s: the kernel reads where the verdict says that it is fine, and nowhere else", async (_, begin) => {
  const calls = systemCalls();
  if (!calls) throw new Error("It takes koffi.");
  const { pid } = await begin();
  await stop(pid);
  const image = imageOf(pid);
  const space = await image.read("maps");
  const byte = Buffer.alloc(1);
  const counts = { read: 0, refused: 0 };
  const wrong: string[] = [];
  for (const { start: from, end, kind, size } of space.regions()) {
    // The kernel's own are read by nobody else.
    if (["vvar", "vsyscall", "device"].includes(kind)) continue;
    const places = [0, 1, 2, 3].map((part) => from + BigInt(Math.floor((size / 4) * part)));
    for (const address of [from - 1n, ...places, end - 1n, end]) {
      if (["vvar", "vsyscall"].includes(space.kind(Math.max(0, space.indexOf(address))))) continue;
      const { verdict } = await image.explain(address);
      const isFine = verdict.what === "mapped" && verdict.read;
      const isRead = calls.readMemory(pid, address, byte) === 1;
      counts[isRead ? "read" : "refused"]++;
      if (isFine !== isRead)
        wrong.push(`${toHex(address)}: ${verdictSentence(verdict)} It is ${isRead ? "" : "not "}read.`);
    }
  }
  expect(wrong).toEqual([]);
  expect(counts.read).toBeGreaterThan(50);
  expect(counts.refused).toBeGreaterThan(5);
});
