import { withSums } from "../../memory/timeline.ts";
import type { Sample } from "../../protocol/server.ts";
import type { View } from "./view.ts";

/**
 * The samples that are drawn of a stretch of time, in seconds since the epoch: those in it and one on either side, back to
 * the last that tells what each kind has. Where that are more than `most`, one of each piece of time stays, the last; of
 * those with marks all do.
 */
export function samplesInView(samples: readonly Sample[], { from, to }: View, most: number): readonly Sample[] {
  const start = samples.findLastIndex(({ time }) => time <= from * 1000);
  const told = samples.findLastIndex(({ kinds, marks }, at) => at <= start && (kinds !== undefined || marks?.exec));
  const end = samples.findIndex(({ time }) => time >= to * 1000);
  const inView = samples.slice(Math.max(told < 0 ? start : told, 0), end < 0 ? samples.length : end + 1);
  return inView.length > most ? thinned(inView, ((to - from) * 1000) / most) : inView;
}

/** Pieces are powers of two of milliseconds, so that they stay the same as time goes on. */
function thinned(samples: readonly Sample[], least: number): Sample[] {
  const piece = 2 ** Math.ceil(Math.log2(least));
  const kept: Sample[] = [];
  let dropped: Sample | undefined;
  for (const [at, sample] of samples.entries()) {
    const next = samples[at + 1];
    const whole = withSums(sample, dropped);
    const isLast = !next || Math.floor(next.time / piece) !== Math.floor(sample.time / piece);
    dropped = isLast || sample.marks ? undefined : whole;
    if (dropped === undefined) kept.push(whole);
  }
  return kept;
}
