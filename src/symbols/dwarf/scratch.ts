import type { Bytes } from "../bytes.ts";
import { Reader } from "./reader.ts";

/**
 * Memory for bytes that are gone through at once: what else is read into it takes their place, so nobody keeps a view, nor
 * waits while using one. New memory costs several times what it costs to read into it, since the kernel first has to find
 * and to clear each of its pages.
 */
export const scratch = Buffer.allocUnsafeSlow(1 << 17);

/**
 * To go through a section a part at a time: the reader itself as long as it has `length` bytes more, or all up to `end`;
 * else one that stands where it does and has, in {@link scratch}. What is longer than that gets memory of its own.
 */
export function ahead(section: Bytes, reader: Reader, length: number, end: number): Reader {
  const { bytes, littleEndian, base, at } = reader;
  if (at + length <= bytes.length || base + bytes.length >= end) return reader;
  const start = base + at;
  return new Reader(
    section.read(start, Math.min(Math.max(length, scratch.length), end - start), scratch),
    littleEndian,
    start,
  );
}
