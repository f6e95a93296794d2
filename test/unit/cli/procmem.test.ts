import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { KINDS } from "../../../src/memory/kind.ts";
import { compile } from "../fixtures.ts";
import { readPlainly } from "../linux/plainSmaps.ts";
import { end, start, stop } from "../linux/programs.ts";
import { startDemo, startPlaces } from "../memory/images.ts";
import { json, procmem, procmemAs, procmemOn, procmemWithout, startProcmem } from "./procmem.ts";

test("map --json agrees with /proc/PID/maps and smaps in every field of every region", async () => {
  // Linked statically, it shares no library's pages, whose PSS changes with every process that comes and goes.
  const { pid } = await start(compile("demo.c", "demo", ["-static", "-pthread"]));
  await stop(pid);
  // Its source is mapped by other demos, too: where that makes a difference, both are read again.
  for (let attempt = 1; ; attempt++) {
    const plain = readPlainly(readFileSync(`/proc/${pid}/smaps`, "utf8"));
    const { regions } = json("map", pid);
    try {
      expect(regions.map(lineOf).join("")).toBe(readFileSync(`/proc/${pid}/maps`, "utf8"));
      expect(regions.map(usageOf)).toEqual(
        plain.map(({ fields, flags }) => [...NAMES_IN_SMAPS.map((name) => (fields[name] ?? 0) * 1024), flags]),
      );
      return;
    } catch (error) {
      if (attempt === 50) throw error;
    }
  }
});

test("map --json has the fields of the contract, in their order", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const map = json("map", pid);
  expect(Object.keys(map)).toEqual(["target", "time", "totals", "regions"]);
  expect(Object.keys(map.target)).toEqual(["pid", "startTime", "command", "executable"]);
  expect(Object.keys(map.totals)).toEqual(["size", "rss", "pss", "uss", "swap", "minorFaults", "majorFaults"]);
  for (const region of map.regions) {
    expect(Object.keys(region)).toEqual(REGION_FIELDS);
    expect(KINDS).toContain(region.kind);
    expect(region.size).toBe(Number(BigInt(region.end) - BigInt(region.start)));
  }
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  expect(map.target).toMatchObject({ pid, startTime: Number(stat[19]), executable: map.regions[0].path });
  expect(map.totals).toMatchObject({ minorFaults: Number(stat[7]), majorFaults: Number(stat[9]) });
  expect(Math.abs(map.time - Date.now())).toBeLessThan(60_000);
  for (const field of ["size", "rss", "pss", "swap"]) {
    expect(map.totals[field]).toBe(map.regions.reduce((sum: number, region: never) => sum + region[field], 0));
  }
});

test("explain --json tells kind, module, section and symbol of a program's objects", async () => {
  const places = await startPlaces();
  await stop(places.pid);
  const { executable } = json("map", places.pid).target;
  const expected = {
    message: { kind: "rodata", section: ".rodata", symbol: { name: "message", offset: 0, size: 9 } },
    numbers: { kind: "data", section: ".data", symbol: { name: "numbers", offset: 8, size: 16 } },
    zeroes: { kind: "bss", section: ".bss", symbol: { name: "zeroes", offset: 50000, size: 100000 } },
    pointers: { kind: "relro", section: ".data.rel.ro", symbol: { name: "pointers", offset: 8, size: 16 } },
    answer: { kind: "code", section: ".text", symbol: { name: "answer", offset: 0 } },
  };
  const objects = Object.keys(expected);
  const { stdout } = procmem("explain", places.pid, ...objects.map((name) => `${places.address(name)}`), "--json");
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers).toHaveLength(objects.length);
  for (const [index, name] of objects.entries()) {
    const answer = answers[index];
    expect(Object.keys(answer)).toEqual([
      "address",
      "mapped",
      "region",
      "kind",
      "module",
      "section",
      "symbol",
      "source",
      "frames",
      "variable",
      "verdict",
      "stack",
      "block",
      "file",
      "page",
      "alignment",
      "telescope",
      "below",
      "above",
    ]);
    expect(answer).toMatchObject(expected[name as keyof typeof expected]);
    expect(answer).toMatchObject({ address: `0x${places.address(name).toString(16)}`, mapped: true });
    expect(answer.module).toEqual({
      path: executable,
      buildId: expect.stringMatching(/^[0-9a-f]{40}$/),
      bias: expect.stringMatching(/^0x[0-9a-f]+000$/),
    });
    expect(Object.keys(answer.region)).toEqual(REGION_FIELDS);
  }
});

