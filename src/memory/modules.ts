import type { Address } from "./address.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { EXECUTE, READ, WRITE } from "./addressSpace.ts";
import type { ElfLayout, Module, Section, Segment } from "./module.ts";

const MODULO = (1n << 64n) - 1n;
/** The largest page size Linux has (arm64, ppc64): how far a mapping may reach past its segment. */
const LARGEST_PAGE = 0x10000n;

/**
 * Finds the ELF files that are mapped as a loader maps them, and says in `space.modules` and the `module` column which
 * regions are theirs. A file that is mapped as data (by a debugger, say) is none. `layouts` has the layout of each ELF
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
    if (!layout || layout.segments.length === 0) continue;
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

/** The regions of each mapped file, in address order, by the index of its first. */
export function filesOf(space: AddressSpace): Map<number, number[]> {
  const { path, device, inode } = space.columns;
  const files = new Map<string, number[]>();
  for (let index = 0; index < space.length; index++) {
    if ((path[index] as number) < 0 || inode[index] === 0) continue;
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

const DELETED = " (deleted)";

/** The module's link-time address of a run-time address. */
export function linkAddress(module: Module, address: Address): Address {
  return (address - module.bias) & MODULO;
}

/** The run-time address of a module's link-time address. */
export function runAddress(module: Module, address: Address): Address {
  return (address + module.bias) & MODULO;
}

/** The section that holds a link-time address; `.tbss` takes no room. */
export function sectionAt(layout: ElfLayout, address: Address): Section | null {
  for (const section of layout.sections) {
    if (address < section.address) break;
    if (takesRoom(section) && address < section.address + BigInt(section.size)) return section;
  }
  return null;
}

/** The sections that have bytes in the stretch of link-time addresses. */
export function sectionsIn(layout: ElfLayout, start: Address, end: Address): Section[] {
  return layout.sections.filter(
    (section) => takesRoom(section) && section.address < end && section.address + BigInt(section.size) > start,
  );
}

/** The PT_LOAD segment whose pages hold a link-time address. */
export function segmentAt(layout: ElfLayout, address: Address): Segment | null {
  return layout.segments.find((segment) => address >= floor(segment.address) && address < endOf(segment)) ?? null;
}

function takesRoom(section: Section): boolean {
  return section.size > 0 && !(section.threadLocal && section.noBits);
}

/** Every bias at which a loader has mapped the file, by address. */
function biasesOf(space: AddressSpace, indexes: readonly number[], layout: ElfLayout): Address[] {
  const biases = new Set<Address>();
  for (const index of indexes) {
    const { start, fileOffset } = numbersOf(space, index);
    for (const segment of layout.segments) {
      const bias = (start - fileOffset - (segment.address - BigInt(segment.fileOffset))) & MODULO;
      if ((bias & 0xfffn) === 0n && isLoaded(space, indexes, layout, bias)) biases.add(bias);
    }
  }
  return [...biases];
}

/** Whether every segment of the file with bytes in it begins in a mapping of the right offset, code in executable ones. */
function isLoaded(space: AddressSpace, indexes: readonly number[], layout: ElfLayout, bias: Address): boolean {
  return layout.segments.every((segment) => {
    if (segment.fileSize === 0) return true;
    const address = (segment.address + bias) & MODULO;
    const index = space.indexOf(address);
    if (index < 0) return false;
    const { start, end, fileOffset } = numbersOf(space, index);
    // A segment may have been replaced by anonymous memory: text moved to huge pages.
    if (!indexes.includes(index)) return space.columns.inode[index] === 0;
    if (fileOffset - BigInt(segment.fileOffset) !== start - address) return false;
    const reach = (start + LARGEST_PAGE + BigInt(segment.memorySize) + (address - start)) & MODULO;
    const executable = ((space.columns.permissions[index] as number) & EXECUTE) !== 0;
    return end <= reach && (executable || !segment.permissions.execute);
  });
}

/** Gives the module its regions: the file's own, the anonymous ones within its segments, and the holes between. */
function takeRegions(space: AddressSpace, first: number, module: Module, number: number): void {
  const { segments } = module.layout;
  const low = runAddress(module, floor((segments[0] as Segment).address));
  const high = runAddress(
    module,
    segments.reduce((end, segment) => max(end, endOf(segment)), 0n),
  );
  const { inode, device, permissions, module: column } = space.columns;
  for (let index = space.indexOf(low); index >= 0 && index < space.length; index++) {
    const { start } = numbersOf(space, index);
    if (start >= high) break;
    const isFile = inode[index] === inode[first] && device[index] === device[first];
    const isUnnamed = inode[index] === 0 && space.path(index) === null;
    const inSegment = segmentAt(module.layout, linkAddress(module, start)) !== null;
    const isHole = ((permissions[index] as number) & (READ | WRITE | EXECUTE)) === 0;
    if (isFile || (isUnnamed && (inSegment || isHole))) column[index] = number;
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

function max(a: Address, b: Address): Address {
  return a > b ? a : b;
}
