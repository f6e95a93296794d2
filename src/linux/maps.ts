/**
 * Reads the text of `/proc/PID/maps` and `smaps` from its bytes: no number and no repeated name becomes a string on the
 * way, since 60,000 regions are 43 MB of smaps. Sources: proc_pid_maps(5), proc_pid_smaps(5), Linux fs/proc/task_mmu.c.
 */
import { type AddressSpace, EXECUTE, READ, SHARED, WRITE } from "../memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";
import { USAGE_FIELDS, type UsageField } from "../memory/region.ts";
import { TargetError } from "../memory/target.ts";
import { ByteTable } from "./byteTable.ts";
import { FieldLayout, fieldValue, LONGEST_LINE } from "./fieldLayout.ts";
import type { LineScanner } from "./memoryFile.ts";

/** Parses a whole text of maps or smaps. Throws a {@link TargetError} `unreadable` where it is neither. */
export function parseRegions(text: Uint8Array): AddressSpace {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const scanner = new RegionScanner();
  scanner.scan(bytes, 0, bytes.length);
  return scanner.finish();
}

/** Makes regions of a text that comes in pieces. maps has a line a region; smaps has lines of fields after each. */
export class RegionScanner implements LineScanner {
  readonly #builder: AddressSpaceBuilder;
  readonly #paths = new ByteTable((text) => this.#builder.path(unescaped(text)));
  readonly #devices = new ByteTable((text) => this.#builder.device(text.toString("latin1")));
  readonly #flagSets = new ByteTable((text) => this.#builder.flagSet(text.toString("latin1")));
  readonly #names = new ByteTable((text) => FIELDS.get(text.toString("latin1")) ?? NOT_KEPT);
  readonly #noFlags: number;
  readonly #layout = new FieldLayout();
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Lines of fields since the last region's own line; -1 before the first region. */
  #fields = -1;
  #lastEnd = 0;
  /** Bytes of the line that the last piece did not end. */
  #unfinished = 0;
  /** Where the number that was read last ends. */
  #after = 0;

  /** `expected` regions need no growing. */
  constructor(expected?: number) {
    this.#builder = new AddressSpaceBuilder(expected);
    this.#noFlags = this.#builder.flagSet("");
  }

  /**
   * Takes the whole lines of `bytes[from … to)` and answers where they end: what follows is to be given again, with its
   * rest. Throws a {@link TargetError} `unreadable` for a line that neither file can have.
   */
  scan(bytes: Buffer, from: number, to: number): number {
    if (this.#view.buffer !== bytes.buffer || this.#view.byteOffset !== bytes.byteOffset) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    let at = from;
    for (;;) {
      if (this.#fields >= 0) at = this.#scanKnownFields(bytes, at, to);
      const end = lineEnd(bytes, at, to);
      if (end === to) break;
      if (this.#fields >= 0 && isCapital(bytes[at])) this.#scanField(bytes, at, end);
      else this.#scanRegion(bytes, at, end);
      at = end + 1;
    }
    this.#unfinished = to - at;
    return at;
  }

  /** The regions. Throws a {@link TargetError} `unreadable` where the text ended within a line. */
  finish(): AddressSpace {
    if (this.#unfinished > 0) throw new TargetError("unreadable", "The kernel's list of regions ends within a line.");
    return this.#builder.finish();
  }

  /** `7ffff7dd5000-7ffff7dfd000 r--p 00000000 fe:00 260890                     /usr/lib/libc.so.6` */
  #scanRegion(bytes: Buffer, at: number, end: number): void {
    const start = this.#hexadecimal(bytes, at);
    const dash = this.#after;
    const stop = this.#hexadecimal(bytes, dash + 1);
    const letters = this.#after + 1;
    const permissions =
      (bytes[letters] === LETTER_R ? READ : 0) |
      (bytes[letters + 1] === LETTER_W ? WRITE : 0) |
      (bytes[letters + 2] === LETTER_X ? EXECUTE : 0) |
      (bytes[letters + 3] === LETTER_S ? SHARED : 0);
    const fileOffset = this.#hexadecimal(bytes, letters + 5);
    const device = this.#after + 1;
    let deviceEnd = device;
    while (deviceEnd < end && bytes[deviceEnd] !== SPACE) deviceEnd++;
    const inode = this.#decimal(bytes, deviceEnd + 1);
    let path = this.#after;
    while (bytes[path] === SPACE) path++;
    const numbers = start < stop && start >= this.#lastEnd && fileOffset >= 0 && inode >= 0;
    if (!numbers || bytes[dash] !== DASH || path > end) throw strangeLine(bytes, at, end);
    this.#builder.addIndexed(
      start,
      stop,
      permissions,
      fileOffset,
      this.#devices.find(bytes, device, deviceEnd),
      inode,
      path === end ? -1 : this.#paths.find(bytes, path, end),
    );
    this.#lastEnd = stop;
    this.#fields = 0;
  }

  /** Takes the lines that are as those at the same places in an earlier region, and answers where they end. */
  #scanKnownFields(bytes: Buffer, from: number, to: number): number {
    const view = this.#view;
    const layout = this.#layout;
    let place = this.#fields;
    let at = from;
    while (to - at >= LONGEST_LINE) {
      const length = layout.lengthAt(place, view, at);
      if (length === 0) break;
      const field = layout.fieldAt(place);
      if (field !== NOT_KEPT) {
        const kib = fieldValue(bytes, view, at);
        if (kib < 0) break;
        if (kib > 0) this.#builder.setUsageIndexed(field, kib);
      }
      if (place++ === 0) this.#builder.setFlagsIndexed(this.#noFlags);
      at += length;
    }
    this.#fields = place;
    return at;
  }

  /** `Rss:                  12 kB` or `VmFlags: rd mr mw me `; fields that nobody asks for are passed over. */
  #scanField(bytes: Buffer, at: number, end: number): void {
    let colon = at;
    while (colon < end && bytes[colon] !== COLON) colon++;
    if (colon === end) throw strangeLine(bytes, at, end);
    const field = this.#names.find(bytes, at, colon);
    // A region that has fields has been read by smaps, even where an old kernel prints no VmFlags.
    if (this.#fields === 0) this.#builder.setFlagsIndexed(this.#noFlags);
    if (field === VM_FLAGS) {
      this.#builder.setFlagsIndexed(this.#flagSets.find(bytes, colon + 1, end));
    } else {
      if (field !== NOT_KEPT) this.#builder.setUsageIndexed(field, this.#fieldNumber(bytes, at, colon + 1, end));
      this.#layout.learn(this.#fields, this.#view, at, end + 1 - at, field);
    }
    this.#fields++;
  }

  #fieldNumber(bytes: Buffer, line: number, from: number, end: number): number {
    let digits = from;
    while (bytes[digits] === SPACE) digits++;
    const kib = this.#decimal(bytes, digits);
    if (Number.isNaN(kib) || bytes.toString("latin1", this.#after, end) !== " kB") throw strangeLine(bytes, line, end);
    return kib;
  }

  /** Exact for multiples of a page up to 2⁶⁴, see address.ts; NaN where there is no digit, or more than 64 bits. */
  #hexadecimal(bytes: Buffer, from: number): number {
    let value = 0;
    let at = from;
    for (;;) {
      const digit = hexadecimalDigit(bytes[at]);
      if (digit < 0) break;
      value = value * 16 + digit;
      at++;
    }
    this.#after = at;
    return at - from <= 16 && at > from ? value : Number.NaN;
  }

  /** NaN where there is no digit. */
  #decimal(bytes: Buffer, from: number): number {
    let value = 0;
    let at = from;
    for (;;) {
      const digit = decimalDigit(bytes[at]);
      if (digit < 0) break;
      value = value * 10 + digit;
      at++;
    }
    this.#after = at;
    if (at === from) return Number.NaN;
    // Overlay file systems give inode numbers beyond 2⁵³: the nearest double, as Number(bigint) of stat's has it.
    return at - from > 15 ? Number(bytes.toString("latin1", from, at)) : value;
  }
}