test("explain --json of the tail of a data region says bss, its region data", async () => {
  const places = await startPlaces();
  const answer = json("explain", places.pid, `0x${(places.address("zeroes") - 50000n).toString(16)}`);
  expect(answer).toMatchObject({ kind: "bss", section: ".bss", region: { kind: "data" } });
});

test("explain --json of what is not mapped, and of the last page", async () => {
  const places = await startPlaces();
  const nothing = {
    ...{ mapped: false, region: null, kind: null, module: null, section: null, symbol: null, source: null },
    ...{ frames: [], variable: null, stack: null, block: null, file: null, page: null, telescope: null },
  };
  expect(json("explain", places.pid, "0")).toEqual({
    ...{
      address: "0x0",
      ...nothing,
      alignment: 0,
      below: null,
      above: { name: expect.any(String), distance: expect.any(Number) },
    },
    verdict: { what: "null", offset: 0, sentence: "A null pointer." },
  });
  expect(json("explain", places.pid, "0XFFFFFFFFFFFFFFFF")).toEqual({
    ...{
      address: "0xffffffffffffffff",
      ...nothing,
      alignment: 1,
      below: { name: "[vsyscall]", distance: 0x9ff000 },
      above: null,
    },
    verdict: { what: "kernel", look: { what: "integer", value: -1 }, sentence: expect.stringContaining("MAP_FAILED") },
  });
  expect(json("explain", places.pid, "0xffffffffff600000")).toMatchObject({ mapped: true, kind: "vsyscall" });
});

test("explain says in words what is at an address", async () => {
  const places = await startPlaces();
  const name = json("map", places.pid).target.executable.split("/").at(-1);
  const { stdout } = procmem("explain", places.pid, `${places.address("numbers")}`, 16);
  expect(stdout).toContain(`0x${places.address("numbers").toString(16)}  .data ${name}: numbers+0x8\n`);
  expect(stdout).toMatch(/^ {2}kind +initialised data$/m);
  expect(stdout).toMatch(/^ {2}region +0x[0-9a-f]+-0x[0-9a-f]+ rw-p, 4 KiB, 4 KiB resident$/m);
  expect(stdout).toMatch(/^ {2}module +\/.*, bias 0x[0-9a-f]+000, build-id [0-9a-f]{40}$/m);
  expect(stdout).toMatch(/^ {2}section +\.data\+0x[0-9a-f]+$/m);
  expect(stdout).toMatch(/^ {2}symbol +numbers\+0x8 of 16 B$/m);
  expect(stdout).toMatch(/^ {2}above +.* \.bss, .* away$/m);
  expect(stdout).toMatch(/^ {2}verdict +Fine to read and write, not to execute\.$/m);
  expect(stdout).toMatch(/^ {2}file +\/.*, offset 0x[0-9a-f]+$/m);
  expect(stdout).toMatch(/^ {2}holds +0x400000003 \(17179869187\)$/m);
  expect(stdout).toMatch(/^ {2}page +in memory, anonymous, of this process alone$/m);
  expect(stdout).toMatch(/^ {2}aligned +to \d+ bytes$/m);
  expect(stdout).toContain("0x10  not mapped: 0x10 past null\n");
});

