/** Parts of an explanation in words, for hovers and the command line. */
import type { HexAddress } from "./address.ts";
import type { FramePlace, PageState, StackPlace } from "./explanation.ts";
import { printable } from "./names.ts";
import { formatBytes } from "./size.ts";

/** `in memory, anonymous, of this process alone`. */
export function pageInWords({ present, swapped, file, exclusive, guard }: PageState): string {
  if (guard) return "a guard (MADV_GUARD_INSTALL)";
  if (!present) return swapped ? "swapped out" : "not in memory";
  // What is mapped twice is shared, whoever has the other mapping.
  const sharing = exclusive ? "of this process alone" : "shared";
  return `in memory, ${file ? "of a file or shared memory" : "anonymous"}, ${sharing}`;
}

/** `of the main thread, 64 B above the stack pointer, in frame #1 main, local buffer`, `of thread 7`. */
export function stackInWords({ thread, isMain, abovePointer, frame }: StackPlace): string {
  const whose = isMain
    ? "of the main thread"
    : thread === null
      ? "of a thread that is not known"
      : `of thread ${thread}`;
  const parts = [whose];
  if (abovePointer !== null) {
    parts.push(`${formatBytes(Math.abs(abovePointer))} ${abovePointer < 0 ? "below" : "above"} the stack pointer`);
  }
  if (frame) parts.push(frameInWords(frame));
  return parts.join(", ");
}

/** `in frame #1 main, local buffer`. */
export function frameInWords({ level, function: name, local }: FramePlace): string {
  return printable(`in frame #${level} ${name}${local === null ? "" : `, local ${local}`}`);
}

/** `16 bytes`; of a whole page or more `a page`. */
export function alignmentInWords(alignment: number): string {
  return alignment === 1 ? "1 byte" : alignment < 4096 ? formatBytes(alignment).replace(" B", " bytes") : "a page";
}

/** `0x5581e2a0 ([heap] rw-p) → 0x5581e2c0 ([heap] rw-p) → "hello"`; what stands at the address itself where that is no pointer. */
export function telescopeInWords(
  steps: readonly { readonly address: HexAddress; readonly place: string }[],
  end: string,
): string {
  return [...steps.map(({ address, place }) => `${address} (${place})`), end].join(" → ");
}
