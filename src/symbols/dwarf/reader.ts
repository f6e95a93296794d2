/**
 * Reads numbers one after the other. Beyond the end everything is 0: no read throws, so loops check {@link isAtEnd}, and
 * what was read of a damaged record is recognised by {@link isBeyondEnd} where it matters.
 */
export class Reader {
  readonly bytes: Buffer;
  readonly littleEndian: boolean;
  /** The offset in the section of the first of the bytes. */
  readonly base: number;
  /** Position in the bytes. */
  at: number;

  constructor(bytes: Buffer, littleEndian: boolean, base = 0, at = 0) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.base = base;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Whether something was read that is not there. */
  get isBeyondEnd(): boolean {
    return this.at > this.bytes.length;
  }

  u8(): number {
    return (this.bytes[this.at++] as number) | 0;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const { bytes, at } = this;
    this.at = at + 2;
    const first = (bytes[at] as number) | 0;
    const second = (bytes[at + 1] as number) | 0;
    return this.littleEndian ? (second << 8) | first : (first << 8) | second;
  }

  u24(): number {
    const { bytes, at } = this;
    this.at = at + 3;
    const low = this.littleEndian ? at : at + 2;
    const high = this.littleEndian ? at + 2 : at;
    return ((bytes[high] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[low] as number);
  }

  u32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    if (this.littleEndian) {
      return (
        ((bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24)) >>>
        0
      );
    }
    return (
      ((bytes[at + 3] as number) |
        ((bytes[at + 2] as number) << 8) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at] as number) << 24)) >>>
      0
    );
  }

  /**
   * Eight bytes as a signed number, so that both the addresses of programs and those of kernels (from
   * 0xffff_8000_0000_0000) are exact. Others, beyond 2⁵³, are rounded: no file is so long and no memory so high.
   */
  i64(): number {
    const first = this.u32();
    const second = this.u32();
    const high = this.littleEndian ? second : first;
    const low = this.littleEndian ? first : second;
    // Most have no high half, and are small whole numbers, which take no memory, if they are not made of two.
    return high === 0 ? low : (high | 0) * HALF + low;
  }

  /** Eight bytes, exactly. */
  u64(): bigint {
    const [first, second] = [BigInt(this.u32()), BigInt(this.u32())];
    return this.littleEndian ? (second << 32n) | first : (first << 32n) | second;
  }

  /** An address of the given size; of 8 bytes as {@link i64}. */
  address(size: number): number {
    return size === 8 ? this.i64() : size === 4 ? this.u32() : size === 2 ? this.u16() : this.u8();
  }

  /** An offset or a length: 4 bytes, in 64-bit DWARF 8. */
  offset(size: number): number {
    return size === 8 ? this.i64() : this.u32();
  }

  /** @see DWARF 5 §7.6 */
  uleb(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] as number;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    while (byte >= 0x80) {
      byte = bytes[this.at++] as number;
      // Beyond ten bytes it is no number: the rest is skipped.
      if (scale < 2 ** 70) value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    return value;
  }

  /** @see DWARF 5 §7.6 */
  sleb(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = bytes[this.at++] as number;
      if (scale < 2 ** 70) value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return (byte & 0x40) !== 0 && scale <= 2 ** 70 ? value - scale : value;
  }

  skipLeb(): void {
    const { bytes } = this;
    while ((bytes[this.at++] as number) >= 0x80);
  }

  /** A text up to its zero. */
  string(): string {
    const start = this.at;
    this.skipString();
    return this.bytes.toString("utf8", start, this.at - 1);
  }

  skipString(): void {
    const { bytes } = this;
    while ((bytes[this.at++] as number) > 0);
  }
}

const HALF = 2 ** 32;
