/** Opens the file that a region maps, as the target sees it. Sources: proc_pid_root(5), proc_pid_map_files(5). */
import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { VDSO } from "../memory/modules.ts";
import type { MappedFile } from "../memory/target.ts";

/** Where the files that a process maps are found. */
export interface MappedFilePlaces {
  /** Its root directory. */
  readonly root: string;
  /** Its directory map_files, whose links still open deleted files but need CAP_CHECKPOINT_RESTORE. */
  readonly mapFiles: string;
  /** Its memory, for those who may attach: there alone is the kernel's vDSO. */
  readonly memory: string;
}

/** The file that region `index` maps, or `null`. */
export function openMappedFile(space: AddressSpace, index: number, places: MappedFilePlaces): MappedFile | null {
  const { root, mapFiles, memory } = places;
  const path = space.path(index);
  if (path === VDSO) return openMemory(space, index, memory);
  if (path === null || !path.startsWith("/")) return null;
  const { start, end, inode, device } = space.columns;
  const range = `${(start[index] as number).toString(16)}-${(end[index] as number).toString(16)}`;
  const mapped = { inode: inode[index] as number, device: space.devices[device[index] as number] as string };
  const descriptor =
    openRegular(root + path, (file) => isMapped(file, mapped, path)) ?? openRegular(`${mapFiles}/${range}`, () => true);
  if (descriptor === null) return null;
  return seesOurFiles(root) ? { descriptor, path } : { descriptor, path, root };
}

function openMemory(space: AddressSpace, index: number, memory: string): MappedFile | null {
  const descriptor = openRegular(memory, () => true);
  const part = { offset: space.columns.start[index] as number, size: space.size(index) };
  return descriptor === null ? null : { descriptor, path: VDSO, part };
}

/** Whether a process, by its root directory, finds the same files by their names as this one. */
function seesOurFiles(root: string): boolean {
  try {
    const [its, ours] = [statSync(root), statSync("/")];
    const namespaceOf = (directory: string) => readlinkSync(join(directory, "ns", "mnt"));
    return its.dev === ours.dev && its.ino === ours.ino && namespaceOf(dirname(root)) === namespaceOf("/proc/self");
  } catch {
    // Ended meanwhile, or its namespaces are not for us.
    return true;
  }
}

/**
 * Whether the file found by name is the mapped one. Btrfs and overlay file systems give another device number here than
 * in maps, overlays another inode too: there the name has to do, unless it says that the file was deleted.
 */
function isMapped(file: Stats, mapped: { inode: number; device: string }, path: string): boolean {
  if (file.ino === mapped.inode) return true;
  return deviceName(file.dev) !== mapped.device && !path.endsWith(" (deleted)");
}

/** A device as maps prints it, from stat's number: makedev(3). */
function deviceName(device: number): string {
  const number = BigInt(device);
  const major = ((number >> 32n) & 0xffff_f000n) | ((number >> 8n) & 0xfffn);
  const minor = ((number >> 12n) & 0xffff_ff00n) | (number & 0xffn);
  return `${major.toString(16).padStart(2, "0")}:${minor.toString(16).padStart(2, "0")}`;
}

/** A descriptor of a regular file that is accepted. Opening a FIFO could wait and opening a device do something. */
function openRegular(path: string, accept: (file: Stats) => boolean): number | null {
  let descriptor: number | null = null;
  try {
    if (!statSync(path).isFile()) return null;
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    // Another file may have got the name meanwhile.
    const file = fstatSync(descriptor);
    if (file.isFile() && accept(file)) return descriptor;
  } catch {
    // Not there, or not for us: there is another way, or none.
  }
  if (descriptor !== null) closeSync(descriptor);
  return null;
}