/** What {@link USAGE_FIELDS} are called in smaps, by index. */
const SMAPS_NAMES: Record<UsageField, string> = {
  rss: "Rss",
  pss: "Pss",
  pssDirty: "Pss_Dirty",
  sharedClean: "Shared_Clean",
  sharedDirty: "Shared_Dirty",
  privateClean: "Private_Clean",
  privateDirty: "Private_Dirty",
  referenced: "Referenced",
  anonymous: "Anonymous",
  lazyFree: "LazyFree",
  anonHugePages: "AnonHugePages",
  shmemPmdMapped: "ShmemPmdMapped",
  filePmdMapped: "FilePmdMapped",
  sharedHugetlb: "Shared_Hugetlb",
  privateHugetlb: "Private_Hugetlb",
  swap: "Swap",
  swapPss: "SwapPss",
  locked: "Locked",
};

const NOT_KEPT = -1;
const VM_FLAGS = -3;

const FIELDS = new Map<string, number>([
  ...USAGE_FIELDS.map((field, index) => [SMAPS_NAMES[field], index] as const),
  ["VmFlags", VM_FLAGS],
]);

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const COLON = 0x3a;
const LETTER_R = 0x72;
const LETTER_W = 0x77;
const LETTER_X = 0x78;
const LETTER_S = 0x73;

/** Where the line's newline is; `to` where there is none before. */
function lineEnd(bytes: Buffer, from: number, to: number): number {
  let end = from;
  while (end < to && bytes[end] !== NEWLINE) end++;
  return end;
}

/** Field names begin with a capital, region lines with a lower-case hexadecimal digit. */
function isCapital(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a;
}

function decimalDigit(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1;
}

function hexadecimalDigit(byte: number | undefined): number {
  if (byte === undefined || byte < 0x30) return -1;
  if (byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

/** The kernel escapes newlines alone, so that a name with a real `\012` in it can't be told from one with a newline. */
function unescaped(path: Buffer): string {
  return path.toString("utf8").replaceAll("\\012", "\n");
}

function strangeLine(bytes: Buffer, at: number, end: number): TargetError {
  const line = bytes.toString("latin1", at, Math.min(end, at + 100));
  return new TargetError("unreadable", `The kernel's list of regions has a line that can't be understood: "${line}".`);
}
