/** The blocks of real programs, compared with what the programs say of them. */
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { expect, test } from "vitest";
import { Malloc } from "../../../src/heap/malloc.ts";
import type { Address } from "../../../src/memory/address.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import type { Block } from "../../../src/memory/block.ts";
import { compile } from "../fixtures.ts";
import { open, start, stop } from "../linux/programs.ts";

interface Told {
  readonly isUsed: boolean;
  readonly address: Address;
  readonly size: number;
}

interface Looked {
  readonly pid: number;
  readonly space: AddressSpace;
  readonly blockAt: (address: Address) => Promise<Block | null>;
}

/** A process that stands still. */
async function look(pid: number): Promise<Looked> {
  await stop(pid);
  const target = open(pid);
  const space = await target.readMaps();
  const malloc = new Malloc(target);
  return { pid, space, blockAt: (address) => malloc.blockAt(space, address) };
}

/** Starts test/fixtures/blocks, waits until it has said all, and stops it. */
async function lookAtBlocks(...args: number[]): Promise<Looked & { told: Told[] }> {
  const program = compile("blocks.c", "blocks", ["-O1", "-pthread"]);
  const { pid, child, output } = await start(program, args.map(String));
  let text = output;
  while (!text.endsWith("over\n")) text += String((await once(child.stdout, "data"))[0]);
  const told = text
    .split("\n")
    .slice(0, -2)
    .map((line) => {
      const [what, address = "", size] = line.split(" ");
      return { isUsed: what === "used", address: BigInt(address), size: Number(size) };
    });
  return { ...(await look(pid)), told };
}

test.each([
  { threads: 0, seed: 1 },
  { threads: 0, seed: 2 },
  { threads: 3, seed: 3 },
  { threads: 12, seed: 4 },
])(
  "each block is found, and whether it is used: $threads threads, seed $seed",
  { timeout: 60_000 },
  async ({ threads, seed }) => {
    const { told, space, blockAt } = await lookAtBlocks(seed, threads);
    const asked = told.filter(({ address }, index) => space.indexOf(address) >= 0 && index % (1 + threads) === 0);
    const wrong: unknown[] = [];
    let unknown = 0;
    for (const [index, { isUsed, address, size }] of asked.entries()) {
      const offset = [0, Math.floor(size / 2), size - 1, size][isUsed ? index % 4 : 0] as number;
      const block = await blockAt(address + BigInt(offset));
      const isRight = isUsed
        ? block?.start === address && block.size === size && block.state !== "freed" && block.state !== "unused"
        : block?.state !== "used";
      // A mapping of its own that realloc has made small is none for certain.
      if (block === null ? isUsed && size > 2 * 65536 : !isRight) wrong.push({ isUsed, address, size, block });
      if (!block?.state) unknown++;
    }
    expect(wrong).toEqual([]);
    expect(asked.length).toBeGreaterThan(500);
    expect(unknown / asked.length).toBeLessThan(threads === 0 ? 0.01 : 0.2);
  },
);

test("a block far into a large heap is found, if not at once", { timeout: 60_000 }, async () => {
  const { told, blockAt } = await lookAtBlocks(5, 0, 200_000, 300_000_000);
  const { address, size } = told.findLast((each) => each.isUsed && each.size < 100_000) as Told;
  await expect
    .poll(() => blockAt(address + 8n), { timeout: 30_000 })
    .toMatchObject({ start: address, size, state: "used" });
});

test("the heap's end is handed out to nobody, and its beginning is malloc's own", async () => {
  const { space, blockAt } = await lookAtBlocks(6, 0, 100);
  const heap = space.columns.path.indexOf(space.paths.indexOf("[heap]"));
  const { start: first, end } = space.region(heap);
  expect(await blockAt(end - 1n)).toMatchObject({ state: "unused" });
  expect(await blockAt(first + 16n)).toMatchObject({ start: first + 16n, size: 648, state: "own" });
  expect(await blockAt(first)).toBeNull();
});

test("what is not malloc's has no block", async () => {
  const script = `import ctypes, mmap, time
anonymous = mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
object, buffer = [1], ctypes.create_string_buffer(5000)
places = [id(object), ctypes.addressof(ctypes.c_char.from_buffer(anonymous)), ctypes.addressof(buffer)]
print(*map(hex, places), flush=True)
time.sleep(600)
`;
  const { pid, output } = await start("python3", ["-c", script]);
  const [object, anonymous, buffer] = output.trim().split(" ").map(BigInt) as [Address, Address, Address];
  const { space, blockAt } = await look(pid);
  // Small objects are cut of Python's own arenas.
  expect(await blockAt(object)).toBeNull();
  expect(await blockAt(anonymous)).toBeNull();
  expect(await blockAt(buffer)).toMatchObject({ state: "used" });
  for (const name of ["[stack]", "[vdso]", "[vvar]"]) {
    const index = space.columns.path.indexOf(space.paths.indexOf(name));
    if (index >= 0) expect(await blockAt(space.region(index).start + 64n)).toBeNull();
  }
  expect(await blockAt(0n)).toBeNull();
  expect(await blockAt(0xffff_ffff_ff60_0000n)).toBeNull();
});

test("behind a damaged size nothing is found", async () => {
  const { pid, told, blockAt } = await lookAtBlocks(7, 0, 1000);
  const used = told.filter(({ isUsed, size }) => isUsed && size < 50_000);
  const [before, damaged, behind] = [10, 20, 30].map((index) => used[index]) as [Told, Told, Told];
  const memory = openSync(`/proc/${pid}/mem`, "r+");
  writeSync(memory, Buffer.alloc(8, 0x41), 0, 8, Number(damaged.address - 8n));
  closeSync(memory);
  expect(await blockAt(before.address)).toMatchObject({ state: "used" });
  expect(await blockAt(damaged.address)).toBeNull();
  expect(await blockAt(behind.address)).toBeNull();
});

test("no page comes into memory by being looked at", async () => {
  const script = `import ctypes, time
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.calloc.restype = ctypes.c_void_p
libc.mallopt(-3, 1 << 30)
untouched = libc.calloc(1, 50 << 20)
behind = libc.malloc(1000)
print(hex(untouched), hex(behind), flush=True)
time.sleep(600)
`;
  const { pid, output } = await start("python3", ["-c", script]);
  const [untouched, behind] = output.trim().split(" ").map(BigInt) as [Address, Address];
  const { blockAt } = await look(pid);
  const pages = () => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const before = pages();
  expect(await blockAt(untouched + 1_000_000n)).toMatchObject({ start: untouched, state: "used" });
  expect(await blockAt(behind)).toMatchObject({ start: behind, state: "used" });
  expect(pages()).toBe(before);
});
