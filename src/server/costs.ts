/** What the variables and functions of a source file cost a target. */
import { pageSize } from "../linux/pageSize.ts";
import { toHex } from "../memory/address.ts";
import type { Definition, Module, Work } from "../memory/module.ts";
import { runAddress, sectionAt, sectionsInMemory } from "../memory/modules.ts";
import { type PagesReading, PRESENT, SWAPPED, ZERO } from "../memory/pages.ts";
import { TargetError } from "../memory/target.ts";
import type { Cost, CostPages } from "../protocol/costs.ts";
import type { LiveTarget } from "./liveTarget.ts";
import { type LongQuestions, noneUnlessStopped } from "./longQuestions.ts";

/**
 * The costs of what a source file defines, by line; of all modules that have it. The pages are those of now, whatever the
 * last reading was. Throws a {@link TargetError}, and what the signal was ended with.
 */
export async function costsOf(
  target: LiveTarget,
  files: readonly string[],
  questions: LongQuestions,
  signal: AbortSignal,
): Promise<Cost[]> {
  const placed: Placed[] = [];
  for (const module of target.revision.space.modules) {
    const elf = target.elf(module);
    if (!elf) continue;
    const ask = (work: Work) => elf.definitionsIn(files, work).catch(noneUnlessStopped(work));
    const definitions = await questions.ask(module.name, ask, signal);
    placed.push(...byName(definitions).map((copies) => placedCost(module, copies)));
  }
  await addPages(target, placed, signal);
  return placed.map(({ cost }) => cost).sort((a, b) => a.line - b.line);
}

/** A cost, and which pages hold it. */
interface Placed {
  readonly cost: Cost;
  readonly spans: readonly Span[];
}

/** Pages by their number, address / page size: from the first up to, without, `to`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The definitions of one name on one line. */
function byName(definitions: readonly Definition[]): Definition[][] {
  const groups = new Map<string, Definition[]>();
  for (const definition of definitions) {
    const key = `${definition.line} ${definition.type} ${plainName(definition)}`;
    const others = groups.get(key);
    if (others) others.push(definition);
    else groups.set(key, [definition]);
  }
  return [...groups.values()];
}

/** Without the arguments of a template: `max<int>`, but `operator<`. */
function plainName({ name }: Definition): string {
  return name.startsWith("operator") ? name : name.replace(/(?<=.)<.*$/s, "");
}

function placedCost(module: Module, copies: readonly Definition[]): Placed {
  const [first] = copies as [Definition];
  const { line, type, isThreadLocal } = first;
  const sections = isThreadLocal
    ? module.layout.sections.filter((each) => each.threadLocal)
    : sectionsInMemory(module.layout);
  const extents = copies
    .flatMap((copy) => copy.extents)
    .map(({ address, size }) => ({ from: Number(runAddress(module, address)), size }));
  const bytes = merged(extents.map(({ from, size }) => ({ from, to: from + size })));
  const starts = new Set(copies.map((copy) => copy.extents[0]?.address));
  const address = first.extents[0]?.address ?? 0n;
  const cost: Cost = {
    ...{ name: plainName(first), type, line },
    copies: starts.size,
    size: bytes.reduce((sum, { from, to }) => sum + to - from, 0),
    start: isThreadLocal ? null : toHex(runAddress(module, address)),
    section: sectionAt(sections, address)?.name ?? null,
    library: module.isProgram ? null : module.name,
    pages: null,
  };
  const page = pageSize();
  const spans = bytes.map(({ from, to }) => ({ from: Math.floor(from / page), to: Math.ceil(to / page) }));
  return { cost, spans: isThreadLocal ? [] : merged(spans) };
}

/**
 * In order, those put together that overlap, touch, or lie so close together, as long as that does not make more than
 * `longest`.
 */
function merged(spans: readonly Span[], gap = 0, longest = Number.POSITIVE_INFINITY): Span[] {
  const all: Span[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (!last || from > last.to + gap || to - last.from > longest) all.push({ from, to });
    else all[all.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return all;
}

/** Reads the pages of all: those that lie close together at once. Where they cannot be read they stay unknown. */
async function addPages(target: LiveTarget, placed: readonly Placed[], signal: AbortSignal): Promise<void> {
  const spans = placed.flatMap((each) => each.spans);
  const counts = new Map<Span, CostPages>();
  const page = BigInt(pageSize());
  try {
    for (const { from, to } of merged(spans, GAP, MOST_CELLS)) {
      if (target.ended) return;
      const [start, end] = [BigInt(from) * page, BigInt(to) * page];
      const reading = await target.pages.readCells(target.revision.space, start, end, MOST_CELLS, { signal });
      if (!reading.isWhole) continue;
      const isWhole = (span: Span) => span.from === from && span.to === to;
      const isHeld = (span: Span) => reading.cells.pagesPerCell === 1 && span.from >= from && span.to <= to;
      for (const span of spans) if (isWhole(span) || isHeld(span)) counts.set(span, countIn(reading, from, span));
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof TargetError)) throw error;
  }
  for (const { cost, spans } of placed) cost.pages = sumOf(spans.map((span) => counts.get(span)));
}

/** @param first the number of the page with which the reading begins */
function countIn({ cells, told }: PagesReading, first: number, { from, to }: Span): CostPages {
  const count = (state: number) => {
    const column = cells.column(state);
    const counted = cells.pagesPerCell === 1 ? column.subarray(from - first, to - first) : column;
    return counted.reduce((sum, pages) => sum + pages, 0);
  };
  const zero = told & ZERO ? count(ZERO) : null;
  return { total: to - from, present: count(PRESENT), swapped: count(SWAPPED), zero };
}

/** `null` where some are not known, or there are none. */
function sumOf(counts: readonly (CostPages | undefined)[]): CostPages | null {
  const [first, ...others] = counts;
  if (!first) return null;
  const sum = { ...first };
  for (const count of others) {
    if (!count) return null;
    sum.total += count.total;
    sum.present += count.present;
    sum.swapped += count.swapped;
    sum.zero = sum.zero === null || count.zero === null ? null : sum.zero + count.zero;
  }
  return sum;
}

/** Pages between two that are read with them. */
const GAP = 64;
/** Pages that are told one by one; more are counted together. */
const MOST_CELLS = 1 << 16;
