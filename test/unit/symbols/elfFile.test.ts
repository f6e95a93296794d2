import { mkdirSync, openSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import {
  fileOf,
  isOpen,
  nmSymbols,
  place,
  readelfBuildId,
  readelfSections,
  readelfSegments,
  run,
  withElf,
} from "./binutils.ts";
import { bigEndian } from "./rewrite.ts";

const ALONE = ["-nostdlib", "-static"];
const program = () => compile("program.c", "elf", ALONE);

describe("every form of a program is read", () => {
  const forms: [form: string, path: () => string][] = [
    ["position independent", () => compile("program.c", "elf", ["-nostartfiles"])],
    ["static, at a fixed address", program],
    ["a shared library", () => compile("program.c", "elf", ["-shared", "-fPIC"])],
    ["of 32 bits", () => compile("program.c", "elf", ["-m32", ...ALONE])],
    [
      "of 32 bits, big-endian",
      () => fileOf("narrow-big", bigEndian(bytesOf(compile("program.c", "elf", ["-m32", ...ALONE])))),
    ],
    ["of 64 bits, big-endian", () => fileOf("wide-big", bigEndian(bytesOf(program())))],
    ["with 66,000 sections", manySections],
    ["with its number of segments in the first section", extendedSegmentCount],
  ];

  test.each(forms)(
    "%s",
    async (_, path) => {
      const file = path();
      await withElf(file, async (elf) => {
        expect(elf.layout.segments).toEqual(readelfSegments(file, "LOAD"));
        expect(elf.layout.segments.length).toBeGreaterThan(0);
        expect(elf.layout.sections).toEqual(readelfSections(file));
        expect(elf.layout.sections.length).toBeGreaterThan(0);
        expect(elf.layout.buildId).toBe(readelfBuildId(file));
        const all = await elf.allSymbols(1_000_000);
        const found = all
          ?.filter(isNoPlt)
          .map(({ name, address, size }) => `${name} ${address} ${size}`)
          .sort();
        expect(found).toEqual(
          nmSymbols(file)
            .filter(isNoPlt)
            .map(({ name, address, size }) => `${name} ${address} ${size}`)
            .sort(),
        );
        expect(found?.length).toBeGreaterThan(8);
      });
    },
    30_000,
  );
});

test("without its section headers a program still has its segments and its build-id, and no sections and symbols", async () => {
  const bytes = bytesOf(program());
  bytes.writeBigUInt64LE(0n, 40);
  bytes.fill(0, 60, 64);
  const file = fileOf("no-sections", bytes);
  await withElf(file, async (elf) => {
    expect(elf.layout.segments).toEqual(readelfSegments(program(), "LOAD"));
    expect(elf.layout.buildId).toBe(readelfBuildId(program()));
    expect(elf.layout.sections).toEqual([]);
    expect(await elf.symbolAt(elf.layout.segments[0]?.address ?? 0n)).toBeNull();
    expect(await elf.allSymbols(100)).toEqual([]);
  });
});

test("without program headers for notes the build-id comes from the note sections", async () => {
  const bytes = bytesOf(program());
  const count = bytes.readUInt16LE(56);
  for (let i = 0; i < count; i++) {
    const header = 64 + i * 56;
    if (bytes.readUInt32LE(header) === 4) bytes.writeUInt32LE(0, header);
  }
  const buildId = readelfBuildId(program());
  expect(buildId).toMatch(/^[0-9a-f]{40}$/);
  await withElf(fileOf("no-note-segment", bytes), async (elf) => expect(elf.layout.buildId).toBe(buildId));
});

test("a build-id of any length is read, and none where there is none", async () => {
  const chosen = compile("program.c", "elf", [...ALONE, "-Wl,--build-id=0x0123abcd"]);
  const none = compile("program.c", "elf", [...ALONE, "-Wl,--build-id=none"]);
  await withElf(chosen, async (elf) => expect(elf.layout.buildId).toBe("0123abcd"));
  await withElf(none, async (elf) => expect(elf.layout.buildId).toBeNull());
});

test("relro is what the linker protects", async () => {
  const file = compile("program.c", "elf", ["-nostartfiles", "-Wl,-z,relro"]);
  await withElf(file, async ({ layout }) => {
    const [relro] = readelfSegments(file, "GNU_RELRO");
    expect(layout.relro).toEqual({
      start: relro?.address,
      end: (relro?.address ?? 0n) + BigInt(relro?.memorySize ?? 0),
    });
  });
  await withElf(compile("program.c", "elf", [...ALONE, "-Wl,-z,norelro"]), async ({ layout }) =>
    expect(layout.relro).toBeNull(),
  );
});

test("a stripped library answers with its dynamic symbols", async () => {
  const file = compile("program.c", "elf", ["-shared", "-fPIC", "-s"]);
  await withElf(file, async (elf) => {
    const names = (await elf.allSymbols(100))?.map(({ name }) => name);
    expect(names).toContain("visible_name");
    expect(names).not.toContain("local_twin");
  });
});

test("dynamic symbols that .symtab lacks are added", async () => {
  const library = place("partial.so");
  run("strip", "--keep-symbol=local_twin", "-o", library, compile("program.c", "elf", ["-shared", "-fPIC"]));
  await withElf(library, async (elf) => {
    const names = (await elf.allSymbols(100))?.map(({ name }) => name);
    expect(names).toContain("local_twin");
    expect(names?.filter((name) => name === "visible_name")).toHaveLength(1);
  });
});

describe("of several symbols the one answers that people look for", () => {
  const nameAt = (symbol: string, offset = 0) =>
    withElf(program(), async (elf) => {
      const address = nmSymbols(program()).find(({ name }) => name === symbol)?.address ?? 0;
      return (await elf.symbolAt(BigInt(address + offset)))?.name;
    });

  test("a name without leading underscores, the global one before the weak", async () => {
    expect(await nameAt("__visible_name")).toBe("visible_name");
    expect(await nameAt("a_weak_name", 5)).toBe("visible_name");
  });

  test("the one that others can link to, not the local one", async () => {
    expect(await nameAt("resolve")).toBe("chosen_at_start");
  });

  test("a variable, not the marks that linkers leave", async () => {
    expect(await nameAt("__bss_start")).toBe("zeroed");
    expect(await nameAt("zeroed", 99_999)).toBe("zeroed");
  });

  test("the innermost of nested ones, and the outer one around it", async () => {
    expect(await nameAt("outer")).toBe("outer");
    expect(await nameAt("inner")).toBe("inner");
    expect(await nameAt("inner", 1)).toBe("inner");
    expect(await nameAt("inner", 2)).toBe("outer");
  });

  test("a sized function, not a label in it", async () => {
    expect(await nameAt("label_in_outer")).toBe("outer");
  });

  test("one without size up to the next one, and nothing behind one with a size", async () => {
    expect(await nameAt("unsized_first", 3)).toBe("unsized_first");
    expect(await nameAt("unsized_first", 4)).toBe("unsized_second");
    expect(await nameAt("outer", 11)).toBe("outer");
    expect(await nameAt("outer", 12)).toBeUndefined();
  });

  test("none beyond the sections, but the end's own mark", async () => {
    expect(await nameAt("_end")).toBe("_end");
    expect(await nameAt("_end", 1)).toBeUndefined();
  });

  test("none for what is no address: thread-local variables and plain numbers", () =>
    withElf(program(), async (elf) => {
      const names = (await elf.allSymbols(100))?.map(({ name }) => name);
      expect(names).toContain("initialised");
      expect(names?.filter((name) => /per_thread|absolute_number|program\.c/.test(name))).toEqual([]);
    }));
});

test("functions, objects and others are told apart", () =>
  withElf(program(), async (elf) => {
    const types = Object.fromEntries((await elf.allSymbols(100))?.map(({ name, type }) => [name, type]) ?? []);
    expect(types).toMatchObject({
      main: "function",
      chosen_at_start: "function",
      zeroed: "object",
      unsized_first: "other",
    });
  }));

test("a section's symbols come largest first or by address, a page at a time", () =>
  withElf(program(), async (elf) => {
    const section = elf.layout.sections.find(({ name }) => name === ".text");
    if (section === undefined) throw new Error("The program has no .text.");
    for (const order of ["size", "address"] as const) {
      const whole = await elf.symbolsOf(section, order, 0, 100);
      expect(whole.symbols.some(({ type }) => type === "gap")).toBe(order === "address");
      expect(whole.total).toBe(whole.symbols.length);
      const pages = await Promise.all([0, 3, 6, 9, 12].map((offset) => elf.symbolsOf(section, order, offset, 3)));
      expect(pages.flatMap(({ symbols }) => symbols)).toEqual(whole.symbols.slice(0, 15));
      expect((await elf.symbolsOf(section, order, 1000, 3)).symbols).toEqual([]);
    }
    const { symbols } = await elf.symbolsOf(section, "size", 0, 100);
    expect(symbols[0]?.name).toBe("main");
    const sizes = symbols.map(({ size, inferredSize }) => inferredSize ?? size);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  }));

test("thread-local sections have their variables, which answer for no address", () =>
  withElf(program(), async (elf) => {
    const sections = elf.layout.sections.filter(({ threadLocal }) => threadLocal);
    const pages = await Promise.all(sections.map((section) => elf.symbolsOf(section, "size", 0, 10)));
    expect(sections.map(({ name, address }, index) => [name, address, pages[index]?.symbols])).toEqual([
      [".tdata", expect.anything(), [variable("per_thread", sections[0]?.address, 4)]],
      [".tbss", expect.anything(), [variable("per_thread_zeroed", sections[1]?.address, 80)]],
    ]);
    for (const { address } of sections) expect((await elf.symbolAt(address))?.place).toBeUndefined();
    function variable(name: string, address: bigint | undefined, size: number) {
      return { name, address, size, type: "object", place: "threadLocal" };
    }
  }));

test("all symbols are given where there are no more than wanted", () =>
  withElf(program(), async (elf) => {
    const count = (await elf.allSymbols(1000))?.length ?? 0;
    expect(await elf.allSymbols(count)).toHaveLength(count);
    expect(await elf.allSymbols(count - 1)).toBeNull();
  }));

test("marks of code and data on Arm are no symbols, there alone", async () => {
  const source = fileOf("marks.s", Buffer.from('.text\n"$x":\nnop\nplain: nop\n"$d.1":\n.long 0\n"$money": nop\n'));
  run("as", "-o", place("marks.o"), source);
  run("ld", "-e", "0", "-o", place("marks"), place("marks.o"));
  const names = (file: string) => withElf(file, async (elf) => (await elf.allSymbols(99))?.map(({ name }) => name));
  expect(await names(place("marks"))).toEqual(expect.arrayContaining(["$x", "plain", "$d.1", "$money"]));
  const arm = bytesOf(place("marks"));
  arm.writeUInt16LE(183, 18);
  const onArm = await names(fileOf("marks-arm", arm));
  expect(onArm).toEqual(expect.arrayContaining(["plain", "$money"]));
  expect(onArm).not.toContain("$x");
  expect(onArm).not.toContain("$d.1");
});

test("a long table of symbols is read in slices, between which others have their turn", async () => {
  expect(await turnsWhileRead(process.execPath)).toBeGreaterThan(await turnsWhileRead(program()));

  async function turnsWhileRead(file: string): Promise<number> {
    let turns = 0;
    let isReading = true;
    const count = () => {
      turns++;
      if (isReading) setImmediate(count);
    };
    await withElf(file, async (elf) => {
      setImmediate(count);
      await elf.symbolAt(0n);
      isReading = false;
    });
    return turns;
  }
});

describe("descriptors are closed", () => {
  test("at once, where the file is no ELF file or no file", async () => {
    const folder = place("folder");
    mkdirSync(folder);
    const text = fileOf("text", Buffer.from("#!/bin/sh\n"));
    for (const path of [text, fileOf("empty", Buffer.alloc(0)), folder, "/dev/null"]) {
      const descriptor = openSync(path, "r");
      expect(isOpen(descriptor, path)).toBe(true);
      expect(await openElf({ descriptor, path })).toBeNull();
      expect(isOpen(descriptor, path)).toBe(false);
    }
  });

  test("by close(), also twice and while symbols are read", async () => {
    const path = process.execPath;
    const descriptor = openSync(path, "r");
    const elf = await openElf({ descriptor, path });
    const answer = elf?.symbolAt(0x1000n);
    expect(isOpen(descriptor, path)).toBe(true);
    elf?.close();
    elf?.close();
    expect(isOpen(descriptor, path)).toBe(false);
    expect(await answer).toBeNull();
    expect(await elf?.allSymbols(1_000_000)).toEqual([]);
  });
});

function isNoPlt({ name }: { name: string }): boolean {
  return !name.endsWith("@plt");
}

function bytesOf(path: string): Buffer {
  return readFileSync(path);
}

/** More sections than 16 bits count: their number, the index of their names and of symbols' sections are extended. */
function manySections(): string {
  const functions = Array.from(
    { length: 66_000 },
    (_, i) => `.section s${i},"ax"\n.globl f${i}\n.type f${i},@function\nf${i}: nop\n.size f${i},1\n`,
  );
  run("as", "-o", place("many.o"), fileOf("many.s", Buffer.from(functions.join(""))));
  run("ld", "-e", "f0", "-o", place("many"), place("many.o"));
  const bytes = bytesOf(place("many"));
  expect([bytes.readUInt16LE(60), bytes.readUInt16LE(62)]).toEqual([0, 0xffff]);
  return place("many");
}

/** As in files with 65,535 program headers or more: PN_XNUM. */
function extendedSegmentCount(): string {
  const bytes = bytesOf(program());
  const count = bytes.readUInt16LE(56);
  bytes.writeUInt16LE(0xffff, 56);
  bytes.writeUInt32LE(count, Number(bytes.readBigUInt64LE(40)) + 44);
  return fileOf("extended-segments", bytes);
}
