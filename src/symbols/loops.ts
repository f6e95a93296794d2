import type { Bytes } from "./bytes.ts";
import { LOOPS } from "./compiledLoops.ts";
import { BYTES, BYTES_SIZE, BYTES_SLACK } from "./loops/layout.ts";

/** What `loops/` exports, where each is described; what is a truth value there is 0 or 1. */
interface Loops {
  readonly memory: WebAssembly.Memory;
  findNearestSymbols(from: number, end: number, low: number, high: number, section: number, names: number): void;
  indexAbbreviations(): number;
  nextAddressRange(limit: number, isBig: number, sought: number): number;
  nextNearSymbol(from: number, end: number, low: number, high: number, before: number, behind: number): number;
  readAbbreviations(end: number, limit: number, offsetSize: number): number;
  runLineProgram(end: number, limit: number, isBig: number, sought: number): number;
  skipEntries(
    from: number,
    limit: number,
    isBig: number,
    toUnit: number,
    unitEnd: number,
    addressSize: number,
    codes: number,
    isDeep: number,
    sought: number,
  ): number;
}

/**
 * The loops that go through whole sections, in WebAssembly: the first question comes when nothing of the engine is machine
 * code yet, and V8 takes milliseconds to find out which loops of JavaScript are worth that.
 */
export const loops = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(LOOPS, "base64")))
  .exports as unknown as Loops;

/** Their memory, of which `loops/layout.ts` tells what is where. It does not grow. */
export const { buffer: memory } = loops.memory;

/**
 * Memory for bytes that are gone through at once: what else is read into it takes their place, so nobody keeps a view, nor
 * waits while using one. New memory costs several times what it costs to read into it, since the kernel first has to find
 * and to clear each of its pages.
 */
export const scratch = Buffer.from(memory, BYTES, BYTES_SIZE);

const withSlack = new Uint8Array(memory, BYTES, BYTES_SIZE + BYTES_SLACK);

/**
 * Reads bytes to where the loops go through them.
 * @param length no more than {@link scratch} has
 * @returns a view of it
 */
export function readForLoops(from: Bytes, offset: number, length: number): Buffer {
  const bytes = from.read(offset, length, scratch);
  if (bytes.buffer !== memory) scratch.set(bytes);
  withSlack.fill(0, bytes.length, bytes.length + BYTES_SLACK);
  return scratch.subarray(0, bytes.length);
}
