/**
 * What it costs to keep a target's past: 60,000 regions, of which some change with each reading: `npm run bench`.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type AddressSpace, READ, WRITE } from "../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../src/memory/addressSpaceBuilder.ts";
import { Past } from "../../src/memory/past.ts";
import { median, printTable } from "./bench.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const REGIONS = 60_000;
const READINGS = 120;

/** Regions as a large process has them; `moved` are those whose numbers differ from reading to reading. */
function spaceAt(reading: number, moved: (index: number) => boolean): AddressSpace {
  const builder = new AddressSpaceBuilder(REGIONS);
  for (let index = 0; index < REGIONS; index++) {
    const start = 0x7f0000000000 + index * 0x20000;
    const resident = ((index * 7919) % 60) + (moved(index) ? reading : 0);
    builder.add(start, start + 0x10000, index % 2 ? READ : READ | WRITE, 0, "00:00", 0, null);
    for (const field of ["rss", "pss", "pssDirty", "privateDirty", "referenced", "anonymous"] as const) {
      builder.setUsage(field, resident);
    }
    builder.setFlags("rd wr mr mw me ac");
  }
  const space = builder.finish();
  space.columns.readAt.fill(1000 * reading);
  return space;
}

const WORKLOADS: Record<string, (reading: number) => (index: number) => boolean> = {
  "nothing but one region": () => (index) => index === 30_000,
  "a twelfth, one after the other": (reading) => (index) => Math.floor(index / 5000) === reading % 12,
  "every hundredth": () => (index) => index % 100 === 0,
  all: () => () => true,
};

const rows = [["what changes", "CPU a reading", "longest turn", "kept", "counted", "heap and buffers", "unpacked in"]];
for (const [name, movedAt] of Object.entries(WORKLOADS)) rows.push([name, ...(await measured(movedAt))]);
process.stdout.write(`${REGIONS.toLocaleString("en")} regions, read ${READINGS} times\n`);
printTable(rows);

async function measured(movedAt: (reading: number) => (index: number) => boolean): Promise<string[]> {
  const past = new Past();
  const times: number[] = [];
  const before = await memory();
  let longest = 0;
  for (let reading = 1; reading <= READINGS; reading++) {
    const space = spaceAt(reading, movedAt(reading));
    const rates = Float64Array.from({ length: REGIONS }, (_, index) => (movedAt(reading)(index) ? 1024 : 0));
    let used = 0;
    let isKept = false;
    let before = processorTime();
    past.addNumbers({ number: reading, space, heat: { rates } }, { time: 1000 * reading, stop: null });
    const keeping = past.readings().then(() => {
      isKept = true;
    });
    while (!isKept) {
      await nextTurn();
      const now = processorTime();
      if (reading > 1) longest = Math.max(longest, now - before);
      used += now - before;
      before = now;
    }
    await keeping;
    if (reading > 1) times.push(used);
  }
  const started = performance.now();
  const kept = await past.readings();
  await kept.at(-2)?.unpack();
  const unpacked = performance.now() - started;
  const held = (await memory()) - before;
  return [
    `${median(times).toFixed(1)} ms`,
    `${longest.toFixed(1)} ms`,
    `${kept.length} of ${READINGS}`,
    mebibytes(past.bytes),
    mebibytes(held),
    `${unpacked.toFixed(0)} ms`,
  ];
}
/** Milliseconds that this thread has run. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Bytes that are in use. */
async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
