/** The commands that look at a process: `map`, `explain`, `watch` and `sharers`. */
import { findSharers } from "../linux/sharers.ts";
import { type Address, parseAddress } from "../memory/address.ts";
import { type Filter, parseFilter } from "../memory/filter.ts";
import type { SymbolSettings } from "../memory/module.ts";
import { filterRegions } from "../memory/regionFilter.ts";
import { totalsOf } from "../memory/totals.ts";
import { explanationJson, mapJson } from "./json.ts";
import { looking } from "./looking.ts";
import { print } from "./output.ts";
import { sharersText } from "./sharersText.ts";
import { explanationText, mapText } from "./text.ts";
import { UsageError } from "./usage.ts";
import { wideText } from "./wideText.ts";

export { pages } from "./pages.ts";
export { counters, watch } from "./watch.ts";

/** `procmem map PID`, of the regions that pass a filter. */
export function map(pid: string | undefined, settings: SymbolSettings, json: boolean, filter: string): Promise<void> {
  const terms = filterOf(filter);
  return looking(pid, settings, async (image) => {
    const space = await image.read("smaps");
    const counters = image.source.readCounters();
    const { identity } = image.source;
    const shown = filterRegions(space, terms);
    const totals = totalsOf(space, shown) ?? { size: 0, rss: 0, pss: 0, uss: 0, swap: 0 };
    if (json) {
      const regions = Array.from(shown, (index) => space.region(index));
      return print(JSON.stringify(mapJson(identity, image.executable, counters, totals, regions)));
    }
    const title = `${identity.command} (${identity.pid})  ${image.executable ?? ""}`;
    print(mapText(title, space, shown, counters, totals));
  });
}

function filterOf(text: string): Filter {
  try {
    return parseFilter(text);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** `procmem map PID --wide` */
export function wideMap(pid: string | undefined, settings: SymbolSettings): Promise<void> {
  return looking(pid, settings, async (_, source) => {
    const { command, pid } = source.identity;
    print(wideText(`${command} (${pid})  ${source.readExecutable() ?? ""}`, await source.readSmapsTable()));
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

function addressesOf(texts: readonly string[]): Address[] {
  if (texts.length === 0) throw new UsageError("No address.");
  return texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new UsageError(`"${text}" is no address: write it as 0x... or in decimal.`);
    return address;
  });
}
