import type { Address } from "./address.ts";
import { type AddressSpace, EXECUTE, READ, SHARED, WRITE } from "./addressSpace.ts";
import { KINDS, type Kind } from "./kind.ts";
import type { ElfLayout } from "./module.ts";
import { linkAddress, segmentAt, VDSO } from "./modules.ts";

/**
 * Says in the `kind` and `thread` columns what each region is for: by its module's program headers, by the name the
 * kernel gives it, and for thread stacks by the stack pointers of those of its `threads` that tell. `module` must be
 * filled in.
 * @see proc_pid_maps(5); Linux fs/proc/task_mmu.c; glibc nptl/allocatestack.c
 */
export function classify(space: AddressSpace, stackPointers: ReadonlyMap<number, Address>, threads: number): void {
  const { kind, thread } = space.columns;
  thread.fill(0);
  const kindsOfPaths = space.paths.map(kindOfPath);
  for (let index = 0; index < space.length; index++) {
    const ofPath = kindsOfPaths[space.columns.path[index] as number];
    kind[index] = KINDS.indexOf(kindOfModule(space, index) ?? kindOfNamed(space, index, ofPath));
  }
  const found = markToldStacks(space, stackPointers);
  if (found < threads) markPlausibleStacks(space);
  markGuards(space);
}

/** The kind of a stretch of a module by its link-time address. */
export function kindInFile(layout: ElfLayout, address: Address): Kind | null {
  const segment = segmentAt(layout, address);
  if (!segment) return null;
  if (segment.permissions.execute) return "code";
  if (layout.relro && address >= layout.relro.start && address < layout.relro.end) return "relro";
  if (!segment.permissions.write) return "rodata";
  return address < segment.address + BigInt(segment.fileSize) ? "data" : "bss";
}

function kindOfModule(space: AddressSpace, index: number): Kind | null {
  const module = space.module(index);
  if (!module || module.path === VDSO) return null;
  const permissions = space.columns.permissions[index] as number;
  if ((permissions & (READ | WRITE | EXECUTE)) === 0) return "guard";
  if (permissions & EXECUTE) return "code";
  const { layout } = module;
  const start = linkAddress(module, BigInt(space.columns.start[index] as number));
  const segment = segmentAt(layout, start);
  if (permissions & WRITE) {
    const size = BigInt(space.size(index));
    if (space.path(index) === "[heap]" && !segmentAt(layout, start + size - 1n)) return "heap";
    // Its last page in the file is mapped from there; whole pages beyond are anonymous.
    return segment && start >= segment.address + BigInt(segment.fileSize) ? "bss" : "data";
  }
  // A region starts at a page, relro anywhere in it.
  const { relro } = layout;
  return relro && start + 0xfffn >= relro.start && start < relro.end ? "relro" : "rodata";
}

/** By the kernel's name for it: `file` where that is a path as any other, `anonymous` where it is as good as none. */
export function kindOfPath(path: string): Kind {
  if (ZERO.test(path)) return "anonymous";
  return NAMES.find(([pattern]) => pattern.test(path))?.[1] ?? (path.startsWith("[") ? "anonymous" : "file");
}

function kindOfNamed(space: AddressSpace, index: number, ofPath: Kind | undefined): Kind {
  const permissions = space.columns.permissions[index] as number;
  if (ofPath === undefined || ofPath === "anonymous") {
    if (permissions & SHARED) return "sharedAnonymous";
    return permissions & EXECUTE ? "jit" : "anonymous";
  }
  // V8 maps its built-in functions from the program's file once more, near the code that it generates.
  return ofPath === "file" && permissions & EXECUTE ? "code" : ofPath;
}

/** What the kernel calls anonymous memory that has a file without a name behind it. */
export const ZERO = /^\/(dev\/zero|anon_hugepage)( \(deleted\))?$/;

