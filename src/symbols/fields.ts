/** How an ELF file writes its numbers. */
export interface ElfFormat {
  /** ELFCLASS64: addresses, offsets and sizes have 64 bits. */
  readonly wide: boolean;
  readonly littleEndian: boolean;
}

/** Numbers at byte offsets of a few records. Reading beyond the end throws a RangeError, so check {@link length}. */
export class Fields {
  readonly length: number;
  readonly #view: DataView;
  readonly #format: ElfFormat;

  constructor(bytes: Buffer, format: ElfFormat) {
    this.length = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#format = format;
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#format.littleEndian);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#format.littleEndian);
  }

  /** An address: 4 or 8 bytes by the file's class. */
  address(at: number): bigint {
    const { wide, littleEndian } = this.#format;
    return wide ? this.#view.getBigUint64(at, littleEndian) : BigInt(this.#view.getUint32(at, littleEndian));
  }

  /** An offset or a size: 4 or 8 bytes by the file's class. Rounded beyond 2⁵³, which no file is long enough for. */
  size(at: number): number {
    const { wide, littleEndian } = this.#format;
    const first = this.#view.getUint32(at, littleEndian);
    if (!wide) return first;
    const second = this.#view.getUint32(at + 4, littleEndian);
    return littleEndian ? second * HALF + first : first * HALF + second;
  }

  /** A signed number of 4 or 8 bytes by the file's class. Rounded beyond 2⁵³. */
  signed(at: number): number {
    return Number(BigInt.asIntN(this.#format.wide ? 64 : 32, this.address(at)));
  }

  /** The low 32 bits of a number of 4 or 8 bytes by the file's class. */
  flags(at: number): number {
    const { wide, littleEndian } = this.#format;
    return this.#view.getUint32(wide && !littleEndian ? at + 4 : at, littleEndian);
  }
}

/** Whether so many bytes at an address are within 64 bits, and their number is exact: anything else is no real file's. */
export function fitsMemory(address: bigint, size: number): boolean {
  return Number.isSafeInteger(size) && address + BigInt(size) <= MEMORY_SIZE;
}

const HALF = 2 ** 32;
const MEMORY_SIZE = 2n ** 64n;