test("explain tells the source line of code, and the variable of data", async () => {
  const source = join(import.meta.dirname, "../../fixtures/places/places.c");
  const lineOf = (text: string) => readFileSync(source, "utf8").split("\n").indexOf(text) + 1;
  const places = await startPlaces();
  const line = lineOf("int answer(void) { return 42; }");
  const code = json("explain", places.pid, `${places.address("answer")}`);
  expect(code).toMatchObject({ variable: null, source: { file: source, line } });
  expect(code.frames).toEqual([{ function: "answer", file: source, line, column: expect.any(Number) }]);
  const data = json("explain", places.pid, `${places.address("pointers")}`);
  const declared = { file: source, line: lineOf("const char *const pointers[] = {message, message + 1};") };
  expect(data).toMatchObject({ frames: [], source: declared });
  expect(data.variable).toEqual({ name: "pointers", type: "const char *const[2]", size: 16, ...declared });
  const { stdout } = procmem("explain", places.pid, `${places.address("answer")}`, `${places.address("pointers")}`);
  expect(stdout).toMatch(new RegExp(`^ {2}code +answer at ${source}:${line}:\\d+$`, "m"));
  expect(stdout).toMatch(/^ {2}variable +pointers: const char \*const\[2\], 16 B, declared at .*places\.c:\d+:\d+$/m);
});

test("map prints a line for each region, in columns, and the totals", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const { stdout, status } = procmem("map", pid);
  const [title, header, ...lines] = stdout.trimEnd().split("\n");
  const totals = lines.pop();
  const maps = readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n");
  expect(status).toBe(0);
  expect(title).toContain(`(${pid})`);
  expect(header?.split(/ +/)).toEqual(["ADDRESS", "PERM", "SIZE", "RSS", "PSS", "DIRTY", "SWAP", "KIND", "NAME"]);
  expect(lines.map((line) => line.split(/ +/).slice(0, 2))).toEqual(maps.map((line) => line.split(" ").slice(0, 2)));
  const column = header?.indexOf("KIND") ?? 0;
  expect(lines.every((line) => KINDS.some((kind) => line.slice(column).startsWith(`${kind} `)))).toBe(true);
  expect(totals).toMatch(/^\d+ regions: size .*, RSS .*, PSS .*, USS .*, swap 0 B; \d+ minor and \d+ major faults$/);
});

test("map --filter lists what passes, with the totals of that, and tells a mistake as wrong usage", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  const all = json("map", pid).regions as { kind: string; start: string; size: number }[];
  const expected = all.filter(({ kind, size }) => kind !== "file" && size > 4096);
  const { regions, totals } = json("map", pid, "--filter=-kind=file size>4K");
  const starts = (of: { start: string }[]) => of.map(({ start }) => start);
  expect(starts(regions)).toEqual(starts(expected));
  expect(totals.size).toBe(expected.reduce((sum, { size }) => sum + size, 0));
  expect(procmem("map", pid, "--filter", "kind:heap").stdout).toContain(`\n1 of ${all.length} regions: `);
  expect(procmem("map", pid, "--filter", "rss>x")).toMatchObject({ status: 2, stdout: "" });
  expect(procmem("map", pid, "--filter", "rss>x").stderr).toContain("“x” is no number");
});

test("watch --json has a line a sample, with the faults since the one before", async () => {
  const { pid } = await start("python3", [
    "-uc",
    "import mmap, time\nprint('ready')\nwhile True:\n  m = mmap.mmap(-1, 1 << 22)\n  for i in range(0, 1 << 22, 4096): m[i] = 1\n  time.sleep(0.02)",
  ]);
  const { stdout, status } = procmem("watch", pid, "--interval", 100, "--count", 4, "--json");
  const samples = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(status).toBe(0);
  expect(samples).toHaveLength(4);
  for (const [index, sample] of samples.entries()) {
    expect(Object.keys(sample)).toEqual(SAMPLE_FIELDS);
    expect(sample.rss).toBeGreaterThan(1 << 20);
    expect(sample.pss).toBeGreaterThan(1 << 20);
    if (index === 0) {
      expect(sample.minorFaultRate).toBe(0);
      continue;
    }
    const before = samples[index - 1];
    const seconds = (sample.time - before.time) / 1000;
    expect(sample.minorFaults).toBeGreaterThan(before.minorFaults);
    expect(sample.minorFaultRate).toBeCloseTo((sample.minorFaults - before.minorFaults) / seconds, 5);
  }
});

