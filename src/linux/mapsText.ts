import type { AddressSpace, Columns } from "../memory/addressSpace.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { RegionScanner } from "./maps.ts";
import type { LineScanner } from "./memoryFile.ts";

/**
 * The text of maps as it was read last. Most readings give the same bytes again: then comparing them is all there is to
 * do, and who asks can tell by getting the same object.
 */
export class MapsText implements LineScanner {
  #text = Buffer.allocUnsafeSlow(PIECE);
  #length = 0;
  /** The text that {@link #regions} were made of. */
  #known = Buffer.alloc(0);
  #knownLength = 0;
  #regions: AddressSpace | null = null;
  readonly #scanner = new RegionScanner();

  /** Before a reading. */
  begin(): this {
    this.#length = 0;
    return this;
  }

  scan(bytes: Buffer, from: number, to: number): number {
    const length = this.#length + to - from;
    if (length > this.#text.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(length, this.#text.length * 2));
      this.#text.copy(longer, 0, 0, this.#length);
      this.#text = longer;
    }
    bytes.copy(this.#text, this.#length, from, to);
    this.#length = length;
    return to;
  }

  /** The regions that were read; `previous` itself where they are the same. */
  async regions(previous?: AddressSpace): Promise<AddressSpace> {
    if (previous !== undefined && previous === this.#regions && this.#isKnown()) return previous;
    const scanner = this.#scanner.begin();
    const slice = new TimeSlice();
    let scanned = 0;
    for (let end = 0; end < this.#length; ) {
      end = Math.min(end + PIECE, this.#length);
      scanned = scanner.scan(this.#text, scanned, end);
      if (slice.isOver) await slice.next();
    }
    const regions = scanner.finish();
    this.#regions = previous !== undefined && sameRegions(previous, regions) ? previous : regions;
    [this.#text, this.#known, this.#knownLength] = [this.#known, this.#text, this.#length];
    return this.#regions;
  }

  #isKnown(): boolean {
    return this.#text.subarray(0, this.#length).equals(this.#known.subarray(0, this.#knownLength));
  }
}

const PIECE = 64 * 1024;

/** Whether two readings agree in all that maps says, be one of them of smaps. */
function sameRegions(a: AddressSpace, b: AddressSpace): boolean {
  return (
    a.length === b.length &&
    FROM_MAPS.every((column) => bytesOf(a.columns[column]).equals(bytesOf(b.columns[column]))) &&
    sameTexts(a.paths, b.paths) &&
    sameTexts(a.devices, b.devices)
  );
}

const FROM_MAPS = [
  "start",
  "end",
  "permissions",
  "fileOffset",
  "device",
  "inode",
  "path",
] as const satisfies (keyof Columns)[];

function bytesOf(column: Float64Array | Uint8Array | Uint16Array | Int32Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
