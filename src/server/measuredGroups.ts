import type { AddressSpace } from "../memory/addressSpace.ts";
import { KIND_LABELS, type Kind } from "../memory/kind.ts";
import { MEASURES, measured } from "../memory/measure.ts";
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
    const named = space.modules.map((module) => ({ key: libraryId(module), name: module.name }));
    for (let index = 0; index < space.length; index++) {
      const kind = space.kind(index);
      const group = this.#kind(kind);
      const place = named[space.columns.module[index] as number] ?? placeOf(space.path(index));
      const parent = place ? this.#module(group, kind, place) : group;
      parent.entries.push(index);
      this.#parents.push(parent);
      for (let each: MeasuredGroup | null = parent; each; each = each.facts.parent) each.members.push(index);
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

  /** A region by a measure; `null` where that is not known. */
  measured(index: number, measure: Measure): number | null {
    return measured(this.space, index, measure, this.#heat);
  }

  sumsOf(members: readonly number[]): Sums {
    const sums = Object.fromEntries(MEASURES.map((measure) => [measure, { sum: 0, unknown: 0 }])) as Sums;
    for (const index of members) {
      for (const measure of MEASURES) {
        const value = this.measured(index, measure);
        if (value === null) sums[measure].unknown++;
        else sums[measure].sum += value;
      }
    }
    return sums;
  }

  valueOf(entry: Entry, measure: Measure): number {
    return typeof entry === "number" ? (this.measured(entry, measure) ?? 0) : entry.sums[measure].sum;
  }

  #kind(kind: Kind): MeasuredGroup {
    const id = `kind:${kind}`;
    return this.get(id) ?? this.#group({ id, type: "kind", name: KIND_LABELS[kind], kind, parent: this.whole });
  }

  #module(parent: MeasuredGroup, kind: Kind, { key, name }: { key: string; name: string }): MeasuredGroup {
    const id = `module:${kind}:${key}`;
    return this.get(id) ?? this.#group({ id, type: "module", name, kind, parent });
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

export class MeasuredGroup {
  readonly facts: GroupFacts;
  /** All its regions, in address order. */
  readonly members: number[] = [];
  entries: Entry[] = [];
  readonly #groups: MeasuredGroups;
  readonly #ordered = new Map<Measure, readonly Entry[]>();
  #sums: Sums | null = null;

  constructor(groups: MeasuredGroups, facts: GroupFacts) {
    this.#groups = groups;
    this.facts = facts;
  }

  get sums(): Sums {
    this.#sums ??= this.#groups.sumsOf(this.members);
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

  /** The regions of the entries with these ranks. */
  membersIn({ from, to }: { readonly from: number; readonly to: number }, measure: Measure): readonly number[] {
    if (from === 0 && to >= this.entries.length) return this.members;
    return this.ordered(measure)
      .slice(from, to)
      .flatMap((entry) => (entry instanceof MeasuredGroup ? entry.members : entry));
  }
}

function unlessAlone(entry: Entry): Entry {
  return entry instanceof MeasuredGroup && isAlone(entry) ? (entry.members[0] as number) : entry;
}

/** A group of one region says no more than the region, which stands in its place. */
function isAlone({ facts, members }: MeasuredGroup): boolean {
  return facts.type === "module" && members.length === 1;
}

/** The file or the name that the kernel tells of a region: `[anon:name]`. */
function placeOf(path: string | null): { key: string; name: string } | null {
  if (path === null) return null;
  const file = fileName(path);
  return { key: path, name: printable(file.startsWith("[") ? file : file.slice(file.lastIndexOf("/") + 1)) };
}
