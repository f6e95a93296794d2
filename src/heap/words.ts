/** Words of a target's memory, little-endian. */
import type { TargetMemory } from "../memory/target.ts";

/**
 * Reads words in windows that grow while one follows the other. Reads nothing but what is in memory, since reading brings
 * in what is not. Made anew for each question: a window is not read again.
 */
export class Words {
  readonly #target: TargetMemory;
  #bytes = new DataView(new ArrayBuffer(SMALLEST));
  #start = 0;
  #end = 0;
  /** Bytes that were asked for last; at first that will be. */
  #size: number;

  /** @param size bytes of the first window */
  constructor(target: TargetMemory, size = SMALLEST) {
    this.#target = target;
    this.#size = size;
  }

  /**
   * The word at the address; `null` where it is not in memory. Of numbers from 2⁵³ on, which no address of a program and
   * no size is, the lowest bits are lost.
   */
  at(address: number): number | null {
    const at = this.#place(address);
    return at < 0 ? null : this.#bytes.getUint32(at, true) + this.#bytes.getUint32(at + 4, true) * 2 ** 32;
  }

  /** The same with all of its bits. */
  exact(address: number): bigint | null {
    const at = this.#place(address);
    return at < 0 ? null : this.#bytes.getBigUint64(at, true);
  }

  /** Where the word is in the window; negative where it is not in memory. */
  #place(address: number): number {
    // What was read may be anything: no program has memory where doubles are no longer exact.
    if (!Number.isSafeInteger(address)) return -1;
    if (address < this.#start || address + WORD > this.#end) this.#read(address);
    return address + WORD > this.#end ? -1 : address - this.#start;
  }

  #read(address: number): void {
    if (address >= this.#start && address - this.#end < SMALLEST) this.#size = Math.min(this.#size * 2, LARGEST);
    else if (this.#start > 0) this.#size = SMALLEST;
    const size = this.#size;
    if (size > this.#bytes.byteLength) this.#bytes = new DataView(new ArrayBuffer(size));
    this.#start = address;
    this.#end = address + this.#target.readPresent(BigInt(address), new Uint8Array(this.#bytes.buffer, 0, size));
  }
}

const WORD = 8;
/** Bytes. */
const SMALLEST = 1 << 10;
const LARGEST = 1 << 16;
