/**
 * Reads the text of `/proc/PID/maps` and `smaps` from its bytes: no number and no repeated name becomes a string on the
 * way, since 60,000 regions are 43 MB of smaps. Sources: proc_pid_maps(5), proc_pid_smaps(5), Linux fs/proc/task_mmu.c.
 */
import { type AddressSpace, EXECUTE, READ, SHARED, THP_ELIGIBLE, WRITE } from "../memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../memory/addressSpaceBuilder.ts";
import { USAGE_FIELDS, type UsageField } from "../memory/region.ts";
import { TargetError } from "../memory/target.ts";
import { ByteTable } from "./byteTable.ts";
import { ELIGIBLE, FieldLayout, NOT_KEPT } from "./fieldLayout.ts";
import type { LineScanner } from "./memoryFile.ts";

/** Parses a whole text of maps or smaps. Throws a {@link TargetError} `unreadable` where it is neither. */
export function parseRegions(text: Uint8Array): AddressSpace {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const scanner = new RegionScanner();
  scanner.scan(bytes, 0, bytes.length);
  return scanner.finish();
}

/**
 * Makes regions of a text that comes in pieces. maps has a line a region; smaps has lines of fields after each. It reads
 * one text after the other, and what it has learned of names and lines serves the next.
 */
export class RegionScanner implements LineScanner {
  #builder = new AddressSpaceBuilder();
  #noFlags = this.#builder.flagSet("");
  readonly #permissions = new ByteTable(SPACE, permissionBits);
  readonly #devices = new ByteTable(SPACE, (text) => this.#builder.device(text));
  readonly #paths = new ByteTable(NEWLINE, (text) => this.#builder.path(unescaped(text)));
  readonly #fieldNames = new ByteTable(COLON, (text) => FIELDS.get(text) ?? NOT_KEPT);
  readonly #flagSets = new ByteTable(NEWLINE, (text) => this.#builder.flagSet(text));
  readonly #eligibleFlagSets = new ByteTable(NEWLINE, (text) => this.#builder.flagSet(`${text}${THP_ELIGIBLE}`));
  readonly #layout = new FieldLayout();
  #text: DataView = new DataView(new ArrayBuffer(0));
  /** Where the whole lines end that are read now. */
  #end = 0;
  /** Where the line under way begins, and where what has been read of it ends. */
  #line = 0;
  #after = 0;
  /** Eight digits that have been read, and what they are: neighbours' addresses begin alike. */
  #digits = Number.NaN;
  #digitsValue = 0;
  #lastEnd = 0;
  #hasRegion = false;
  /** Whether fields have been seen: then every region has been read by smaps, even where a kernel prints no VmFlags. */
  #isSmaps = false;
  /** Whether the region may get huge pages. */
  #isEligible = false;
  /** Bytes of the line that the last piece did not end. */
  #unfinished = 0;
  /** Regions of the last text. */
  #expected = 0;

