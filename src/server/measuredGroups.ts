import type { AddressSpace } from "../memory/addressSpace.ts";
import { KIND_LABELS, type Kind } from "../memory/kind.ts";
import { MEASURES, measured } from "../memory/measure.ts";
import type { Module } from "../memory/module.ts";
import { fileName } from "../memory/modules.ts";
import { printable } from "../memory/names.ts";
import type { Measure } from "../protocol/picture.ts";
import { libraryId } from "./groups.ts";

/** A region by its index, or several. */
export type Entry = number | MeasuredGroup;

/** Of some regions by each measure the sum, and of how many regions it is not known. */
export type Sums = Record<Measure, { sum: number; unknown: number }>;

/** All regions of a target by kind, and those of a kind by module, file or name where several have the same. */
export class MeasuredGroups {
  readonly whole: MeasuredGroup;
  readonly #groups = new Map<string, MeasuredGroup>();
  readonly space: AddressSpace;
  /** By region: what it would stand in if that had others. */
  readonly #parents: MeasuredGroup[] = [];
  readonly #heat: Float64Array | null;

  /** @param heat see {@link measured} */
  constructor(space: AddressSpace, heat: Float64Array | null) {
    this.space = space;
    this.#heat = heat;
    this.whole = this.#group({ id: "process", type: "process", name: "All memory", kind: null, parent: null });
    const { module, path, kind } = space.columns;
    const { length } = space.modules;
    const places = [...space.modules.map(moduleOf), ...space.paths.map(placeOf)];
    // Of 60,000 regions few differ in these: each group is looked up by its id once.
    const known = new Map<number, MeasuredGroup>();
    for (let index = 0; index < space.length; index++) {
      const [own, file] = [module[index] as number, path[index] as number];
      const place = own >= 0 ? own : file >= 0 ? length + file : places.length;
      const key = (kind[index] as number) * (places.length + 1) + place;
      const parent = known.get(key) ?? this.#parentOf(space.kind(index), places[place]);
      known.set(key, parent);
      parent.entries.push(index);
      this.#parents.push(parent);
      for (let each: MeasuredGroup | null = parent; each; each = each.facts.parent) each.count++;
    }
    for (const group of this.#groups.values()) group.entries = group.entries.map(unlessAlone);
  }

  /** The group of an id, while there is one. */
  get(id: string): MeasuredGroup | null {
    return this.#groups.get(id) ?? null;
  }

  /** The smallest group that a region stands in. */
  around(index: number): MeasuredGroup {
    const parent = this.#parents[index] ?? this.whole;
    return (isAlone(parent) && parent.facts.parent) || parent;
  }

  /** Whether the entry is or has the region. */
  holds(entry: Entry, index: number): boolean {
    let group: MeasuredGroup | null = this.around(index);
    while (group && group !== entry) group = group.facts.parent;
    return entry === index || group !== null;
  }

  /** A region by a measure; `null` where that is not known. */
  measured(index: number, measure: Measure): number | null {
    return measured(this.space, index, measure, this.#heat);
  }

  sumsOf(entries: readonly Entry[]): Sums {
    const sums = Object.fromEntries(MEASURES.map((measure) => [measure, { sum: 0, unknown: 0 }])) as Sums;
    for (const measure of MEASURES) {
      const total = sums[measure];
      for (const entry of entries) {
        if (typeof entry === "number") {
          const value = this.measured(entry, measure);
          if (value === null) total.unknown++;
          else total.sum += value;
        } else {
          total.sum += entry.sums[measure].sum;
          total.unknown += entry.sums[measure].unknown;
        }
      }
    }
    return sums;
  }

  valueOf(entry: Entry, measure: Measure): number {
    return typeof entry === "number" ? (this.measured(entry, measure) ?? 0) : entry.sums[measure].sum;
  }

  #parentOf(kind: Kind, place: Place | undefined): MeasuredGroup {
    const id = `kind:${kind}`;
    const group = this.get(id) ?? this.#group({ id, type: "kind", name: KIND_LABELS[kind], kind, parent: this.whole });
    if (!place) return group;
    const idBelow = `module:${kind}:${place.key}`;
    return this.get(idBelow) ?? this.#group({ id: idBelow, type: "module", name: place.name, kind, parent: group });
  }

  #group(facts: GroupFacts): MeasuredGroup {
    const group = new MeasuredGroup(this, facts);
    this.#groups.set(facts.id, group);
    facts.parent?.entries.push(group);
    return group;
  }
}

export interface GroupFacts {
  /** Stays the same from reading to reading. */
  readonly id: string;
  readonly type: "process" | "kind" | "module";
  readonly name: string;
  /** `null` of the whole. */
  readonly kind: Kind | null;
  readonly parent: MeasuredGroup | null;
}

/** What regions of one kind can have in common. */
interface Place {
  readonly key: string;
  readonly name: string;
}

export class MeasuredGroup {
  readonly facts: GroupFacts;
  /** How many regions are in it. */
  count = 0;
  entries: Entry[] = [];
  readonly #groups: MeasuredGroups;
  readonly #ordered = new Map<Measure, readonly Entry[]>();
  #sums: Sums | null = null;

  constructor(groups: MeasuredGroups, facts: GroupFacts) {
    this.#groups = groups;
    this.facts = facts;
  }

  get sums(): Sums {
    this.#sums ??= this.#groups.sumsOf(this.entries);
    return this.#sums;
  }

  /** The entries by a measure, largest first; equal ones by address. */
  ordered(measure: Measure): readonly Entry[] {
    let ordered = this.#ordered.get(measure);
    if (!ordered) {
      const values = Float64Array.from(this.entries, (entry) => this.#groups.valueOf(entry, measure));
      const places = Uint32Array.from(values.keys()).sort(
        (one, other) => (values[other] as number) - (values[one] as number) || one - other,
      );
      ordered = Array.from(places, (place) => this.entries[place] as Entry);
      this.#ordered.set(measure, ordered);
    }
    return ordered;
  }

  /** The entries with these ranks. */
  entriesIn({ from, to }: { readonly from: number; readonly to: number }, measure: Measure): readonly Entry[] {
    return from === 0 && to >= this.entries.length ? this.entries : this.ordered(measure).slice(from, to);
  }
}

function unlessAlone(entry: Entry): Entry {
  return entry instanceof MeasuredGroup && isAlone(entry) ? (entry.entries[0] as number) : entry;
}

/** A group of one region says no more than the region, which stands in its place. */
function isAlone({ facts, count }: MeasuredGroup): boolean {
  return facts.type === "module" && count === 1;
}

function moduleOf(module: Module): Place {
  return { key: libraryId(module), name: printable(module.name) };
}

/** The file or the name that the kernel tells of a region: `[anon:name]`. */
function placeOf(path: string): Place {
  const file = fileName(path);
  return { key: path, name: printable(file.startsWith("[") ? file : file.slice(file.lastIndexOf("/") + 1)) };
}