const NAMES: readonly [RegExp, Kind][] = [
  [/^\[heap\]$/, "heap"],
  [/^\[stack(:\d+)?\]$/, "stack"],
  [/^\[(vdso|sigpage|uprobes)\]$/, "vdso"],
  [/^\[vvar/, "vvar"],
  [/^\[(vsyscall|vectors)\]$/, "vsyscall"],
  [/^\[anon:/, "namedAnonymous"],
  [/^\[anon_shmem:/, "sharedAnonymous"],
  [/^\/SYSV[0-9a-f]{8}( \(deleted\))?$/, "sysvShm"],
  [/^\/dev\/shm\//, "posixShm"],
  [/^\/memfd:/, "memfd"],
  [/^(\/dev\/|anon_inode:|socket:|\/\[aio\])/, "device"],
];

/**
 * A thread's stack is private anonymous memory right above a guard that nobody may touch, and its stack pointer lies in
 * it. Memory that merely holds a stack pointer (a goroutine's stack in Go's heap) is none. Answers how many threads'
 * stacks it found.
 */
function markToldStacks(space: AddressSpace, stackPointers: ReadonlyMap<number, Address>): number {
  const { kind, thread } = space.columns;
  let found = 0;
  for (const [tid, pointer] of stackPointers) {
    const index = space.indexOf(pointer);
    if (index < 0 || (kind[index] !== STACK && !isAboveGuard(space, index))) continue;
    if (kind[index] !== STACK) kind[index] = THREAD_STACK;
    thread[index] = tid;
    found++;
  }
  return found;
}

/** Threads that don't tell – those that run, and all where attaching is not permitted – are found by their stacks' size. */
function markPlausibleStacks(space: AddressSpace): void {
  const { kind } = space.columns;
  for (let index = 1; index < space.length; index++) {
    const guard = space.size(index - 1);
    if (guard > LARGEST_STACK_GUARD || !isAboveGuard(space, index)) continue;
    // The guard is part of the size that was asked for in glibc, and comes on top of it elsewhere.
    const sizes = [space.size(index), space.size(index) + guard];
    if (sizes.some((size) => size >= SMALLEST_STACK && size % STACK_STEP === 0)) kind[index] = THREAD_STACK;
  }
}

/** Whether the region is private anonymous memory to read and write with one that nobody may touch right below. */
function isAboveGuard(space: AddressSpace, index: number): boolean {
  const { kind, permissions, start, end, inode } = space.columns;
  const isPlain = kind[index] === ANONYMOUS || kind[index] === THREAD_STACK || kind[index] === NAMED_ANONYMOUS;
  if (index === 0 || !isPlain || permissions[index] !== (READ | WRITE)) return false;
  return end[index - 1] === start[index] && permissions[index - 1] === 0 && inode[index - 1] === 0;
}

/** Memory that nobody may touch is a guard below a thread's stack, and where it is small and borders other memory. */
function markGuards(space: AddressSpace): void {
  const { kind, permissions, start, end } = space.columns;
  for (let index = 0; index < space.length; index++) {
    if (kind[index] !== ANONYMOUS || permissions[index] !== 0) continue;
    const above = index + 1 < space.length && start[index + 1] === end[index] && permissions[index + 1] !== 0;
    const below = index > 0 && end[index - 1] === start[index] && permissions[index - 1] !== 0;
    const isStackGuard = above && kind[index + 1] === THREAD_STACK;
    if (isStackGuard || (space.size(index) <= LARGEST_GUARD && (above || below))) kind[index] = GUARD;
  }
}

const ANONYMOUS = KINDS.indexOf("anonymous");
const NAMED_ANONYMOUS = KINDS.indexOf("namedAnonymous");
const STACK = KINDS.indexOf("stack");
const THREAD_STACK = KINDS.indexOf("threadStack");
const GUARD = KINDS.indexOf("guard");

const LARGEST_GUARD = 1024 * 1024;
/** Threads' guards are a page, of 64 KiB at most. */
const LARGEST_STACK_GUARD = 64 * 1024;
const SMALLEST_STACK = 128 * 1024;
const STACK_STEP = 64 * 1024;
