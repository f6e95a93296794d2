/** The commands that look at a process: `map`, `explain`, `watch` and `sharers`. */
import { setTimeout as sleep } from "node:timers/promises";
import { openProcess } from "../linux/process.ts";
import { findSharers } from "../linux/sharers.ts";
import { type Address, parseAddress } from "../memory/address.ts";
import { type Counters, faultRates, NO_FAULTS } from "../memory/counters.ts";
import { TargetImage } from "../memory/image.ts";
import type { SymbolSettings } from "../memory/module.ts";
import { TargetError, type TargetSource } from "../memory/target.ts";
import { totalsOf } from "../memory/totals.ts";
import { openElf } from "../symbols/elfFile.ts";
import { explanationJson, mapJson, sampleJson } from "./json.ts";
import { complain, print } from "./output.ts";
import { sharersText } from "./sharersText.ts";
import { explanationText, mapText, sampleText, WATCH_HEADER } from "./text.ts";
import { numberOf, UsageError } from "./usage.ts";

/** `procmem map PID` */
export function map(pid: string | undefined, settings: SymbolSettings, json: boolean): Promise<void> {
  return looking(pid, settings, async (image) => {
    const space = await image.read("smaps");
    const counters = image.source.readCounters();
    const { identity } = image.source;
    const totals = totalsOf(space) ?? { size: 0, rss: 0, pss: 0, uss: 0, swap: 0 };
    if (json) print(JSON.stringify(mapJson(identity, image.executable, counters, totals, [...space.regions()])));
    else print(mapText(`${identity.command} (${identity.pid})  ${image.executable ?? ""}`, space, counters, totals));
  });
}

/** `procmem explain PID ADDRESS…` */
export function explain(
  pid: string | undefined,
  texts: readonly string[],
  settings: SymbolSettings,
  json: boolean,
): Promise<void> {
  return looking(pid, settings, async (image) => {
    const addresses = addressesOf(texts);
    await image.read("smaps");
    for (const address of addresses) {
      const explanation = await image.explain(address);
      print(json ? JSON.stringify(explanationJson(explanation)) : explanationText(explanation));
    }
  });
}

/** `procmem sharers PID ADDRESS…` */
export function sharers(
  pid: string | undefined,
  texts: readonly string[],
  settings: SymbolSettings,
  json: boolean,
): Promise<void> {
  return looking(pid, settings, async ({ source }) => {
    for (const address of addressesOf(texts)) {
      const answer = await findSharers(source.identity, address);
      print(json ? JSON.stringify(answer) : sharersText(answer));
    }
  });
}

/**
 * `procmem watch PID`
 * @param interval milliseconds between two samples
 * @param count how many samples
 */
export function watch(
  pid: string | undefined,
  settings: SymbolSettings,
  json: boolean,
  interval: number,
  count: number,
): Promise<void> {
  process.on("SIGINT", () => process.exit(0));
  return looking(pid, settings, async ({ source }) => {
    if (!json) print(WATCH_HEADER);
    let before: Counters | null = null;
    const readPss = pssReader(source);
    for (let sample = 0; sample < count; sample++) {
      if (before) await sleep(interval);
      const counters = source.readCounters();
      const rates = before ? faultRates(before, counters) : NO_FAULTS;
      const pss = await readPss();
      print(json ? JSON.stringify(sampleJson(counters, pss, rates)) : sampleText(counters, pss, rates));
      before = counters;
    }
  });
}

/** Reads the PSS; `null` where it may not be read, after saying once why. */
function pssReader(source: TargetSource): () => Promise<number | null> {
  let limited = false;
  return async () => {
    if (limited) return null;
    try {
      return source.readRollup()?.pss ?? totalsOf(await source.readSmaps())?.pss ?? null;
    } catch (error) {
      if (!(error instanceof TargetError && error.problem === "permission")) throw error;
      complain(error.message);
      limited = true;
      return null;
    }
  };
}

/** Runs with the picture of the process, which is closed afterwards. */
async function looking(
  pid: string | undefined,
  settings: SymbolSettings,
  look: (image: TargetImage) => Promise<void>,
): Promise<void> {
  if (pid === undefined) throw new UsageError("No process id.");
  const source = openProcess(numberOf("The process id", pid, 1));
  const image = new TargetImage(source, (file) => openElf(file, settings));
  try {
    await look(image);
  } finally {
    image.close();
  }
}

function addressesOf(texts: readonly string[]): Address[] {
  if (texts.length === 0) throw new UsageError("No address.");
  return texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new UsageError(`"${text}" is no address: write it as 0x... or in decimal.`);
    return address;
  });
}
