import { type AddressSpace, NOT_READ, PAGES_ONLY } from "./addressSpace.ts";
import { AddressSpaceBuilder } from "./addressSpaceBuilder.ts";
import type { Module } from "./module.ts";
import { USAGE_FIELDS, type UsageField } from "./region.ts";
import { isSameModule } from "./sameRegions.ts";

/**
 * Some neighbouring regions in some 10 to 30 bytes each, without when their numbers were read. It refers to nothing
 * beside itself, so that spaces that have the same regions there can share it.
 */
export interface PackedRegions {
  /** Where the first of them starts. */
  readonly first: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  /** What is mapped, each once; the bytes hold indexes. */
  readonly objects: readonly MappedObject[];
  readonly flagSets: readonly (readonly string[])[];
}

/** Regions, and by their indexes the rates of memory/faultHeat.ts. */
export interface Unpacked {
  readonly space: AddressSpace;
  readonly heat: { readonly rates: Float64Array };
}

interface MappedObject {
  readonly path: string | null;
  readonly device: string;
  readonly inode: number;
  readonly module: Module | null;
}

/** About how many bytes of memory it takes. */
export function sizeOf({ bytes, objects, flagSets }: PackedRegions): number {
  const texts = objects.reduce((sum, { path, device }) => sum + (path?.length ?? 0) + device.length, 0);
  return bytes.length + OVERHEAD + OBJECT * objects.length + 8 * flagSets.length + texts;
}

/** Bytes of V8's objects for one PackedRegions with its lists, and for one MappedObject. */
const OVERHEAD = 520;
const OBJECT = 48;

/** Packs regions of a space; in pieces, so that others have their turn between. */
export class Packer {
  readonly #space: AddressSpace;
  readonly #heat: Float64Array;
  readonly #usage: readonly Uint32Array[];
  #bytes = new Uint8Array(4096);
  #length = 0;
  /** Of each object of this piece the index of a region that maps it; of each set of VmFlags its index in the space. */
  #objects: number[] = [];
  #flagSets: number[] = [];

  /** @param heat the rates of memory/faultHeat.ts: kept as whole numbers */
  constructor(space: AddressSpace, heat: Float64Array) {
    this.#space = space;
    this.#heat = heat;
    this.#usage = USAGE_FIELDS.map((field) => space.columns.usage[field]);
  }

  /** The regions from an index up to, without, another; `before` itself where that has the same ones. */
  pack(from: number, to: number, before: PackedRegions | undefined): PackedRegions {
    const { start } = this.#space.columns;
    const first = start[from] as number;
    this.#length = 0;
    this.#objects = [];
    this.#flagSets = [];
    if (this.#bytes.length < (to - from) * LONGEST) this.#bytes = new Uint8Array((to - from) * LONGEST);
    let end = first;
    for (let index = from; index < to; index++) {
      this.#write(((start[index] as number) - end) / PAGE);
      end = this.#space.columns.end[index] as number;
      this.#region(index);
    }
    const objects = this.#objects.map((index) => objectAt(this.#space, index));
    const flagSets = this.#flagSets.map((index) => this.#space.flagSets[index] as readonly string[]);
    const bytes = this.#bytes.subarray(0, this.#length);
    const packed = { first, count: to - from, bytes, objects, flagSets };
    return before && areSame(packed, before) ? before : { ...packed, bytes: bytes.slice() };
  }

  #region(index: number): void {
    const { start, end, permissions, fileOffset, kind, thread, flags } = this.#space.columns;
    const offset = fileOffset[index] as number;
    const stackOf = thread[index] as number;
    const read = flags[index] as number;
    const heat = this.#heat[index] as number;
    const bits = (offset > 0 ? HAS_OFFSET : 0) | (stackOf > 0 ? IS_STACK : 0) | (heat >= 0 ? HAS_HEAT : 0);
    this.#write(((end[index] as number) - (start[index] as number)) / PAGE);
    this.#write((permissions[index] as number) | bits);
    this.#write(kind[index] as number);
    this.#write(this.#object(index));
    if (offset > 0) this.#write(offset / PAGE);
    if (stackOf > 0) this.#write(stackOf);
    if (heat >= 0) this.#write(Math.round(heat));
    if (read === NOT_READ) this.#write(0);
    else if (read === PAGES_ONLY) this.#write(1);
    else this.#write(2 + this.#flagSet(read));
    if (read !== NOT_READ) this.#numbers(index);
  }

  /** Which numbers are not 0, and those. */
  #numbers(index: number): void {
    let mask = 0;
    for (let field = 0; field < this.#usage.length; field++) {
      if ((this.#usage[field] as Uint32Array)[index] !== 0) mask |= 1 << field;
    }
    this.#write(mask);
    for (let field = 0; field < this.#usage.length; field++) {
      if (mask & (1 << field)) this.#write((this.#usage[field] as Uint32Array)[index] as number);
    }
  }

  #object(index: number): number {
    const { path, device, inode, module } = this.#space.columns;
    const known = this.#objects.findIndex(
      (other) =>
        path[other] === path[index] &&
        inode[other] === inode[index] &&
        module[other] === module[index] &&
        device[other] === device[index],
    );
    return known < 0 ? this.#objects.push(index) - 1 : known;
  }

  #flagSet(index: number): number {
    const known = this.#flagSets.indexOf(index);
    return known < 0 ? this.#flagSets.push(index) - 1 : known;
  }

  /** A whole number up to 2⁵³, seven bits a byte, the lowest first. */
  #write(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }
}

