/** Zstandard. Source: RFC 8878. */
import { zstdDecompressSync } from "node:zlib";
import { decompress } from "fzstd";

/**
 * What some frames, one after the other, decompress to. Throws where they are damaged or decompress to more bytes than
 * `size`; what is missing at their end is left out.
 */
export function decompressZstd(data: Buffer, size: number): Buffer {
  const frames = framesOf(data);
  const [only] = frames;
  if (only !== undefined && frames.length === 1) return decompressFrame(only, size);
  // Node's own decompression ends with the first frame, and some linkers write one for each mebibyte.
  const content = Buffer.allocUnsafe(size);
  let length = 0;
  for (const frame of frames) {
    const part = decompressFrame(frame, size - length);
    length += part.copy(content, length);
  }
  return content.subarray(0, length);
}

interface Frame {
  readonly bytes: Buffer;
  /** Bytes of what it decompresses to; `null` where it does not tell. */
  readonly contentSize: number | null;
}

function decompressFrame({ bytes, contentSize }: Frame, most: number): Buffer {
  if (typeof zstdDecompressSync === "function") {
    // All at once into one buffer, with a byte to see that there is no more.
    const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(contentSize ?? most, most) + 1);
    return zstdDecompressSync(bytes, { chunkSize, maxOutputLength: most });
  }
  // Node before 22.15.
  if (contentSize === null || contentSize > most) throw new RangeError("The frame is larger than it may be.");
  const content = Buffer.alloc(contentSize);
  decompress(bytes, content);
  return content;
}

/** The frames with data, up to the first that is not whole. */
function framesOf(data: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + SHORTEST_FRAME <= data.length; ) {
    const magic = data.readUInt32LE(at);
    if ((magic & ~15) === SKIPPABLE) {
      at += 8 + data.readUInt32LE(at + 4);
      continue;
    }
    const frame = magic === MAGIC ? frameAt(data, at) : null;
    if (frame === null) break;
    frames.push(frame);
    at += frame.bytes.length;
  }
  return frames;
}

/** @see RFC 8878 §3.1.1 */
function frameAt(data: Buffer, start: number): Frame | null {
  const descriptor = data[start + 4] as number;
  const isSingleSegment = (descriptor & 32) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeAt = start + (isSingleSegment ? 5 : 6) + ([0, 1, 2, 4][descriptor & 3] as number);
  const sizeLength = sizeFlag > 0 ? 1 << sizeFlag : isSingleSegment ? 1 : 0;
  let at = sizeAt + sizeLength;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > data.length) return null;
    const block = data.readUIntLE(at, 3);
    isLast = (block & 1) !== 0;
    at += 3 + (((block >> 1) & 3) === REPEATED_BYTE ? 1 : block >> 3);
  }
  at += (descriptor & 4) !== 0 ? CHECKSUM : 0;
  if (at > data.length) return null;
  return { bytes: data.subarray(start, at), contentSize: contentSize(data, sizeAt, sizeLength) };
}

function contentSize(data: Buffer, at: number, length: number): number | null {
  if (length === 0) return null;
  if (length === 8) return Number(data.readBigUInt64LE(at));
  return data.readUIntLE(at, length) + (length === 2 ? 256 : 0);
}

const MAGIC = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
const SHORTEST_FRAME = 9;
const REPEATED_BYTE = 1;
const CHECKSUM = 4;
/** Bytes: Node refuses less. */
const SMALLEST_CHUNK = 64;
