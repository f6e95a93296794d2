/** What a region maps, and how the same is found in the maps of other processes. */
import { closeSync, fstatSync, readFileSync } from "node:fs";
import { type AddressSpace, SHARED } from "../memory/addressSpace.ts";
import { kindOfPath } from "../memory/classify.ts";
import { fileName } from "../memory/modules.ts";
import type { SharedObject, SysvSegment } from "../memory/sharers.ts";
import type { TargetSource } from "../memory/target.ts";
import { RegionScanner } from "./maps.ts";
import type { LineScanner } from "./memoryFile.ts";

type ObjectKind = SharedObject["kind"];

/** By its inode and the name the kernel gives it. */
export function objectKind(space: AddressSpace, index: number): ObjectKind {
  const path = space.path(index);
  const kind = path === null ? "anonymous" : kindOfPath(path);
  if (kind === "vdso" || kind === "vvar" || kind === "vsyscall") return "kernel";
  // A segment's inode is its id, and ids begin with 0.
  if (space.columns.inode[index] === 0 && kind !== "sysvShm") return "private";
  switch (kind) {
    case "sysvShm":
    case "posixShm":
    case "memfd":
    case "sharedAnonymous":
      return kind;
    case "anonymous":
      return (space.columns.permissions[index] as number) & SHARED ? "sharedAnonymous" : "private";
    case "device":
      return path?.startsWith("/dev/") ? "file" : "untold";
    default:
      return "file";
  }
}

/** @param isOurNamespace whether the target sees the same System V segments as this process */
export function describeObject(
  source: TargetSource,
  space: AddressSpace,
  index: number,
  isOurNamespace: boolean,
): SharedObject {
  const kind = objectKind(space, index);
  const sysv = kind === "sysvShm" && isOurNamespace ? sysvSegment(space.columns.inode[index] as number) : null;
  const name = nameOf(kind, space.path(index));
  return { kind, name, size: sysv?.size ?? fileSize(source, space, index), sysv: sysv?.segment ?? null };
}

function nameOf(kind: ObjectKind, path: string | null): string {
  const name = fileName(path ?? "");
  switch (kind) {
    case "sysvShm":
      return name.replace(/^\/SYSV/, "0x");
    case "memfd":
      return name.replace(/^\/memfd:/, "");
    case "sharedAnonymous":
      return /^\[anon_shmem:(.*)\]$/.exec(name)?.[1] ?? "shared anonymous memory";
    case "private":
      return name.startsWith("[") ? name : "private anonymous memory";
    default:
      return name;
  }
}

/** The size of the file that region `index` maps; `null` where it is no file, or may not be opened. */
export function fileSize(source: Pick<TargetSource, "openMapped">, space: AddressSpace, index: number): number | null {
  const file = space.path(index)?.startsWith("/") ? source.openMapped(space, index) : null;
  if (file === null) return null;
  try {
    return fstatSync(file.descriptor).size;
  } finally {
    closeSync(file.descriptor);
  }
}

/** Of the IPC namespace of this process. @see sysvipc(7), proc_sysvipc(5) */
function sysvSegment(id: number): { size: number; segment: SysvSegment } | null {
  try {
    const rows = readFileSync("/proc/sysvipc/shm", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/ +/));
    const field = (row: readonly string[], name: string) => Number(row[rows[0]?.indexOf(name) ?? -1]);
    const row = rows.slice(1).find((each) => field(each, "shmid") === id);
    if (!row) return null;
    const segment = { id, attaches: field(row, "nattch"), creator: field(row, "cpid"), lastUser: field(row, "lpid") };
    return { size: field(row, "size"), segment };
  } catch {
    // A kernel without System V's interfaces.
    return null;
  }
}

/** Whether two regions map the same object. System V segments are those of one IPC namespace only. */
export function isSameObject(a: AddressSpace, ofA: number, b: AddressSpace, ofB: number): boolean {
  const device = (space: AddressSpace, index: number) => space.devices[space.columns.device[index] as number];
  if (a.columns.inode[ofA] !== b.columns.inode[ofB] || device(a, ofA) !== device(b, ofB)) return false;
  // These three have one device, and a segment's id as its inode may be another's inode.
  const [kindA, kindB] = [objectKind(a, ofA), objectKind(b, ofB)];
  return kindA === kindB || !(WITHOUT_FILE.has(kindA) || WITHOUT_FILE.has(kindB));
}

const WITHOUT_FILE: ReadonlySet<ObjectKind> = new Set(["sysvShm", "memfd", "sharedAnonymous", "private"]);

/** Of a text of maps it takes the lines that may be of an object, which it finds by their bytes: others are not parsed. */
export class ObjectScanner implements LineScanner {
  readonly #text: Buffer;
  #regions: RegionScanner | null = null;

  /** Looks for the object that a region maps. */
  constructor(space: AddressSpace, index: number) {
    const device = space.devices[space.columns.device[index] as number];
    const inode = space.columns.inode[index] as number;
    // Beyond 2⁵³ a number does not tell the digits.
    this.#text = Buffer.from(Number.isSafeInteger(inode) ? ` ${device} ${inode} ` : ` ${device} `);
  }

  scan(bytes: Buffer, from: number, to: number): number {
    const end = from + bytes.subarray(from, to).lastIndexOf(NEWLINE) + 1;
    const lines = bytes.subarray(from, end);
    for (let found = lines.indexOf(this.#text); found >= 0; ) {
      const next = lines.indexOf(NEWLINE, found) + 1;
      this.#regions ??= new RegionScanner();
      this.#regions.scan(bytes, from + lines.lastIndexOf(NEWLINE, found) + 1, from + next);
      found = lines.indexOf(this.#text, next);
    }
    return end;
  }

  /** The regions of those lines; `null` for none. Others may be among them whose path has the same text. */
  finish(): AddressSpace | null {
    return this.#regions?.finish() ?? null;
  }
}

const NEWLINE = 0x0a;
