/** `procmem pages`: what the single pages of a process are like. */
import { paging } from "../linux/paging.ts";
import type { Process } from "../linux/process.ts";
import { type Address, parseAddress, toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import type { SymbolSettings } from "../memory/module.ts";
import { toPageDetails, toPagesAnswer } from "../memory/pageMessages.ts";
import { looking } from "./looking.ts";
import { print } from "./output.ts";
import { CELLS_A_LINE, pagesText, pageText } from "./pagesText.ts";
import { NoAnswerError, UsageError } from "./usage.ts";

/**
 * `procmem pages PID RANGE`, or `ADDRESS --page`
 * @param isPage whether all is wanted about the one page that holds the address
 */
export function pages(
  pid: string | undefined,
  range: string | undefined,
  settings: SymbolSettings,
  isPage: boolean,
  json: boolean,
): Promise<void> {
  if (range === undefined) throw new UsageError("No range.");
  const wanted = isPage ? { address: addressOf(range) } : rangeOf(range);
  return looking(pid, settings, async (_, target) => {
    const space = target.pages.wantsNumbers ? await target.readSmaps() : await target.readMaps();
    if (isPage && "address" in wanted) {
      const details = toPageDetails(await target.pages.readPage(space, wanted.address), paging());
      print(json ? JSON.stringify(details) : pageText(details));
    } else {
      await picture(target, space, "end" in wanted ? wanted : regionAt(space, wanted.address), json);
    }
  });
}

interface Range {
  readonly start: Address;
  readonly end: Address;
}

async function picture(target: Process, space: AddressSpace, { start, end }: Range, json: boolean): Promise<void> {
  const reading = await target.pages.readCells(space, start, end, MOST_LINES * CELLS_A_LINE);
  print(json ? JSON.stringify(toPagesAnswer(reading)) : pagesText(reading));
}

/** `0xSTART-0xEND`, `0xSTART+SIZE`, or an address alone. */
function rangeOf(text: string): Range | { readonly address: Address } {
  const [from = "", sign, size] = text.split(/([-+])/, 3);
  const start = addressOf(from);
  if (sign === undefined || size === undefined) return { address: start };
  const end = sign === "-" ? addressOf(size) : start + addressOf(size);
  if (end <= start || end > LAST) throw new UsageError(`"${text}" is no range: its end must be above its start.`);
  return { start, end };
}

function regionAt(space: AddressSpace, address: Address): Range {
  const index = space.indexOf(address);
  if (index < 0) throw new NoAnswerError(`Nothing is mapped at ${toHex(address)}.`);
  return space.region(index);
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new UsageError(`"${text}" is no address: write it as 0x... or in decimal.`);
  return address;
}

/** Of a picture. */
const MOST_LINES = 64;
const LAST = 0xffff_ffff_ffff_ffffn;
