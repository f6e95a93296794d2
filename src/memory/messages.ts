/** The model in the shapes of the protocol: addresses as strings, numbers as they are. */
import type { ExplanationMessage, ModulePlacesMessage, PlacesMessage, Row } from "../protocol/server.ts";
import { type HexAddress, toHex } from "./address.ts";
import { type AddressSpace, permissionLetters } from "./addressSpace.ts";
import type { Explanation } from "./explanation.ts";
import type { ElfSource } from "./module.ts";
import { regionLabel, regionName } from "./names.ts";

const PAGE = 4096;

/** A row of the region table. `dirty` is Shared_Dirty + Private_Dirty. */
export function toRow(space: AddressSpace, index: number): Row {
  const { start, end, permissions } = space.columns;
  return {
    start: hexOf(start[index] as number),
    end: hexOf(end[index] as number),
    size: space.size(index),
    rss: space.usageOf(index, "rss"),
    pss: space.usageOf(index, "pss"),
    dirty: dirtyOf(space, index),
    swap: space.usageOf(index, "swap"),
    permissions: permissionLetters(permissions[index] as number),
    kind: space.kind(index),
    name: regionName(space, index),
    path: space.path(index),
  };
}

/** Bytes that were written and not yet back in their file; `null` where smaps has not been read. */
export function dirtyOf(space: AddressSpace, index: number): number | null {
  const shared = space.usageOf(index, "sharedDirty");
  const own = space.usageOf(index, "privateDirty");
  return shared === null || own === null ? null : shared + own;
}

/** `space` is the one that was explained. */
export function toExplanationMessage(explanation: Explanation, space: AddressSpace): ExplanationMessage {
  const { address, kind, region, module, section, symbol, source, below, above } = explanation;
  return {
    address: toHex(address),
    kind,
    region: region && {
      ...toRow(space, space.indexOf(address)),
      thread: region.thread,
      fileOffset: region.fileOffset,
    },
    module: module && { ...module, bias: toHex(module.bias) },
    section,
    symbol,
    source,
    below,
    above,
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

/** A module's sections, and its symbols where there are no more than `limit`. */
export async function toModulePlaces(elf: ElfSource, limit: number): Promise<ModulePlacesMessage> {
  const symbols = await elf.allSymbols(limit);
  return {
    sections: elf.layout.sections
      .filter((section) => !(section.threadLocal && section.noBits))
      .map(({ name, address, size }) => ({ name, address: toHex(address), size })),
    symbols: symbols?.map(({ name, address, size }) => ({ name, address: toHex(address), size })) ?? null,
  };
}

function hexOf(address: number): HexAddress {
  return toHex(BigInt(address));
}
