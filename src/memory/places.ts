import type { ModulePlacesMessage, PlacesMessage } from "../protocol/server.ts";
import type { Address } from "./address.ts";
import { sectionAt } from "./modules.ts";
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
      sections: message.sections.map(({ name, address, size }) => ({ name, size, address: BigInt(address) })),
      symbols: tableOf(message.symbols ?? []),
    };
  }

  label(address: Address): string {
    const { startPages, endPages, name, names, module, modules } = this.#regions;
    const page = Number(address >> 12n);
    const index = lastAtOrBelow(startPages, page);
    if (index < 0 || page >= (endPages[index] as number)) {
      const isEnd = index >= 0 && address === BigInt(endPages[index] as number) << 12n;
      const label = names[name[index] as number] as string;
      return unmappedLabel(address, isEnd ? label.slice(0, label.lastIndexOf(" ")) : null);
    }
    const owner = modules[module[index] as number];
    const table = this.#modules[module[index] as number];
    if (owner && table) {
      const link = BigInt.asUintN(64, address - BigInt(owner.bias));
      const section = sectionAt(table.sections, link);
      if (section) return sectionLabel(owner.name, section.name, symbolAt(table.symbols, link));
    }
    return names[name[index] as number] as string;
  }
}

interface ModuleTable {
  readonly sections: readonly { readonly name: string; readonly address: Address; readonly size: number }[];
  readonly symbols: SymbolTable;
}

/** Symbols by address. */
interface SymbolTable {
  readonly starts: BigUint64Array;
  readonly ends: BigUint64Array;
  /** The farthest end of the symbols so far. */
  readonly reach: BigUint64Array;
  readonly names: readonly string[];
}

function tableOf(symbols: readonly { name: string; address: string; size: number }[]): SymbolTable {
  const starts = BigUint64Array.from(symbols, ({ address }) => BigInt(address));
  const ends = BigUint64Array.from(symbols, ({ size }, i) => (starts[i] as bigint) + BigInt(size));
  const reach = ends.slice();
  for (let i = 1; i < reach.length; i++) {
    if ((reach[i - 1] as bigint) > (reach[i] as bigint)) reach[i] = reach[i - 1] as bigint;
  }
  return { starts, ends, reach, names: symbols.map(({ name }) => name) };
}

/** Symbols may lie within others: of those that cover the address the one that begins last. */
function symbolAt(
  { starts, ends, reach, names }: SymbolTable,
  address: Address,
): { name: string; offset: number } | null {
  for (let i = lastAtOrBelow(starts, address); i >= 0 && (reach[i] as bigint) > address; i--) {
    if ((ends[i] as bigint) > address)
      return { name: names[i] as string, offset: Number(address - (starts[i] as bigint)) };
  }
  return null;
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
