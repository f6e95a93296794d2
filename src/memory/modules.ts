import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { EXECUTE, READ, WRITE } from "./addressSpace.ts";
import type { ElfLayout, Module, Section, Segment } from "./module.ts";

const MODULO = (1n << 64n) - 1n;
/** The largest page size Linux has (arm64, ppc64): how far a mapping may reach past its segment. */
const LARGEST_PAGE = 0x10000n;

/**
 * Finds the ELF files that are mapped as a loader maps them, and says in `space.modules` and the `module` column which
 * regions are theirs. A file that is mapped as data (by a debugger, say) is no module. `layouts` has the layout of each ELF
 * file by the first region of it; a file loaded twice (`dlmopen`) makes two modules.
 *
 * The bias follows from the PT_LOAD program headers: a mapping of file offset o at address a belongs to the segment
 * whose address and offset differ by (a - bias) - o. @see elf(5)
 */
export function findModules(
  space: AddressSpace,
  layouts: ReadonlyMap<number, ElfLayout>,
  executable: string | null,
): void {
  const modules: Module[] = [];
  space.columns.module.fill(-1);
  for (const indexes of filesOf(space).values()) {
    const layout = layouts.get(indexes[0] as number);
    if (!layout?.segments.some(({ fileSize }) => fileSize > 0)) continue;
    for (const bias of biasesOf(space, indexes, layout)) {
      const mapped = fileName(space.path(indexes[0] as number) as string);
      const module: Module = {
        path: mapped,
        name: mapped.slice(mapped.lastIndexOf("/") + 1),
        isProgram: executable !== null && mapped === fileName(executable),
        bias,
        layout,
      };
      takeRegions(space, indexes[0] as number, module, modules.push(module) - 1);
    }
  }
  space.modules = modules;
}

/** The regions of each mapped file, in address order, by the index of its first. The kernel's vDSO is one in memory. */
export function filesOf(space: AddressSpace): Map<number, number[]> {
  const { path, device, inode } = space.columns;
  const files = new Map<string, number[]>();
  for (let index = 0; index < space.length; index++) {
    if ((path[index] as number) < 0 || (inode[index] === 0 && space.path(index) !== VDSO)) continue;
    const file = `${path[index]} ${device[index]} ${inode[index]}`;
    const regions = files.get(file);
    if (regions) regions.push(index);
    else files.set(file, [index]);
  }
  return new Map(Array.from(files.values(), (indexes) => [indexes[0] as number, indexes]));
}

/** A path as in maps without the ` (deleted)` that the kernel appends. */
export function fileName(path: string): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
}

/** What the kernel calls the ELF file that it maps into every process. @see vdso(7) */
export const VDSO = "[vdso]";

const DELETED = " (deleted)";

/** The module's link-time address of a run-time address. */
export function linkAddress(module: Pick<Module, "bias">, address: Address): Address {
  return (address - module.bias) & MODULO;
}

/** The run-time address of a module's link-time address. */
export function runAddress(module: Pick<Module, "bias">, address: Address): Address {
  return (address + module.bias) & MODULO;
}

/** The sections that have bytes at their addresses: `.tbss` takes no room. */
export function sectionsInMemory(layout: ElfLayout): Section[] {
  return layout.sections.filter(({ size, threadLocal, noBits }) => size > 0 && !(threadLocal && noBits));
}

/** The module's sections with bytes between two run-time addresses, by address. */
export function sectionsWithin(module: Pick<Module, "bias" | "layout">, start: Address, end: Address): Section[] {
  const from = linkAddress(module, start);
  const to = from + (end - start);
  return sectionsInMemory(module.layout).filter(({ address, size }) => address < to && address + BigInt(size) > from);
}

/** The one of some sections in memory that holds a link-time address. */
export function sectionAt<Extent extends { readonly address: Address; readonly size: number }>(
  sections: readonly Extent[],
  address: Address,
): Extent | null {
  return (
    sections.find((section) => address >= section.address && address < section.address + BigInt(section.size)) ?? null
  );
}

