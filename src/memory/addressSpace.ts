import type { Address } from "./address.ts";
import { KINDS, type Kind } from "./kind.ts";
import type { Module } from "./module.ts";
import { type Region, USAGE_FIELDS, type Usage, type UsageField } from "./region.ts";

/**
 * The regions of a target in address order, as columns: 60,000 regions are a few typed arrays, and a {@link Region}
 * becomes an object when somebody asks for it.
 *
 * Readers fill it through an {@link AddressSpaceBuilder}; {@link classify} then sets kinds, modules and threads. After
 * that it is not changed.
 */
export class AddressSpace {
  /** The ELF files mapped here; `moduleIndex` refers to them. */
  modules: readonly Module[] = [];

  readonly length: number;
  readonly columns: Columns;
  /** Paths, devices and VmFlags lines (as their codes), each once; the columns hold indexes. */
  readonly paths: readonly string[];
  readonly devices: readonly string[];
  readonly flagSets: readonly (readonly string[])[];

  constructor(
    length: number,
    columns: Columns,
    paths: readonly string[],
    devices: readonly string[],
    flagSets: readonly (readonly string[])[],
  ) {
    this.length = length;
    this.columns = columns;
    this.paths = paths;
    this.devices = devices;
    this.flagSets = flagSets;
  }

  /** Index of the region that holds the address, or -1. */
  indexOf(address: Address): number {
    const index = this.indexAtOrBelow(address);
    // Both are multiples of a page, and the address is compared by its page: exact in a double.
    return index >= 0 && pageOf(address) < (this.columns.end[index] as number) ? index : -1;
  }

  /** Index of the last region that starts at or below the address, or -1. */
  indexAtOrBelow(address: Address): number {
    const page = pageOf(address);
    const { start } = this.columns;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((start[middle] as number) <= page) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  region(index: number): Region {
    const c = this.columns;
    if (index < 0 || index >= this.length) throw new RangeError(`There is no region ${index} of ${this.length}.`);
    const start = c.start[index] as number;
    const end = c.end[index] as number;
    const thread = c.thread[index] as number;
    return {
      start: BigInt(start),
      end: BigInt(end),
      permissions: permissionLetters(c.permissions[index] as number),
      fileOffset: c.fileOffset[index] as number,
      device: this.devices[c.device[index] as number] as string,
      inode: c.inode[index] as number,
      path: this.path(index),
      kind: this.kind(index),
      module: this.module(index)?.path ?? null,
      thread: thread === 0 ? null : thread,
      size: end - start,
      usage: this.usage(index),
      readAt: c.flags[index] === NOT_READ ? null : (c.readAt[index] as number),
    };
  }

  *regions(): Generator<Region> {
    for (let index = 0; index < this.length; index++) yield this.region(index);
  }

  path(index: number): string | null {
    const path = this.columns.path[index] as number;
    return path < 0 ? null : (this.paths[path] as string);
  }

  kind(index: number): Kind {
    return KINDS[this.columns.kind[index] as number] as Kind;
  }

  module(index: number): Module | null {
    const module = this.columns.module[index] as number;
    return module < 0 ? null : (this.modules[module] as Module);
  }

  size(index: number): number {
    return (this.columns.end[index] as number) - (this.columns.start[index] as number);
  }

  /** A number of smaps in bytes, or `null` where it has not been read. */
  usageOf(index: number, field: UsageField): number | null {
    const flags = this.columns.flags[index];
    if (flags === NOT_READ || (flags === PAGES_ONLY && !isPageField(field))) return null;
    return (this.columns.usage[field][index] as number) * 1024;
  }

  /** All numbers of smaps, or `null` where they have not all been read. */
  usage(index: number): Usage | null {
    const flags = this.columns.flags[index] as number;
    if (flags >= PAGES_ONLY) return null;
    const codes = this.flagSets[flags] as readonly string[];
    const amounts = {} as Record<UsageField, number>;
    for (const field of USAGE_FIELDS) amounts[field] = (this.columns.usage[field][index] as number) * 1024;
    return {
      ...amounts,
      flags: codes.filter((code) => code !== THP_ELIGIBLE),
      thpEligible: codes.includes(THP_ELIGIBLE),
    };
  }
}

/** One entry a region in every column. */
export interface Columns {
  /** Page-aligned addresses; see address.ts for why doubles hold them exactly. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Bits: {@link READ}, {@link WRITE}, {@link EXECUTE}, {@link SHARED}. */
  readonly permissions: Uint8Array;
  readonly fileOffset: Float64Array;
  readonly device: Uint16Array;
  readonly inode: Float64Array;
  /** Index into `paths`, -1 for none. */
  readonly path: Int32Array;
  /** Index into KINDS. */
  readonly kind: Uint8Array;
  /** Index into `modules`, -1 for none. */
  readonly module: Int32Array;
  /** The thread whose stack it is, 0 for none. */
  readonly thread: Int32Array;
  /** KiB, as smaps prints them: up to 4 TiB a region. */
  readonly usage: Readonly<Record<UsageField, Uint32Array>>;
  /** Index into `flagSets`; {@link NOT_READ} or {@link PAGES_ONLY} where smaps has not been read. */
  readonly flags: Uint16Array;
  /** When the numbers were read, in milliseconds since the epoch; 0 where they were not. */
  readonly readAt: Float64Array;
}

export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;
export const SHARED = 8;
export const NOT_READ = 0xffff;
/** In place of an index of VmFlags: the region's pages were counted, which tells {@link PAGE_FIELDS} and nothing else. */
export const PAGES_ONLY = 0xfffe;
export const PAGE_FIELDS = ["rss", "anonymous", "swap"] as const satisfies readonly UsageField[];

/** Stands among the codes of VmFlags for what smaps tells on a line of its own. */
export const THP_ELIGIBLE = "THPeligible";

/** `rw-p` from the bits. */
export function permissionLetters(bits: number): string {
  return `${bits & READ ? "r" : "-"}${bits & WRITE ? "w" : "-"}${bits & EXECUTE ? "x" : "-"}${bits & SHARED ? "s" : "p"}`;
}

/** The address's 4-KiB page as a double: exact, see address.ts. */
function pageOf(address: Address): number {
  return Number(address & ~0xfffn);
}

function isPageField(field: UsageField): boolean {
  return (PAGE_FIELDS as readonly UsageField[]).includes(field);
}