test("watch prints a header and a line a sample, and ends cleanly with Ctrl-C", async () => {
  const { pid } = await startDemo();
  const watch = startProcmem(["watch", pid, "--interval", 20]);
  let output = "";
  watch.stdout.on("data", (text) => {
    output += text;
  });
  while (output.split("\n").length < 5) await sleep(10);
  watch.kill("SIGINT");
  const [code, signal] = await once(watch, "close");
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  const [header, ...lines] = output.trimEnd().split("\n");
  expect(header?.trim().split(/ +/)).toEqual([
    ...["TIME", "RSS", "PSS", "USS", "SWAP", "MINOR", "MAJOR", "MINOR/S", "MAJOR/S", "CHILD/S", "STATE"],
  ]);
  for (const line of lines) expect(line).toHaveLength(header?.length ?? 0);
});

test("watch ends with a sentence when the process does", async () => {
  const running = await startDemo();
  const watch = startProcmem(["watch", running.pid, "--interval", 20]);
  let errors = "";
  watch.stderr.on("data", (text) => {
    errors += text;
  });
  await once(watch.stdout, "data");
  await end(running);
  const [code] = await once(watch, "close");
  expect(code).toBe(1);
  expect(errors).toMatch(/^procmem: Process \d+ \(.*\) has ended\b.*\n$/);
});

test("a reader that has had enough ends it without a word", async () => {
  const { pid } = await start(compile("vmas.c", "vmas"), ["5000"]);
  const map = startProcmem(["map", pid]);
  let errors = "";
  map.stderr.on("data", (text) => {
    errors += text;
  });
  map.stdout.once("data", () => map.stdout.destroy());
  const [code, signal] = await once(map, "exit");
  expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: "" });
});

test.each([
  [["map"], "No process id."],
  [["map", "1x"], 'The process id is a whole number from 1, not "1x".'],
  [["map", "0"], "The process id is a whole number from 1"],
  [["map", "1", "2"], '"2" is one argument too many.'],
  [["explain", "1"], "No address."],
  [["explain", "1", "0xghi"], '"0xghi" is no address'],
  [["explain", "1", "0x10000000000000000"], "is no address"],
  [["watch", "1", "--interval", "0"], "--interval is a whole number from 1"],
  [["watch", "1", "--count", "many"], '--count is a whole number from 1, not "many".'],
  [["watch", "1", "--colour"], "--colour"],
  [["look", "1"], '"look" is no command.'],
  [[], "No command."],
])("wrong usage is said in a sentence, with exit code 2: procmem %j", (args, sentence) => {
  const { stdout, stderr, status } = procmem(...args);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(sentence);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("a process that is not there is said in a sentence, with exit code 1", async () => {
  const running = await startDemo();
  await end(running);
  for (const args of [["map"], ["explain"], ["watch"]]) {
    const { stdout, stderr, status } = procmem(
      ...args,
      running.pid,
      ...(args[0] === "explain" ? ["0x10"] : []),
      "--json",
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(`^procmem: There is no process ${running.pid}\\b.*\\.\n$`),
    });
  }
});

test("a zombie is said in a sentence", async () => {
  const { output } = await start(compile("zombie.c", "threads"));
  const zombie = Number(/\d+/.exec(output)?.[0]);
  expect(procmem("map", zombie)).toMatchObject({ status: 1, stderr: expect.stringContaining("is a zombie") });
});

// In a container of one's own there are none.
test.runIf(existsSync("/proc/2/comm") && readFileSync("/proc/2/comm", "utf8") === "kthreadd\n")(
  "a kernel thread is said in a sentence",
  () => {
    expect(procmem("map", 2)).toMatchObject({ status: 1, stderr: expect.stringContaining("is a kernel thread") });
  },
);

test.runIf(process.getuid?.() === 0)("a kernel without smaps_rollup is summed from smaps", async () => {
  const { pid } = await startDemo();
  await stop(pid);
  expect(procmemWithout("nothing", pid, "watch", pid, "--count", 1, "--json").stderr).toBe("");
  const { stdout, stderr, status } = procmemWithout("smaps_rollup", pid, "watch", pid, "--count", 1, "--json");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const { rss, pss } = JSON.parse(stdout);
  expect(pss).toBeGreaterThan(0);
  expect(pss).toBeLessThanOrEqual(rss);
});

test.each(["darwin", "win32"])("on %s it says plainly that targets must be Linux", (platform) => {
  const { stdout, stderr, status } = procmemOn(platform, "map", process.pid);
  expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  expect(stderr).toContain("Linux");
});

test.runIf(process.getuid?.() === 0)("of another user's process only the counters are shown, and why", async () => {
  const { pid } = await startDemo();
  const nobody = { uid: 65534, gid: 65534 };
  const map = procmemAs(nobody, "map", pid);
  expect(map).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("belongs to another user") });
  const watch = procmemAs(nobody, "watch", pid, "--count", 2, "--interval", 10, "--json");
  expect(watch.status).toBe(0);
  const samples = watch.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(samples).toHaveLength(2);
  for (const sample of samples) {
    expect(sample.pss).toBeNull();
    expect(sample.rss).toBeGreaterThan(0);
    expect(sample.minorFaults).toBeGreaterThan(0);
  }
  expect(watch.stderr.match(/belongs to another user/g)).toHaveLength(1);
});