/** The PT_LOAD segment whose pages hold a link-time address. */
export function segmentAt(layout: ElfLayout, address: Address): Segment | null {
  return layout.segments.find((segment) => address >= floor(segment.address) && address < endOf(segment)) ?? null;
}

/** Every bias at which a loader has mapped the file, by address. */
function biasesOf(space: AddressSpace, indexes: readonly number[], layout: ElfLayout): Address[] {
  const tried = new Map<Address, boolean>();
  for (const index of indexes) {
    const { start, fileOffset } = numbersOf(space, index);
    for (const segment of layout.segments) {
      const bias = (start - fileOffset - (segment.address - BigInt(segment.fileOffset))) & MODULO;
      if ((bias & 0xfffn) !== 0n || tried.has(bias)) continue;
      tried.set(bias, isLoaded(space, index, layout, bias));
    }
  }
  return [...tried].filter(([, loaded]) => loaded).map(([bias]) => bias);
}

/**
 * Whether every segment with bytes in the file begins in a mapping of it at the right offset, code in an executable one.
 * `index` is any region of the file.
 */
function isLoaded(space: AddressSpace, index: number, layout: ElfLayout, bias: Address): boolean {
  const { inode, permissions } = space.columns;
  const reach = endOfModule(layout) + LARGEST_PAGE;
  return layout.segments.every((segment) => {
    if (segment.fileSize === 0) return true;
    const address = (segment.address + bias) & MODULO;
    const at = space.indexOf(address);
    if (at < 0 || (segment.permissions.execute && !((permissions[at] as number) & EXECUTE))) return false;
    // A segment may have been replaced by anonymous memory: text moved to huge pages.
    if (!isSameFile(space, at, index)) return inode[at] === 0;
    const { start, end, fileOffset } = numbersOf(space, at);
    return fileOffset - BigInt(segment.fileOffset) === start - address && ((end - bias) & MODULO) <= reach;
  });
}

function isSameFile(space: AddressSpace, a: number, b: number): boolean {
  const { inode, device, path } = space.columns;
  return inode[a] === inode[b] && device[a] === device[b] && path[a] === path[b];
}

/** Gives the module its regions: the file's own, the anonymous ones within its segments, and the holes between. */
function takeRegions(space: AddressSpace, first: number, module: Module, number: number): void {
  const low = runAddress(module, floor((module.layout.segments[0] as Segment).address));
  const high = runAddress(module, endOfModule(module.layout));
  const { permissions, module: column } = space.columns;
  for (let index = space.indexOf(low); index >= 0 && index < space.length; index++) {
    const { start } = numbersOf(space, index);
    if (start >= high) break;
    const path = space.path(index);
    const inSegment = segmentAt(module.layout, linkAddress(module, start)) !== null;
    const isHole = ((permissions[index] as number) & (READ | WRITE | EXECUTE)) === 0;
    // Without address randomisation the heap follows the program's last page, and kernels before 6.6 give its name to
    // the anonymous part of .bss too, or put the two together.
    const isOwn = inSegment ? path === null || path === "[heap]" : path === null && isHole;
    if (isOwn || isSameFile(space, index, first)) column[index] = number;
  }
}

function numbersOf(space: AddressSpace, index: number): { start: Address; end: Address; fileOffset: bigint } {
  const { start, end, fileOffset } = space.columns;
  return {
    start: BigInt(start[index] as number),
    end: BigInt(end[index] as number),
    fileOffset: BigInt(fileOffset[index] as number),
  };
}

function floor(address: Address): Address {
  return address & ~0xfffn;
}

/** The end of the segment's last page. */
function endOf(segment: Segment): Address {
  return (segment.address + BigInt(segment.memorySize) + 0xfffn) & ~0xfffn;
}

/** The end of the last segment's last page. */
function endOfModule(layout: ElfLayout): Address {
  return endOf(layout.segments.at(-1) as Segment);
}
