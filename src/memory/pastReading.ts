import type { Moment } from "./gone.ts";
import { type PackedRegions, Packer, type Unpacked, Unpacker } from "./packedRegions.ts";
import { SameRegions } from "./sameRegions.ts";
import { TimeSlice } from "./timeSlice.ts";

/** A reading of a target's regions, packed: a few bytes a region, and those that another reading has too only once. */
export class PastReading {
  /** The number of the revision. */
  readonly revision: number;
  readonly moment: Moment;
  /** In address order. */
  readonly pieces: readonly PackedRegions[];
  /** When the numbers were read: so many regions at that time, and so on. */
  readonly #readAt: Float64Array;

  constructor(revision: number, moment: Moment, pieces: readonly PackedRegions[], readAt: Float64Array) {
    this.revision = revision;
    this.moment = moment;
    this.pieces = pieces;
    this.#readAt = readAt;
  }

  /** Bytes of memory without those of the pieces. */
  get size(): number {
    return OBJECTS + 8 * this.pieces.length + 8 * this.#readAt.length;
  }

  /** The regions as they were found; unpacked while others have their turn. */
  async unpack(): Promise<Unpacked> {
    const slice = new TimeSlice();
    const unpacker = new Unpacker(this.pieces.reduce((sum, { count }) => sum + count, 0));
    for (const piece of this.pieces) {
      unpacker.add(piece);
      if (slice.isOver) await slice.next();
    }
    const unpacked = unpacker.finish();
    fillRuns(unpacked.space.columns.readAt, this.#readAt);
    return unpacked;
  }
}

/** Of V8, for one reading. */
const OBJECTS = 400;

/**
 * Packs a space so that it shares with the one before what is the same: a piece ends where one of that did, unless it has
 * become too small or too large.
 * @param before what `pieces` were packed of
 */
export async function packedLike(
  pieces: readonly PackedRegions[],
  before: Unpacked | null,
  { space, heat }: Unpacked,
): Promise<PackedRegions[]> {
  const { start } = space.columns;
  const slice = new TimeSlice();
  const packer = new Packer(space, heat.rates);
  const same = before && new SameRegions(before.space, space, [[before.heat.rates, heat.rates]]);
  const packed: PackedRegions[] = [];
  /** A piece of before, and the index of its first region. */
  let old = 0;
  let index = 0;
  for (let from = 0; from < space.length; ) {
    const first = start[from] as number;
    while (old < pieces.length && (pieces[old] as PackedRegions).first < first) {
      index += (pieces[old] as PackedRegions).count;
      old++;
    }
    const piece = pieces[old]?.first === first ? pieces[old] : undefined;
    const to = endOfPiece(start, from, pieces, old);
    const isSame = piece?.count === to - from && same?.has(index, from, piece.count);
    packed.push(isSame ? piece : packer.pack(from, to, piece));
    from = to;
    if (slice.isOver) await slice.next();
  }
  return packed;
}

/** Equal neighbours as pairs of how many and what. */
export function runsOf(column: Float64Array): Float64Array {
  const runs: number[] = [];
  for (let from = 0, to = 0; from < column.length; from = to) {
    while (to < column.length && column[to] === column[from]) to++;
    runs.push(to - from, column[from] as number);
  }
  return Float64Array.from(runs);
}

/** Where a piece ends that begins with the region `from`; `next` is a piece of before that begins there or later. */
function endOfPiece(start: Float64Array, from: number, before: readonly PackedRegions[], next: number): number {
  let to = from + FEWEST;
  if (to >= start.length) return start.length;
  let old = next;
  while (old < before.length && (before[old] as PackedRegions).first < (start[to] as number)) old++;
  const boundary = before[old]?.first ?? Number.POSITIVE_INFINITY;
  const last = Math.min(from + 2 * REGIONS, start.length);
  while (to < last && (start[to] as number) < boundary) to++;
  return to < start.length && (start[to] as number) < boundary ? from + REGIONS : to;
}

/** In a piece, as a rule, and at least unless it is the last. */
const REGIONS = 64;
const FEWEST = REGIONS / 2;

function fillRuns(column: Float64Array, runs: Float64Array): void {
  let from = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const to = from + (runs[i] as number);
    column.fill(runs[i + 1] as number, from, to);
    from = to;
  }
}
