/** What it costs the server to say what is at an address: `npm run bench`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { toExplanationMessage } from "../../src/memory/messages.ts";
import { explanationOf } from "../../src/server/explanations.ts";
import { LiveTarget } from "../../src/server/liveTarget.ts";
import { SymbolWorker } from "../../src/symbols/remoteElf.ts";
import { compile } from "../unit/fixtures.ts";
import { median, printTable } from "./bench.ts";

const QUESTIONS = 1000;
const WARM_UP = 100;

/** Addresses that the program prints, by what is there. */
const PLACES = {
  answer: "code, with its symbol",
  numbers: "a variable",
  untouched: "a page that is not in memory",
  text: "text in the heap",
  long_chain: "five pointers in the heap",
  local: "the main stack",
  past_region: "one past a region",
};

const child = spawn(compile("verdicts.c", "verdicts", ["-g", "-O0", "-pthread"]), [], {
  stdio: ["ignore", "pipe", "inherit"],
});
const hoarder = spawn(compile("blocks.c", "blocks", ["-O1", "-pthread"]), ["1", "0", "100000", "100000000"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const crowd = spawn(compile("vmas.c", "vmas"), ["60000"], { stdio: ["ignore", "pipe", "inherit"] });
try {
  const [[output], , blocks] = await Promise.all([
    once(child.stdout, "data"),
    once(crowd.stdout, "data"),
    blocksOfHoarder(),
  ]);
  const addresses = new Map<string, bigint>();
  for (const line of String(output).split("\n")) {
    const [name = "", address = ""] = line.split(" ");
    if (address.startsWith("0x")) addresses.set(name, BigInt(address));
  }
  const rows = [["what is explained", "running", "stopped"]];
  const [ofProgram, ofCrowd] = [await costs(child.pid as number, [...addresses.values()]), await costsOfCrowd()];
  for (const [name, words] of Object.entries(PLACES)) {
    const [running, stopped] = await costs(child.pid as number, [addresses.get(name) ?? 0n]);
    rows.push([words, micros(running), micros(stopped)]);
  }
  rows.push([`all ${addresses.size} places of the program`, micros(ofProgram[0]), micros(ofProgram[1])]);
  const ofBlocks = await costs(hoarder.pid as number, blocks);
  rows.push(["blocks in a heap of 100 MB", micros(ofBlocks[0]), micros(ofBlocks[1])]);
  rows.push(["60,000 regions, one after the other", micros(ofCrowd[0]), micros(ofCrowd[1])]);
  process.stdout.write(
    `Microseconds for one address, from the question to the message, one at a time; medians of ${QUESTIONS}.
A running target's regions are asked for anew where they have changed.\n`,
  );
  printTable(rows);
} finally {
  child.kill("SIGKILL");
  crowd.kill("SIGKILL");
  hoarder.kill("SIGKILL");
}

/** Where the blocks are that it has, in no order. */
async function blocksOfHoarder(): Promise<bigint[]> {
  let text = "";
  while (!text.endsWith("over\n")) text += String((await once(hoarder.stdout, "data"))[0]);
  const blocks = [...text.matchAll(/^used (\w+) \d{1,5}$/gm)].map(([, address]) => BigInt(address as string));
  return blocks.map((_, index) => blocks[(index * 7919) % blocks.length] as bigint);
}

async function costsOfCrowd(): Promise<[number, number]> {
  const symbols = new SymbolWorker();
  const target = new LiveTarget(crowd.pid as number, (file) => symbols.open(file));
  await target.read("regions");
  const { start } = target.revision.space.columns;
  target.close();
  // Addresses all over, in no order.
  return costs(
    crowd.pid as number,
    Array.from({ length: WARM_UP + QUESTIONS }, (_, index) => BigInt(start[(index * 7919) % 60_000] as number)),
  );
}

/** Median microseconds of one explanation, while it runs and while it stands still. */
async function costs(pid: number, places: readonly bigint[]): Promise<[number, number]> {
  const symbols = new SymbolWorker();
  const target = new LiveTarget(pid, (file) => symbols.open(file));
  const ask = async () => {
    const times: number[] = [];
    for (let i = -WARM_UP; i < QUESTIONS; i++) {
      const address = places[(i + WARM_UP) % places.length] as bigint;
      const begun = performance.now();
      toExplanationMessage(await explanationOf(target, address));
      if (i >= 0) times.push((performance.now() - begun) * 1000);
    }
    return median(times);
  };
  try {
    await target.read("regions");
    const running = await ask();
    await target.read("regions", "stop");
    return [running, await ask()];
  } finally {
    target.close();
  }
}

function micros(time: number): string {
  return `${time.toFixed(0)} µs`;
}
