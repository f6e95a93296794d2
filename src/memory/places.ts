import type { ModulePlacesMessage, PlacesMessage } from "../protocol/server.ts";
import { type Address, parseAddress } from "./address.ts";
import { sectionLabel, unmappedLabel } from "./names.ts";

/**
 * The regions of a stopped target, and its modules' sections and symbols as they arrive, so that "what is at this
 * address?" is answered at once, in the words of {@link placeLabel}. It knows less than the server's answer only where a
 * module's symbols were too many to be sent.
 */
export class Places {
  readonly #regions: PlacesMessage;
  readonly #modules: (ModuleTable | undefined)[] = [];

  constructor(message: PlacesMessage) {
    this.#regions = message;
  }

  /** Adds the sections and symbols of `modules[index]` of the message. */
  addModule(index: number, message: ModulePlacesMessage): void {
    this.#modules[index] = {
      sections: tableOf(message.sections),
      symbols: tableOf(message.symbols ?? []),
    };
  }

  label(address: Address): string {
    const { startPages, endPages, name, names, module, modules } = this.#regions;
    const page = Number(address >> 12n);
    const index = lastAtOrBelow(startPages, page);
    if (index < 0 || page >= (endPages[index] as number)) return unmappedLabel(address);
    const owner = modules[module[index] as number];
    const table = this.#modules[module[index] as number];
    if (owner && table) {
      const link = BigInt.asUintN(64, address - (parseAddress(owner.bias) ?? 0n));
      const section = find(table.sections, link);
      if (section) {
        const symbol = findInnermost(table.symbols, link);
        return sectionLabel(
          owner.name,
          section.name,
          symbol && { name: symbol.name, offset: Number(link - symbol.start) },
        );
      }
    }
    return names[name[index] as number] as string;
  }
}

interface ModuleTable {
  readonly sections: Table;
  readonly symbols: Table;
}

/** Stretches by address; `reach` is the farthest end of a stretch and all before it. */
interface Table {
  readonly starts: BigUint64Array;
  readonly ends: BigUint64Array;
  readonly reach: BigUint64Array;
  readonly names: readonly string[];
}

interface Stretch {
  readonly name: string;
  readonly start: Address;
}

function tableOf(stretches: readonly { name: string; address: string; size: number }[]): Table {
  const sorted = stretches
    .map(({ name, address, size }) => ({ name, start: parseAddress(address) ?? 0n, size: BigInt(size) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const starts = BigUint64Array.from(sorted, ({ start }) => start);
  const ends = BigUint64Array.from(sorted, ({ start, size }) => start + size);
  const reach = ends.slice();
  for (let i = 1; i < reach.length; i++) {
    if ((reach[i - 1] as bigint) > (reach[i] as bigint)) reach[i] = reach[i - 1] as bigint;
  }
  return { starts, ends, reach, names: sorted.map(({ name }) => name) };
}

function find(table: Table, address: Address): Stretch | null {
  const index = lastAtOrBelow(table.starts, address);
  if (index < 0 || address >= (table.ends[index] as bigint)) return null;
  return { name: table.names[index] as string, start: table.starts[index] as bigint };
}

/** Symbols may lie within others: the smallest that covers the address, the later of equals. */
function findInnermost(table: Table, address: Address): Stretch | null {
  let best = -1;
  let bestSize = 0n;
  for (let i = lastAtOrBelow(table.starts, address); i >= 0 && (table.reach[i] as bigint) > address; i--) {
    const size = (table.ends[i] as bigint) - (table.starts[i] as bigint);
    if ((table.ends[i] as bigint) <= address || (best >= 0 && size >= bestSize)) continue;
    best = i;
    bestSize = size;
  }
  return best < 0 ? null : { name: table.names[best] as string, start: table.starts[best] as bigint };
}

function lastAtOrBelow<Value extends number | bigint>(sorted: ArrayLike<Value>, value: Value): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as Value) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
