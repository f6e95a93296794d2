/**
 * Reads the text of `/proc/PID/maps` and `smaps` from its bytes: no number and no repeated name becomes a string on the
 * way, since 60,000 regions are 43 MB of smaps. Sources: proc_pid_maps(5), proc_pid_smaps(5), Linux fs/proc/task_mmu.c.
 */
import { type AddressSpace, EXECUTE, READ, SHARED, WRITE } from "../memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";
import { USAGE_FIELDS, type UsageField } from "../memory/region.ts";
import { TargetError } from "../memory/target.ts";
import { ByteTable } from "./byteTable.ts";
import { FieldLayout, NOT_KEPT } from "./fieldLayout.ts";
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
  readonly #noFlags: number;
  readonly #paths = new ByteTable((text) => this.#builder.path(unescaped(text)));
  readonly #devices = new ByteTable((text) => this.#builder.device(text.toString("latin1")));
  readonly #flagSets = new ByteTable((text) => this.#builder.flagSet(text.toString("latin1")));
  readonly #fieldNames = new ByteTable((text) => FIELDS.get(text.toString("latin1")) ?? NOT_KEPT);
  readonly #layout = new FieldLayout();
  #text: DataView = new DataView(new ArrayBuffer(0));
  /** Where the number that was read last ends. */
  #after = 0;
  #lastEnd = 0;
  #hasRegion = false;
  /** Whether fields have been seen: then every region has been read by smaps, even where a kernel prints no VmFlags. */
  #isSmaps = false;
  /** Bytes of the line that the last piece did not end. */
  #unfinished = 0;

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
    if (this.#text.buffer !== bytes.buffer || this.#text.byteOffset !== bytes.byteOffset) {
      this.#text = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    let at = from;
    for (;;) {
      if (this.#hasRegion) at = this.#layout.scan(this.#text, at, to, this.#builder);
      const end = lineEnd(this.#text, at, to);
      if (end === to) break;
      if (this.#hasRegion && isCapital(this.#text.getUint8(at))) this.#scanField(at, end);
      else this.#scanRegion(at, end);
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
  #scanRegion(at: number, end: number): void {
    const text = this.#text;
    const start = this.#hexadecimal(at, end);
    const dash = this.#after;
    const stop = this.#hexadecimal(dash + 1, end);
    const letters = this.#after + 1;
    // The numbers after the letters and the device have at least a byte each.
    if (letters + 9 > end || text.getUint8(dash) !== DASH) throw this.#strangeLine(at, end);
    const permissions =
      (text.getUint8(letters) === LETTER_R ? READ : 0) |
      (text.getUint8(letters + 1) === LETTER_W ? WRITE : 0) |
      (text.getUint8(letters + 2) === LETTER_X ? EXECUTE : 0) |
      (text.getUint8(letters + 3) === LETTER_S ? SHARED : 0);
    const fileOffset = this.#hexadecimal(letters + 5, end);
    const device = this.#after + 1;
    let deviceEnd = device;
    while (deviceEnd < end && text.getUint8(deviceEnd) !== SPACE) deviceEnd++;
    const inode = this.#decimal(deviceEnd + 1, end);
    let path = this.#after;
    while (path < end && text.getUint8(path) === SPACE) path++;
    // A number that is not there is NaN.
    const possible = start < stop && stop > this.#lastEnd && fileOffset >= 0 && inode >= 0;
    if (!possible) throw this.#strangeLine(at, end);
    // The kernel goes on with the first region that ends above the last one. When the target has merged it meanwhile with
    // ones that were read already, it comes with them.
    if (start < this.#lastEnd) this.#builder.cutBack(start);
    this.#builder.addIndexed(
      start,
      stop,
      permissions,
      fileOffset,
      this.#devices.find(text, device, deviceEnd),
      inode,
      path === end ? -1 : this.#paths.find(text, path, end),
    );
    if (this.#isSmaps) this.#builder.setFlagsIndexed(this.#noFlags);
    this.#lastEnd = stop;
    this.#hasRegion = true;
    this.#layout.begin();
  }

  /** `Rss:                  12 kB` or `VmFlags: rd mr mw me `; fields that nobody asks for are passed over. */
  #scanField(at: number, end: number): void {
    const text = this.#text;
    let colon = at;
    while (colon < end && text.getUint8(colon) !== COLON) colon++;
    if (colon === end) throw this.#strangeLine(at, end);
    if (!this.#isSmaps) {
      this.#isSmaps = true;
      this.#builder.setFlagsIndexed(this.#noFlags);
    }
    const field = this.#fieldNames.find(text, at, colon);
    if (field === VM_FLAGS) {
      this.#builder.setFlagsIndexed(this.#flagSets.find(text, colon + 1, end));
      return;
    }
    if (field !== NOT_KEPT) {
      let digits = colon + 1;
      while (digits < end && text.getUint8(digits) === SPACE) digits++;
      const kib = this.#decimal(digits, end);
      if (Number.isNaN(kib) || end - this.#after !== " kB".length) throw this.#strangeLine(at, end);
      this.#builder.setUsageIndexed(field, kib);
    }
    this.#layout.learn(text, at, end + 1 - at, field);
  }

  /** Exact for multiples of a page up to 2⁶⁴, see address.ts; NaN where there is no digit, or more than 64 bits. */
  #hexadecimal(from: number, end: number): number {
    const text = this.#text;
    // In two halves, since whole numbers of 32 bits are faster than doubles.
    let high = 0;
    let at = from;
    for (const last = Math.min(from + 8, end); at < last; at++) {
      const digit = DIGITS[text.getUint8(at)] as number;
      if (digit < 0) break;
      high = (high << 4) | digit;
    }
    let low = 0;
    const middle = at;
    for (const last = Math.min(from + 16, end); at < last; at++) {
      const digit = DIGITS[text.getUint8(at)] as number;
      if (digit < 0) break;
      low = (low << 4) | digit;
    }
    this.#after = at;
    if (at <= from || at === end || (DIGITS[text.getUint8(at)] as number) >= 0) return Number.NaN;
    return (high >>> 0) * (POWERS_OF_16[at - middle] as number) + (low >>> 0);
  }

  /** NaN where there is no digit. */
  #decimal(from: number, end: number): number {
    const text = this.#text;
    let value = 0;
    let at = from;
    for (; at < end; at++) {
      const digit = text.getUint8(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#after = at;
    if (at <= from) return Number.NaN;
    // Overlay file systems give inode numbers beyond 2⁵³: the nearest double, as Number() has it of stat's bigint.
    return at - from > 15 ? Number(latin1(text, from, at)) : value;
  }

  #strangeLine(at: number, end: number): TargetError {
    const line = latin1(this.#text, at, Math.min(end, at + 100));
    return new TargetError(
      "unreadable",
      `The kernel's list of regions has a line that can't be understood: "${line}".`,
    );
  }
}

/** What {@link USAGE_FIELDS} are called in smaps. */
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

const VM_FLAGS = -2;

const FIELDS = new Map<string, number>([
  ...USAGE_FIELDS.map((field, index) => [SMAPS_NAMES[field], index] as const),
  ["VmFlags", VM_FLAGS],
]);

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const LETTER_R = 0x72;
const LETTER_W = 0x77;
const LETTER_X = 0x78;
const LETTER_S = 0x73;

/** The value of a lower-case hexadecimal digit by its byte; -1 for all else. */
const DIGITS = Int8Array.from({ length: 256 }, (_, byte) => "0123456789abcdef".indexOf(String.fromCharCode(byte)));

const POWERS_OF_16 = Array.from({ length: 9 }, (_, power) => 16 ** power);

/** Where the line's newline is; `to` where there is none before. */
function lineEnd(text: DataView, from: number, to: number): number {
  let end = from;
  while (end + 4 <= to && !hasNewline(text.getInt32(end))) end += 4;
  while (end < to && text.getUint8(end) !== NEWLINE) end++;
  return end;
}

/** Whether one of four bytes is a newline: what is 0 after the exclusive or borrows from its highest bit. */
function hasNewline(word: number): boolean {
  const zeros = word ^ 0x0a0a0a0a;
  return ((zeros - 0x01010101) & ~zeros & 0x80808080) !== 0;
}

/** Field names begin with a capital, region lines with a lower-case hexadecimal digit. */
function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** The kernel escapes newlines alone, so that a name with a real `\012` in it can't be told from one with a newline. */
function unescaped(path: Buffer): string {
  return path.toString("utf8").replaceAll("\\012", "\n");
}

function latin1(text: DataView, from: number, to: number): string {
  return Buffer.from(text.buffer, text.byteOffset + from, to - from).toString("latin1");
}