  /** Before another text. */
  begin(): this {
    this.#builder = new AddressSpaceBuilder(this.#expected);
    this.#noFlags = this.#builder.flagSet("");
    for (const names of [this.#devices, this.#paths, this.#flagSets, this.#eligibleFlagSets]) names.begin();
    this.#lastEnd = 0;
    this.#hasRegion = false;
    this.#isSmaps = false;
    this.#unfinished = 0;
    return this;
  }

  /**
   * Takes the whole lines of `bytes[from … to)` and answers where they end: what follows is to be given again, with its
   * rest. Throws a {@link TargetError} `unreadable` for a line that neither file can have.
   */
  scan(bytes: Buffer, from: number, to: number): number {
    if (this.#text.buffer !== bytes.buffer || this.#text.byteOffset !== bytes.byteOffset) {
      this.#text = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    // What is read of a line ends at its newline at the latest, so nothing need look for the end of the bytes.
    let end = to;
    while (end > from && bytes[end - 1] !== NEWLINE) end--;
    this.#end = end;
    for (let at = from; at < end; at = this.#after + 1) {
      if (this.#hasRegion) at = this.#layout.scan(this.#text, at, end, this.#builder);
      if (at === end) break;
      this.#line = at;
      if (this.#hasRegion && isCapital(this.#text.getUint8(at))) this.#scanField();
      else this.#scanRegion();
    }
    this.#unfinished = to - end;
    return end;
  }

  /** The regions. Throws a {@link TargetError} `unreadable` where the text ended within a line. */
  finish(): AddressSpace {
    if (this.#unfinished > 0) throw new TargetError("unreadable", "The kernel's list of regions ends within a line.");
    const space = this.#builder.finish();
    this.#expected = space.length;
    return space;
  }

  /** `7ffff7dd5000-7ffff7dfd000 r--p 00000000 fe:00 260890                     /usr/lib/libc.so.6` */
  #scanRegion(): void {
    const text = this.#text;
    const start = this.#hexadecimal(this.#line);
    const stop = this.#hexadecimal(this.#past(DASH));
    const permissions = this.#name(this.#permissions, this.#past(SPACE));
    let fileOffset = 0;
    let device = 0;
    let inode = 0;
    let path = -1;
    if (this.#isAnonymous()) {
      device = this.#name(this.#devices, this.#after + " 00000000 ".length);
      this.#after += " 0 ".length;
    } else {
      fileOffset = this.#hexadecimal(this.#past(SPACE));
      device = this.#name(this.#devices, this.#past(SPACE));
      inode = this.#decimal(this.#past(SPACE));
      while (text.getUint8(this.#after) === SPACE) this.#after++;
      if (text.getUint8(this.#after) !== NEWLINE) path = this.#name(this.#paths, this.#after);
    }
    // A number that is not there is NaN.
    const possible = start < stop && stop > this.#lastEnd && permissions >= 0 && fileOffset >= 0 && inode >= 0;
    if (!possible) throw this.#strangeLine();
    // The kernel goes on with the first region that ends above the last one. When the target has merged it meanwhile with
    // ones that were read already, it comes with them.
    if (start < this.#lastEnd) this.#builder.cutBack(start);
    this.#builder.addIndexed(start, stop, permissions, fileOffset, device, inode, path);
    if (this.#isSmaps) this.#builder.setFlagsIndexed(this.#noFlags);
    this.#isEligible = false;
    this.#lastEnd = stop;
    this.#hasRegion = true;
    this.#layout.begin();
  }

  /** Whether the permissions are followed by ` 00000000 00:00 0 ` and a newline, as they mostly are. */
  #isAnonymous(): boolean {
    const text = this.#text;
    const at = this.#after;
    return (
      at + ANONYMOUS.length <= this.#end &&
      text.getFloat64(at) === ANONYMOUS_START &&
      text.getFloat64(at + 8) === ANONYMOUS_MIDDLE &&
      text.getInt32(at + 15) === ANONYMOUS_END
    );
  }

  /** `Rss:                  12 kB` or `VmFlags: rd mr mw me `; fields that nobody asks for are passed over. */
  #scanField(): void {
    const text = this.#text;
    if (!this.#isSmaps) {
      this.#isSmaps = true;
      this.#builder.setFlagsIndexed(this.#noFlags);
    }
    if (this.#line + VM_FLAGS.length <= this.#end && text.getFloat64(this.#line) === VM_FLAGS_START) {
      const flagSets = this.#isEligible ? this.#eligibleFlagSets : this.#flagSets;
      this.#builder.setFlagsIndexed(this.#name(flagSets, this.#line + VM_FLAGS.length));
      return;
    }
    const field = this.#name(this.#fieldNames, this.#line);
    this.#after = this.#past(COLON);
    if (field === ELIGIBLE) {
      while (text.getUint8(this.#after) === SPACE) this.#after++;
      const value = this.#decimal(this.#after);
      if (Number.isNaN(value) || text.getUint8(this.#after) !== NEWLINE) throw this.#strangeLine();
      this.#isEligible = value > 0;
    } else if (field === NOT_KEPT) {
      while (text.getUint8(this.#after) !== NEWLINE) this.#after++;
    } else {
      while (text.getUint8(this.#after) === SPACE) this.#after++;
      const kib = this.#decimal(this.#after);
      const hasUnit = this.#after + 4 <= this.#end && text.getInt32(this.#after) === UNIT;
      if (Number.isNaN(kib) || !hasUnit) throw this.#strangeLine();
      this.#builder.setUsageIndexed(field, kib);
      this.#after += " kB".length;
    }
    this.#layout.learn(text, this.#line, this.#after + 1 - this.#line, field);
  }

  /** What the text that begins there stands for. */
  #name(names: ByteTable, from: number): number {
    const value = names.find(this.#text, from, this.#end);
    this.#after = names.after;
    return value;
  }

  /** Where the line goes on after the byte that must come next. */
  #past(byte: number): number {
    if (this.#text.getUint8(this.#after) !== byte) throw this.#strangeLine();
    return this.#after + 1;
  }

  /** Exact for multiples of a page up to 2⁶⁴, see address.ts; NaN where there is no digit, or more than 64 bits. */
  #hexadecimal(from: number): number {
    const text = this.#text;
    // In two halves, since whole numbers of 32 bits are faster than doubles.
    const middle = from + 8;
    const digits = middle <= this.#end ? text.getFloat64(from) : Number.NaN;
    let high = 0;
    let at = from;
    if (digits === this.#digits) {
      high = this.#digitsValue;
      at = middle;
    } else {
      for (; at < middle; at++) {
        const digit = DIGITS[text.getUint8(at)] as number;
        if (digit < 0) break;
        high = (high << 4) | digit;
      }
      if (at === middle) {
        this.#digits = digits;
        this.#digitsValue = high;
      }
    }
    let low = 0;
    if (at === middle) {
      for (; at < from + 16; at++) {
        const digit = DIGITS[text.getUint8(at)] as number;
        if (digit < 0) break;
        low = (low << 4) | digit;
      }
    }
    this.#after = at;
    if (at === from || (DIGITS[text.getUint8(at)] as number) >= 0) return Number.NaN;
    return (high >>> 0) * (POWERS_OF_16[Math.max(at - middle, 0)] as number) + (low >>> 0);
  }

  /** NaN where there is no digit. */
  #decimal(from: number): number {
    const text = this.#text;
    let value = 0;
    let at = from;
    for (; ; at++) {
      const digit = text.getUint8(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#after = at;
    if (at === from) return Number.NaN;
    // Overlay file systems give inode numbers beyond 2⁵³: the nearest double, as Number() has it of stat's bigint.
    return at - from > 15 ? Number(latin1(text, from, at)) : value;
  }

  #strangeLine(): TargetError {
    let end = this.#line;
    while (end < this.#line + 100 && this.#text.getUint8(end) !== NEWLINE) end++;
    const line = latin1(this.#text, this.#line, end);
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
  ksm: "KSM",
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

const FIELDS = new Map<string, number>([
  ...USAGE_FIELDS.map((field, index) => [SMAPS_NAMES[field], index] as const),
  ["THPeligible", ELIGIBLE],
]);

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DASH = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;

const VM_FLAGS = "VmFlags:";
const VM_FLAGS_START = Buffer.from(VM_FLAGS).readDoubleBE();

const UNIT = Buffer.from(" kB\n").readInt32BE();

const ANONYMOUS = Buffer.from(" 00000000 00:00 0 \n");
const ANONYMOUS_START = ANONYMOUS.readDoubleBE();
const ANONYMOUS_MIDDLE = ANONYMOUS.readDoubleBE(8);
const ANONYMOUS_END = ANONYMOUS.readInt32BE(15);

/** The value of a lower-case hexadecimal digit by its byte; -1 for all else. */
const DIGITS = Int8Array.from({ length: 256 }, (_, byte) => "0123456789abcdef".indexOf(String.fromCharCode(byte)));

const POWERS_OF_16 = Array.from({ length: 9 }, (_, power) => 16 ** power);

/** `rw-p` as bits; -1 where it is something else. */
function permissionBits(letters: string): number {
  if (!/^[r-][w-][x-][sp]$/.test(letters)) return -1;
  const bit = (letter: string, value: number) => (letters.includes(letter) ? value : 0);
  return bit("r", READ) | bit("w", WRITE) | bit("x", EXECUTE) | bit("s", SHARED);
}

/** Field names begin with a capital, region lines with a lower-case hexadecimal digit. */
function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** The kernel escapes newlines alone, so that a name with a real `\012` in it can't be told from one with a newline. */
function unescaped(path: string): string {
  return path.replaceAll("\\012", "\n");
}

function latin1(text: DataView, from: number, to: number): string {
  return Buffer.from(text.buffer, text.byteOffset + from, to - from).toString("latin1");
}