/** Puts packed regions together to a space again, in address order. */
export class Unpacker {
  readonly #builder: AddressSpaceBuilder;
  readonly #kinds: Uint8Array;
  readonly #threads: Int32Array;
  readonly #moduleOf: Int32Array;
  readonly #heat: Float64Array;
  readonly #modules: Module[] = [];
  readonly #moduleIndexes = new Map<string, number>();
  #count = 0;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  /** @param count regions in all */
  constructor(count: number) {
    this.#builder = new AddressSpaceBuilder(count);
    this.#kinds = new Uint8Array(count);
    this.#threads = new Int32Array(count);
    this.#moduleOf = new Int32Array(count);
    this.#heat = new Float64Array(count).fill(Number.NaN);
  }

  add(packed: PackedRegions): void {
    const objects = packed.objects.map(({ path, device, inode, module }) => ({
      path: path === null ? -1 : this.#builder.path(path),
      device: this.#builder.device(device),
      inode,
      module: module ? this.#module(module) : -1,
    }));
    const flagSets = packed.flagSets.map((codes) => this.#builder.flagSet(codes.join(" ")));
    this.#bytes = packed.bytes;
    this.#at = 0;
    let end = packed.first;
    for (let i = 0; i < packed.count; i++) {
      const start = end + this.#read() * PAGE;
      end = start + this.#read() * PAGE;
      const bits = this.#read();
      this.#kinds[this.#count] = this.#read();
      const { path, device, inode, module } = objects[this.#read()] as (typeof objects)[number];
      const offset = bits & HAS_OFFSET ? this.#read() * PAGE : 0;
      this.#threads[this.#count] = bits & IS_STACK ? this.#read() : 0;
      if (bits & HAS_HEAT) this.#heat[this.#count] = this.#read();
      this.#moduleOf[this.#count] = module;
      this.#builder.addIndexed(start, end, bits & PERMISSIONS, offset, device, inode, path);
      const flags = this.#read();
      if (flags > 0) this.#numbers(flags === 1 ? PAGES_ONLY : (flagSets[flags - 2] as number));
      this.#count++;
    }
  }

  /** Afterwards it is used no more. */
  finish(): Unpacked {
    const space = this.#builder.finish();
    space.columns.kind.set(this.#kinds);
    space.columns.thread.set(this.#threads);
    space.columns.module.set(this.#moduleOf);
    space.modules = this.#modules;
    return { space, heat: { rates: this.#heat } };
  }

  #numbers(flags: number): void {
    this.#builder.setFlagsIndexed(flags);
    const mask = this.#read();
    for (let field = 0; field < FIELDS; field++) {
      if (mask & (1 << field)) this.#builder.setUsageIndexed(field, this.#read());
    }
  }

  /** Each reading of maps makes the modules anew: where they are tells which are the same. */
  #module(module: Module): number {
    const key = `${module.bias} ${module.path}`;
    const known = this.#moduleIndexes.get(key);
    if (known !== undefined) return known;
    const index = this.#modules.push(module) - 1;
    this.#moduleIndexes.set(key, index);
    return index;
  }

  #read(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }
}

/** What region boundaries and file offsets are multiples of. */
const PAGE = 4096;
/** Beside the bits of the permissions. */
const PERMISSIONS = 0b000_1111;
const HAS_OFFSET = 0b001_0000;
const IS_STACK = 0b010_0000;
const HAS_HEAT = 0b100_0000;
const FIELDS = (USAGE_FIELDS satisfies readonly UsageField[]).length;
/** Bytes of a region at most: nine numbers of up to 8 bytes beside those of smaps, which have 5 at most. */
const LONGEST = 9 * 8 + 5 * FIELDS;

function objectAt(space: AddressSpace, index: number): MappedObject {
  const { device, inode } = space.columns;
  return {
    path: space.path(index),
    device: space.devices[device[index] as number] as string,
    inode: inode[index] as number,
    module: space.module(index),
  };
}

function areSame(a: PackedRegions, b: PackedRegions): boolean {
  return (
    a.first === b.first &&
    a.count === b.count &&
    a.bytes.length === b.bytes.length &&
    a.objects.length === b.objects.length &&
    a.flagSets.length === b.flagSets.length &&
    a.objects.every((object, index) => isSameObject(object, b.objects[index] as MappedObject)) &&
    a.flagSets.every((codes, index) => codes.join(" ") === b.flagSets[index]?.join(" ")) &&
    areSameBytes(a.bytes, b.bytes)
  );
}

/** Of one length. */
function areSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function isSameObject(a: MappedObject, b: MappedObject): boolean {
  return a.path === b.path && a.device === b.device && a.inode === b.inode && isSameModule(a.module, b.module);
}
