/** Decompresses .xz files. Source: "The .xz File Format" 1.1.0; LZMA2 as in XZ Embedded, xz_dec_lzma2.c. */
import type { TimeSlice } from "../memory/timeSlice.ts";
import { DamagedError, LzmaDecoder, type LzmaProperties } from "./lzma.ts";

/**
 * What a stream that is compressed with LZMA2 alone holds. Its checksums are not compared. `null` where it is damaged, has
 * other filters, or would hold more than `limit` bytes.
 */
export async function decompressXz(input: Buffer, limit: number, slice: TimeSlice): Promise<Buffer | null> {
  try {
    return await new XzStream(input, limit).read(slice);
  } catch (error) {
    if (error instanceof DamagedError || error instanceof RangeError) return null;
    throw error;
  }
}

class XzStream {
  readonly #input: Buffer;
  readonly #limit: number;
  #output: Buffer = Buffer.alloc(0);
  /** Bytes that are decompressed. */
  #length = 0;
  #at = HEADER_SIZE;

  constructor(input: Buffer, limit: number) {
    this.#input = input;
    this.#limit = limit;
  }

  /** Reading beyond the end throws a RangeError. */
  async read(slice: TimeSlice): Promise<Buffer> {
    const input = this.#input;
    if (!input.subarray(0, 6).equals(MAGIC)) throw new DamagedError("This is no .xz file.");
    const checkSize = CHECK_SIZES[input.readUInt8(7) & 15] as number;
    // Where the index of the blocks stands, a block's header size would be 0.
    while (input.readUInt8(this.#at) !== 0) {
      this.#readBlockHeader();
      await this.#readChunks(slice);
      this.#at = Math.ceil(this.#at / 4) * 4 + checkSize;
    }
    return this.#output.subarray(0, this.#length);
  }

  #readBlockHeader(): void {
    const end = this.#at + (this.#input.readUInt8(this.#at) + 1) * 4;
    const flags = this.#input.readUInt8(this.#at + 1);
    this.#at += 2;
    if (flags & HAS_COMPRESSED_SIZE) this.#number();
    if (flags & HAS_SIZE) this.#number();
    if ((flags & MORE_FILTERS) !== 0 || this.#number() !== LZMA2) throw new DamagedError("A filter is not known.");
    this.#at = end;
  }

  async #readChunks(slice: TimeSlice): Promise<void> {
    const input = this.#input;
    let start = this.#length;
    let properties: LzmaProperties | null = null;
    let decoder: LzmaDecoder | null = null;
    for (let control = this.#byte(); control !== 0; control = this.#byte()) {
      if (control === 1 || control >= 0xe0) start = this.#length;
      const isPlain = control < 0x80;
      if (isPlain && control > 2) throw new DamagedError("A chunk is of no known kind.");
      const size = (isPlain ? 0 : (control & 0x1f) << 16) + input.readUInt16BE(this.#at) + 1;
      this.#at += 2;
      const from = this.#length;
      this.#grow(size);
      let packed = size;
      if (!isPlain) {
        packed = input.readUInt16BE(this.#at) + 1;
        this.#at += 2;
        if (control >= 0xc0) properties = propertiesOf(this.#byte());
        if (control >= 0xa0 && properties !== null) decoder = new LzmaDecoder(properties);
        if (decoder === null) throw new DamagedError("A chunk comes before its properties.");
      }
      const chunk = input.subarray(this.#at, this.#at + packed);
      if (chunk.length < packed) throw new DamagedError("A chunk is cut off.");
      if (isPlain) chunk.copy(this.#output, from);
      else decoder?.decode(chunk, this.#output, start, from, this.#length);
      this.#at += packed;
      if (slice.isOver) await slice.next();
    }
  }

  #grow(size: number): void {
    const length = this.#length + size;
    if (length > this.#limit) throw new DamagedError("It holds too much.");
    if (length > this.#output.length) {
      const larger = Buffer.alloc(Math.min(this.#limit, Math.max(length, 2 * this.#output.length)));
      this.#output.copy(larger, 0, 0, this.#length);
      this.#output = larger;
    }
    this.#length = length;
  }

  #byte(): number {
    return this.#input.readUInt8(this.#at++);
  }

  /** Seven bits a byte, the lowest first, up to nine bytes. Rounded beyond 2⁵³. */
  #number(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new DamagedError("A number has no end.");
  }
}

function propertiesOf(byte: number): LzmaProperties {
  const literalContext = byte % 9;
  const literalPosition = Math.floor(byte / 9) % 5;
  const position = Math.floor(byte / 45);
  if (position > 4 || literalContext + literalPosition > 4) throw new DamagedError("The properties are out of range.");
  return { literalContext, literalPosition, position };
}

const MAGIC = Buffer.from("\xfd7zXZ\0", "latin1");
const HEADER_SIZE = 12;
/** Bytes of the check behind each block, by its type. */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const MORE_FILTERS = 3;
const HAS_COMPRESSED_SIZE = 0x40;
const HAS_SIZE = 0x80;
const LZMA2 = 0x21;
