import { constants, inflateSync } from "node:zlib";
import { type ElfFormat, Fields } from "./fields.ts";
import { decompressZstd } from "./zstd.ts";

/** A section whose contents are compressed. */
export interface CompressedSection {
  /** Bytes that it claims to decompress to. */
  readonly size: number;
  readonly method: "zlib" | "zstd" | "unknown";
  /** Where in the section the compressed bytes begin. */
  readonly start: number;
}

/** Reads the header (Elf32_Chdr or Elf64_Chdr) of a section with SHF_COMPRESSED. */
export function readCompressedSection(start: Buffer, format: ElfFormat): CompressedSection {
  const [sizeAt, headerSize] = format.wide ? [8, 24] : [4, 12];
  if (start.length < headerSize) return DAMAGED;
  const fields = new Fields(start, format);
  return { size: fields.size(sizeAt), method: METHODS[fields.u32(0)] ?? "unknown", start: headerSize };
}

/** Reads the header of a section whose name begins with `.zdebug_`, as it was before SHF_COMPRESSED. @see ld(1) */
export function readOldCompressedSection(start: Buffer): CompressedSection {
  if (start.length < OLD_HEADER || start.toString("latin1", 0, 4) !== "ZLIB") return DAMAGED;
  return { size: Number(start.readBigUInt64BE(4)), method: "zlib", start: OLD_HEADER };
}

/**
 * Decompresses a section. Of one that is cut short there is what it has, of one that is damaged or has more than it
 * claims nothing.
 * @param data the section with its header
 */
export function decompress({ size, method, start }: CompressedSection, data: Buffer): Buffer {
  const compressed = data.subarray(start);
  try {
    if (method === "zlib") return inflate(compressed, size);
    if (method === "zstd") return decompressZstd(compressed, size);
  } catch {
    // Damaged, or more than it claims.
  }
  return Buffer.alloc(0);
}

function inflate(data: Buffer, size: number): Buffer {
  // All at once into one buffer, with a byte to see that there is no more.
  const chunkSize = Math.max(constants.Z_MIN_CHUNK, size + 1);
  // What was cut is no error then.
  return inflateSync(data, { chunkSize, maxOutputLength: size, finishFlush: constants.Z_SYNC_FLUSH });
}

/** More than any header. */
export const LONGEST_COMPRESSION_HEADER = 24;
const OLD_HEADER = 12;
const DAMAGED: CompressedSection = { size: 0, method: "unknown", start: 0 };
/** `ch_type`: ELFCOMPRESS_ZLIB, ELFCOMPRESS_ZSTD. */
const METHODS: Record<number, CompressedSection["method"]> = { 1: "zlib", 2: "zstd" };
