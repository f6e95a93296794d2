import type { StepCost } from "../protocol/stops.ts";
import { KIND_LABELS, KINDS, type Kind } from "./kind.ts";
import { formatBytes } from "./size.ts";

/**
 * What a step cost, each part in words: `+256 minor faults`, `RSS +1 MiB (heap)`, `1 mapping made (4 MiB)`. Nothing where it
 * cost nothing; what is not known is not spoken of.
 * @param mostKinds so many kinds are named, those of which most came or went
 */
export function stepParts(step: StepCost, mostKinds: number = KINDS.length): string[] {
  const { minorFaults, majorFaults, heap } = step;
  const parts = [
    ...(minorFaults > 0 ? [`+${several(minorFaults, "minor fault")}`] : []),
    ...(majorFaults > 0 ? [`+${several(majorFaults, "major fault")}`] : []),
    ...residentPart(step, mostKinds),
    ...(heap ? [`heap ${grownText(heap)} in size`] : []),
    ...mappingParts(step),
  ];
  return parts.length === 0 ? [] : [...parts, ...attribution(step)];
}

/** `+1 MiB`, `-4 KiB`, `0 B`. */
export function grownText(bytes: number): string {
  return `${bytes > 0 ? "+" : ""}${formatBytes(bytes)}`;
}

/** `heap +1 MiB, code -4 KiB, 2 kinds more`: what the RSS grew and shrank by; empty where it is as it was, or not known. */
export function kindsText({ kinds }: StepCost, mostKinds: number = KINDS.length): string {
  const amount = (kind: Kind) => kinds?.[kind] ?? 0;
  const changed = KINDS.filter(amount).sort((a, b) => Math.abs(amount(b)) - Math.abs(amount(a)));
  const named = changed.slice(0, mostKinds).map((kind) => `${KIND_LABELS[kind]} ${grownText(amount(kind))}`);
  const left = changed.length - named.length;
  return [...named, ...(left > 0 ? [`${several(left, "kind")} more`] : [])].join(", ");
}

/** That it was not the doing of one step of one thread. */
export function attribution({ stop, since, otherThreads }: StepCost): string[] {
  const steps = stop - since;
  return [
    ...(otherThreads ? [`${several(otherThreads, "other thread")} ran too`] : []),
    ...(steps > 1 ? [`over ${several(steps, "step")}`] : []),
  ];
}

function residentPart(step: StepCost, mostKinds: number): string[] {
  const { rss, kinds } = step;
  const [only, ...others] = KINDS.filter((kind) => kinds?.[kind]);
  if (rss === null || !only) return [];
  return [`RSS ${grownText(rss)} (${others.length === 0 ? KIND_LABELS[only] : kindsText(step, mostKinds)})`];
}

function mappingParts({ changes, heap }: StepCost): string[] {
  if (!changes) return [];
  const { added, removed, grown, shrunk, protection } = changes;
  // The heap's own growth is told already.
  const [more, less] = [grown.bytes - Math.max(0, heap ?? 0), shrunk.bytes - Math.max(0, -(heap ?? 0))];
  return [
    ...(added.count > 0 ? [`${several(added.count, "mapping")} made (${formatBytes(added.bytes)})`] : []),
    ...(removed.count > 0 ? [`${several(removed.count, "mapping")} removed (${formatBytes(removed.bytes)})`] : []),
    ...(more > 0 ? [`mappings grown by ${formatBytes(more)}`] : []),
    ...(less > 0 ? [`mappings shrunk by ${formatBytes(less)}`] : []),
    ...(protection.count > 0 ? [`protection changed of ${formatBytes(protection.bytes)}`] : []),
  ];
}

function several(count: number, what: string): string {
  return `${counts.format(count)} ${what}${count === 1 ? "" : "s"}`;
}

const counts = new Intl.NumberFormat("en");
