import { closeSync, fstatSync, readSync } from "node:fs";
import type { MappedFile } from "../memory/target.ts";

/** Bytes that are read a range at a time: a file, later a decompressed section or a target's memory. */
export interface Bytes {
  /** How many there are; 0 once closed. */
  readonly size: number;
  /**
   * The bytes from `offset`, at most `length`; fewer (down to none) where there are no more or they can't be read.
   * @param into may be used for them, where it is long enough: new memory costs more than to read into it
   */
  read(offset: number, length: number, into?: Buffer): Buffer;
  close(): void;
}

/** An open regular file. Owns the descriptor: it is read no more after {@link close}, when its number may be reused. */
export class FileBytes implements Bytes {
  /** The same for two that are open on one file; empty where it can't be told. */
  readonly identity: string;
  readonly #descriptor: number;
  readonly #start: number;
  #size: number;
  #closed = false;

  /** @param part of the file; where it is none, the whole */
  constructor(descriptor: number, part?: MappedFile["part"]) {
    const { size, identity } = statusOf(descriptor);
    this.#descriptor = descriptor;
    this.#start = part?.offset ?? 0;
    this.#size = part?.size ?? size;
    this.identity = identity;
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, length: number, into?: Buffer): Buffer {
    const wanted = Math.min(length, this.#size - offset);
    if (!(offset >= 0 && wanted > 0)) return Buffer.alloc(0);
    const buffer = into !== undefined && into.length >= wanted ? into : Buffer.allocUnsafe(wanted);
    let done = 0;
    try {
      while (done < wanted) {
        const count = readSync(this.#descriptor, buffer, done, wanted - done, this.#start + offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch {
      // A file cut while it is read, or an unreadable medium: what was read until then is the partial answer.
    }
    return buffer.subarray(0, done);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#size = 0;
    closeSync(this.#descriptor);
  }
}

/** A part of other bytes, which are not closed with it. */
export class Window implements Bytes {
  readonly #bytes: Bytes;
  readonly #start: number;
  readonly #size: number;

  /** What of it lies beyond the other bytes is left out. */
  constructor(bytes: Bytes, start: number, size: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#size = Math.max(0, Math.min(size, bytes.size - start));
  }

  /** 0 once the other bytes are closed. */
  get size(): number {
    return this.#bytes.size === 0 ? 0 : this.#size;
  }

  read(offset: number, length: number, into?: Buffer): Buffer {
    if (!(offset >= 0)) return Buffer.alloc(0);
    return this.#bytes.read(this.#start + offset, Math.min(length, this.#size - offset), into);
  }

  close(): void {}
}

/** Bytes in memory. */
export class MemoryBytes implements Bytes {
  #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get size(): number {
    return this.#buffer.length;
  }

  /** A view, no copy. */
  read(offset: number, length: number): Buffer {
    return offset >= 0 && length > 0 ? this.#buffer.subarray(offset, offset + length) : Buffer.alloc(0);
  }

  close(): void {
    this.#buffer = Buffer.alloc(0);
  }
}

/** The size is 0 for what is no regular file, and for one that can't be asked any more (on a file server that is gone). */
function statusOf(descriptor: number): { size: number; identity: string } {
  try {
    const status = fstatSync(descriptor);
    return { size: status.isFile() ? status.size : 0, identity: `${status.dev} ${status.ino}` };
  } catch {
    return { size: 0, identity: "" };
  }
}
