import { AddressSpace, type Columns, NOT_READ, PAGES_ONLY } from "./addressSpace.ts";
import { KINDS } from "./kind.ts";
import { USAGE_FIELDS, type UsageField } from "./region.ts";

/**
 * Collects the regions of a target, in address order, into the columns of an {@link AddressSpace}. The kind of every
 * region is `anonymous` and its module none until they are classified.
 *
 * Readers that work on bytes ask for the index of a text once ({@link path}, {@link device}, {@link flagSet}) and then
 * give the index; others call {@link add}, {@link setUsage} and {@link setFlags}.
 */
export class AddressSpaceBuilder {
  #length = 0;
  #columns: Columns;
  readonly #usage: Uint32Array[];
  readonly #paths = new Interned();
  readonly #devices = new Interned();
  readonly #flagSets = new Interned();

  /** `expected` regions, of 8 at least, need no growing. */
  constructor(expected = 256) {
    this.#columns = allocate(Math.max(expected, 8));
    this.#usage = USAGE_FIELDS.map((field) => this.#columns.usage[field]);
  }

  /** Adds a region above all others. `permissions` are the bits of {@link Columns}. */
  add(
    start: number,
    end: number,
    permissions: number,
    fileOffset: number,
    device: string,
    inode: number,
    path: string | null,
  ): void {
    this.addIndexed(
      start,
      end,
      permissions,
      fileOffset,
      this.device(device),
      inode,
      path === null ? -1 : this.path(path),
    );
  }

  /** As {@link add}, with the indexes that {@link device} and {@link path} gave (-1 for no path). */
  addIndexed(
    start: number,
    end: number,
    permissions: number,
    fileOffset: number,
    device: number,
    inode: number,
    path: number,
  ): void {
    const index = this.#length++;
    if (index === this.#columns.start.length) this.#grow();
    const columns = this.#columns;
    columns.start[index] = start;
    columns.end[index] = end;
    columns.permissions[index] = permissions;
    columns.fileOffset[index] = fileOffset;
    columns.device[index] = device;
    columns.inode[index] = inode;
    columns.path[index] = path;
    columns.flags[index] = NOT_READ;
  }

  /** Takes back what was added at or above the address: a region that reaches over it ends there. */
  cutBack(address: number): void {
    const { start, end } = this.#columns;
    while (this.#length > 0 && (start[this.#length - 1] as number) >= address) {
      this.#length--;
      for (const column of this.#usage) column[this.#length] = 0;
    }
    const last = this.#length - 1;
    if (last >= 0 && (end[last] as number) > address) end[last] = address;
  }

  /** Sets a number of the region that was added last, in KiB; beyond 4 TiB it stays at that. */
  setUsage(field: UsageField, kib: number): void {
    this.setUsageIndexed(USAGE_FIELDS.indexOf(field), kib);
  }

  /** As {@link setUsage}, with the field's index in USAGE_FIELDS. */
  setUsageIndexed(field: number, kib: number): void {
    const column = this.#usage[field] as Uint32Array;
    column[this.#length - 1] = Math.min(kib, LARGEST_KIB);
  }

  /** Sets the VmFlags of the region that was added last, as smaps prints them: `rd wr mr`. Its usage counts as read. */
  setFlags(codes: string): void {
    this.setFlagsIndexed(this.flagSet(codes));
  }

  /** As {@link setFlags}, with the index that {@link flagSet} gave. */
  setFlagsIndexed(flagSet: number): void {
    this.#columns.flags[this.#length - 1] = flagSet;
  }

  path(text: string): number {
    return this.#paths.indexOf(text);
  }

  /** Throws a RangeError beyond 65,535 devices. */
  device(text: string): number {
    return this.#devices.indexOf(text, NOT_READ);
  }

  /** Throws a RangeError beyond 65,534 sets. */
  flagSet(codes: string): number {
    return this.#flagSets.indexOf(codes, PAGES_ONLY);
  }

  /** The regions so far. Afterwards the builder is used no more. */
  finish(): AddressSpace {
    return new AddressSpace(
      this.#length,
      this.#columns.start.length === this.#length ? this.#columns : resized(this.#columns, this.#length),
      this.#paths.texts,
      this.#devices.texts,
      this.#flagSets.texts.map((codes) => codes.split(" ").filter((code) => code !== "")),
    );
  }

  #grow(): void {
    this.#columns = resized(this.#columns, this.#columns.start.length * 2);
    for (const [index, field] of USAGE_FIELDS.entries()) this.#usage[index] = this.#columns.usage[field];
  }
}

const LARGEST_KIB = 0xffff_ffff;

/** Texts, each once, in the order they first came. */
class Interned {
  readonly texts: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(text: string, limit = Number.POSITIVE_INFINITY): number {
    const known = this.#indexes.get(text);
    if (known !== undefined) return known;
    if (this.texts.length >= limit)
      throw new RangeError(`There are more than ${limit} different texts like "${text}".`);
    this.#indexes.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

function allocate(capacity: number): Columns {
  return {
    start: new Float64Array(capacity),
    end: new Float64Array(capacity),
    permissions: new Uint8Array(capacity),
    fileOffset: new Float64Array(capacity),
    device: new Uint16Array(capacity),
    inode: new Float64Array(capacity),
    path: new Int32Array(capacity),
    kind: new Uint8Array(capacity).fill(KINDS.indexOf("anonymous")),
    module: new Int32Array(capacity).fill(-1),
    thread: new Int32Array(capacity),
    usage: Object.fromEntries(USAGE_FIELDS.map((field) => [field, new Uint32Array(capacity)])) as Columns["usage"],
    flags: new Uint16Array(capacity),
    readAt: new Float64Array(capacity),
  };
}

/** A copy of the columns with another number of entries. */
function resized(columns: Columns, capacity: number): Columns {
  const copy = allocate(capacity);
  for (const name of COLUMN_NAMES) fill(copy[name], columns[name]);
  for (const field of USAGE_FIELDS) fill(copy.usage[field], columns.usage[field]);
  return copy;
}

const COLUMN_NAMES = [
  "start",
  "end",
  "permissions",
  "fileOffset",
  "device",
  "inode",
  "path",
  "kind",
  "module",
  "thread",
  "flags",
  "readAt",
] as const satisfies (keyof Columns)[];

type Column = Columns[(typeof COLUMN_NAMES)[number]] | Uint32Array;

/** Copies as many entries as fit. */
function fill(target: Column, source: Column): void {
  target.set(source.subarray(0, target.length));
}