test("--help and --version", () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
  expect(procmem("--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
  const { stdout, status } = procmem("--help");
  expect(status).toBe(0);
  for (const word of [
    "map PID",
    "explain PID ADDRESS",
    "watch PID",
    "counters PID",
    "symbols FILE",
    "sections FILE",
    "--json",
  ]) {
    expect(stdout).toContain(word);
  }
});

const SAMPLE_FIELDS = [
  ...["time", "rss", "pss", "minorFaults", "majorFaults", "minorFaultRate", "majorFaultRate", "command", "state"],
  ...["vsz", "shared", "uss", "swap", "childMinorFaults", "childMajorFaults", "childMinorFaultRate"],
  ...["childMajorFaultRate", "status", "hugePages", "lockedPss"],
];

const REGION_FIELDS = [
  ...["start", "end", "permissions", "fileOffset", "device", "inode", "path", "kind", "module", "size", "rss", "pss"],
  ...["sharedClean", "sharedDirty", "privateClean", "privateDirty", "referenced", "anonymous", "swap", "swapPss"],
  ...["locked", "flags"],
];

const NAMES_IN_SMAPS = [
  ...["Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced", "Anonymous"],
  ...["Swap", "SwapPss", "Locked"],
];

interface RegionJson extends Record<string, unknown> {
  start: string;
  end: string;
  permissions: string;
  fileOffset: number;
  device: string;
  inode: number;
  path: string | null;
}

/** The numbers in the order of {@link NAMES_IN_SMAPS}, and the flags. */
function usageOf(region: RegionJson): unknown[] {
  return REGION_FIELDS.slice(REGION_FIELDS.indexOf("rss")).map((field) => region[field]);
}

/** A region as /proc/PID/maps has it. */
function lineOf({ start, end, permissions, fileOffset, device, inode, path }: RegionJson): string {
  const hexadecimal = (number: string | number, width: number) => BigInt(number).toString(16).padStart(width, "0");
  const fields = `${hexadecimal(start, 8)}-${hexadecimal(end, 8)} ${permissions} ${hexadecimal(fileOffset, 8)} ${device} ${inode} `;
  return `${path === null ? fields : fields.padEnd(73) + path}\n`;
}
