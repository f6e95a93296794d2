/** The model in the shapes of the protocol: addresses as strings, numbers as they are. */
import type { ExplanationMessage, ModulePlacesMessage, PlacesMessage, Row } from "../protocol/server.ts";
import { type Address, type HexAddress, toHex } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { blockPlace } from "./block.ts";
import type { Explanation } from "./explanation.ts";
import { type ElfSource, type ElfSymbol, extentOf, type Section } from "./module.ts";
import { sectionsInMemory } from "./modules.ts";
import { regionLabel } from "./names.ts";
import type { Region } from "./region.ts";
import { telescopeMessage } from "./telescope.ts";
import { verdictSentence } from "./verdict.ts";

const PAGE = 4096;

/** @param time of a moment of the past when the regions were read, in milliseconds since the epoch */
export function toExplanationMessage(explanation: Explanation, time: number | null = null): ExplanationMessage {
  const { address, kind, region, name, module, section, symbol, below, above } = explanation;
  const { verdict, stack, block, file, frames, variable, source, page, alignment, telescope } = explanation;
  return {
    address: toHex(address),
    time,
    verdict: { ...verdict, sentence: verdictSentence(verdict) },
    kind,
    region: region && {
      ...rowOf(region, name ?? "", time ?? Date.now()),
      thread: region.thread,
      fileOffset: region.fileOffset,
    },
    stack,
    block: block && blockPlace(block, address),
    file,
    module: module && { ...module, bias: toHex(module.bias) },
    section,
    symbol,
    frames: [...frames],
    variable: variable && { name: variable.name, type: variable.type, size: variable.size, source: variable.source },
    source,
    page,
    alignment,
    telescope: telescope && telescopeMessage(telescope),
    below,
    above,
  };
}

/** `dirty` is Shared_Dirty + Private_Dirty. */
function rowOf(
  { start, end, size, usage, readAt, permissions, kind, path }: Region,
  name: string,
  now = Date.now(),
): Row {
  return {
    start: toHex(start),
    end: toHex(end),
    size,
    rss: usage?.rss ?? null,
    pss: usage?.pss ?? null,
    dirty: usage && usage.sharedDirty + usage.privateDirty,
    swap: usage?.swap ?? null,
    age: readAt === null ? null : Math.max(0, now - readAt),
    permissions,
    kind,
    name,
    path,
  };
}

export function toPlacesMessage(space: AddressSpace, revision: number): PlacesMessage {
  const names: string[] = [];
  const indexes = new Map<string, number>();
  const { start, end, module } = space.columns;
  return {
    revision,
    startPages: Array.from(start, (address) => address / PAGE),
    endPages: Array.from(end, (address) => address / PAGE),
    name: Array.from(start, (_, index) => {
      const label = regionLabel(space, index);
      const known = indexes.get(label);
      if (known !== undefined) return known;
      indexes.set(label, names.length);
      return names.push(label) - 1;
    }),
    names,
    module: [...module],
    modules: space.modules.map(({ path, name, bias, layout }) => ({
      path,
      name,
      bias: toHex(bias),
      buildId: layout.buildId,
    })),
  };
}

/**
 * A module's sections, and its symbols where there are no more than `limit`, such that of those that cover an address the
 * one that begins last is the one that `symbolAt` gives: symbols without a size are sent with the stretch they stand for,
 * those that never answer are left out.
 */
export async function toModulePlaces(elf: ElfSource, limit: number): Promise<ModulePlacesMessage> {
  const all = await elf.allSymbols(limit);
  return {
    sections: sectionsInMemory(elf.layout).map(wire),
    symbols: all && (await answering(elf, all)).map(wire),
  };
}

async function answering(elf: ElfSource, all: readonly ElfSymbol[]): Promise<ElfSymbol[]> {
  // All are asked at once: an answer may come from another thread.
  const symbols: Promise<ElfSymbol | null>[] = [];
  for (let first = 0, next = 0; first < all.length; first = next) {
    const symbol = all[first] as ElfSymbol;
    while (next < all.length && (all[next] as ElfSymbol).address === symbol.address) next++;
    const isPlain = next === first + 1 && symbol.size > 0;
    symbols.push(isPlain ? Promise.resolve(symbol) : bestAt(elf, symbol.address));
  }
  return (await Promise.all(symbols)).filter((symbol) => symbol !== null);
}

/** The symbol that answers at an address where some begin; `null` where it is none of those. */
async function bestAt(elf: ElfSource, address: Address): Promise<ElfSymbol | null> {
  const best = await elf.symbolAt(address);
  return best?.address === address ? { ...best, size: extentOf(best) || 1 } : null;
}

function wire({ name, address, size }: Section | ElfSymbol): { name: string; address: HexAddress; size: number } {
  return { name, address: toHex(address), size };
}
