/** What it costs to know which region an address of a running process is in: `npm run bench`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { openProcess } from "../../src/linux/process.ts";
import { systemCalls } from "../../src/linux/systemCalls.ts";
import { compile } from "../unit/fixtures.ts";
import { inTurns, printTable } from "./bench.ts";

const SIZES = [1_000, 60_000];
const ROUNDS = 15;
const QUESTIONS = 5_000;

const calls = systemCalls();
const rows = [["regions", "PROCMAP_QUERY", "regionAt", "maps anew", "last reading", "maps / PROCMAP_QUERY"]];
for (const size of SIZES) {
  const child = spawn(compile("vmas.c", "vmas"), [String(size)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const target = openProcess(child.pid as number);
    const space = await target.readMaps();
    // Addresses all over, in no order: a prime is no factor of the number of regions.
    const addresses = Array.from({ length: QUESTIONS }, (_, index) =>
      BigInt(space.columns.start[(index * 7919) % (space.length - 1)] as number),
    );
    const ask = (question: (address: bigint) => unknown) => () => {
      for (const address of addresses) question(address);
    };
    const maps = openSync(`/proc/${child.pid}/maps`, "r");
    const { query, regionAt, anew, last } = await inTurns(ROUNDS, {
      query: ask((address) => calls?.queryMap(maps, address)),
      regionAt: ask((address) => target.regionAt(address)),
      anew: async () => {
        (await target.readMaps()).indexOf(addresses[0] as bigint);
      },
      last: ask((address) => space.indexOf(address)),
    });
    closeSync(maps);
    target.close();
    const each = (time: number) => (time * 1000) / QUESTIONS;
    const isAsked = calls?.hasQueryMap ?? false;
    rows.push([
      space.length.toLocaleString("en"),
      isAsked ? `${each(query).toFixed(2)} µs` : "–",
      isAsked ? `${each(regionAt).toFixed(2)} µs` : "–",
      `${(anew * 1000).toFixed(0)} µs`,
      `${each(last).toFixed(2)} µs`,
      isAsked ? ((anew * 1000) / each(query)).toFixed(0) : "–",
    ]);
  } finally {
    child.kill("SIGKILL");
  }
}
process.stdout.write(
  `One address to its region; medians of ${ROUNDS} rounds. "regionAt" asks by PROCMAP_QUERY as the server does; "last
reading" is a binary search in what was read before, and so no live answer.\n`,
);
printTable(rows);
