/** What `procmem` prints for people. */
import { toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { blockInWords, blockPlace } from "../memory/block.ts";
import type { Counters, Totals } from "../memory/counters.ts";
import type { Explanation } from "../memory/explanation.ts";
import { alignmentInWords, pageInWords, stackInWords, telescopeInWords } from "../memory/explanationWords.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import type { DebugInfoOrigin, ElfLayout, Frame, SourceLocation, Variable } from "../memory/module.ts";
import { placeLabel, printable, regionName } from "../memory/names.ts";
import { formatBytes } from "../memory/size.ts";
import { contentsInWords } from "../memory/telescope.ts";
import { verdictSentence } from "../memory/verdict.ts";
import type { Place } from "./place.ts";
import type { SectionCover } from "./sections.ts";

/** `shown`: the indexes of the regions that are listed. */
export function mapText(
  title: string,
  space: AddressSpace,
  shown: Uint32Array,
  counters: Counters,
  totals: Totals,
): string {
  const rows = Array.from(shown, (index) => {
    const { usage, ...region } = space.region(index);
    return [
      `${region.start.toString(16)}-${region.end.toString(16)}`,
      region.permissions,
      formatBytes(region.size),
      bytesOrDash(usage?.rss),
      bytesOrDash(usage?.pss),
      bytesOrDash(usage && usage.sharedDirty + usage.privateDirty),
      bytesOrDash(usage?.swap),
      region.kind,
      printable(region.path ?? regionName(space, index)),
    ];
  });
  const lines = table(
    ["ADDRESS", "PERM", "SIZE", "RSS", "PSS", "DIRTY", "SWAP", "KIND", "NAME"],
    rows,
    [2, 3, 4, 5, 6],
  );
  const { size, rss, pss, uss, swap } = totals;
  const sums = [`size ${formatBytes(size)}`, `RSS ${formatBytes(rss)}`, `PSS ${bytesOrDash(pss)}`];
  sums.push(`USS ${bytesOrDash(uss)}`, `swap ${formatBytes(swap)}`);
  const faults = `${counters.minorFaults} minor and ${counters.majorFaults} major faults`;
  const regions =
    shown.length === space.length ? `${shown.length} regions` : `${shown.length} of ${space.length} regions`;
  return [printable(title), ...lines, `${regions}: ${sums.join(", ")}; ${faults}`].join("\n");
}

export function explanationText(explanation: Explanation): string {
  const { address, region, kind, module, section, symbol, source, frames, variable, below, above } = explanation;
  const { verdict, stack, block, file, page, alignment, telescope } = explanation;
  const facts: string[][] = [["verdict", verdictSentence(verdict)]];
  if (region) {
    const resident = region.usage ? `, ${formatBytes(region.usage.rss)} resident` : "";
    facts.push([
      "kind",
      kind === region.kind || !kind
        ? KIND_LABELS[region.kind]
        : `${KIND_LABELS[kind]}, in a region of ${KIND_LABELS[region.kind]}`,
    ]);
    facts.push([
      "region",
      `${toHex(region.start)}-${toHex(region.end)} ${region.permissions}, ${formatBytes(region.size)}${resident}`,
    ]);
    if (region.path && !file) facts.push(["path", region.path]);
  }
  if (stack) facts.push(["stack", stackInWords(stack)]);
  if (block) facts.push(["block", blockInWords(blockPlace(block, address))]);
  if (file) facts.push(["file", `${file.path}, offset 0x${file.offset.toString(16)}`]);
  if (module)
    facts.push([
      "module",
      `${module.path}, bias ${toHex(module.bias)}${module.buildId ? `, build-id ${module.buildId}` : ""}`,
    ]);
  if (section) facts.push(["section", `${section.name}+0x${section.offset.toString(16)}`]);
  if (symbol) facts.push(["symbol", `${symbol.name}+0x${symbol.offset.toString(16)} of ${formatBytes(symbol.size)}`]);
  for (const [index, frame] of frames.entries()) facts.push([index === 0 ? "code" : "", frameText(frame, index)]);
  if (variable) facts.push(["variable", variableText(variable)]);
  if (source && frames.length === 0 && !variable) facts.push(["source", sourceText(source)]);
  // Of code the line says it.
  if (telescope && (telescope.steps.length > 0 || telescope.end.what !== "code")) {
    const steps = telescope.steps.map((step) => ({ ...step, address: toHex(step.address) }));
    facts.push(["holds", telescopeInWords(steps, contentsInWords(telescope.end))]);
  }
  if (page) facts.push(["page", pageInWords(page)]);
  if (alignment > 0) facts.push(["aligned", `to ${alignmentInWords(alignment)}`]);
  if (below) facts.push(["below", `${below.name}, ${formatBytes(below.distance)} away`]);
  if (above) facts.push(["above", `${above.name}, ${formatBytes(above.distance)} away`]);
  const lines = facts.map(([name = "", fact = ""]) => `  ${name.padEnd(8)} ${printable(fact)}`);
  return [`${toHex(address)}  ${printable(placeLabel(explanation))}`, ...lines].join("\n");
}

/** What is at an address of a file: a line, and one more for each function or for the variable. */
export function placeText({ address, section, symbol, frames, variable }: Place): string {
  const name = symbol && `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
  const head = [toHex(address), section?.name ?? "outside of all sections", name ?? ""].join("  ").trimEnd();
  const lines = frames.map((frame, index) => frameText(frame, index));
  if (variable) lines.push(variableText(variable));
  return [head, ...lines.map((line) => `  ${line}`)].map(printable).join("\n");
}

export function sectionsText(
  path: string,
  { buildId }: ElfLayout,
  origin: DebugInfoOrigin,
  covers: readonly SectionCover[],
): string {
  const rows = covers.map(({ section, symbols, uncovered }) => [
    toHex(section.address),
    formatBytes(section.size),
    `r${section.writable ? "w" : "-"}${section.executable ? "x" : "-"}`,
    `${symbols}`,
    uncovered > 0 ? formatBytes(uncovered) : "–",
    [printable(section.name), section.threadLocal ? "(each thread's)" : "", section.noBits ? "(zeroed)" : ""]
      .filter((word) => word !== "")
      .join(" "),
  ]);
  const about = [`build-id ${buildId ?? "none"}`, `debug information ${origin.path ? `in ${origin.path}` : "none"}`];
  const title = printable(`${path}  ${about.join(", ")}`);
  const header = ["ADDRESS", "SIZE", "PERM", "SYMBOLS", "UNNAMED", "SECTION"];
  return [title, ...table(header, rows, [0, 1, 3, 4])].join("\n");
}

/** `inlined by` the frame that stands before it; the first is where the address is. */
function frameText({ function: name, source }: Frame, index: number): string {
  const text = source ? `${name ?? "?"} at ${sourceText(source)}` : (name ?? "?");
  return index === 0 ? text : `inlined by ${text}`;
}

function variableText({ name, type, size, source }: Variable): string {
  const words = [type === null ? name : `${name}: ${type}`, size > 0 ? `, ${formatBytes(size)}` : ""];
  return words.join("") + (source ? `, declared at ${sourceText(source)}` : "");
}

function sourceText({ file, line, column }: SourceLocation): string {
  return [file, ...(line > 0 ? [line] : []), ...(line > 0 && column > 0 ? [column] : [])].join(":");
}

/** Columns as wide as their widest cell; those of `right` are numbers. The last is as wide as it needs. */
export function table(header: readonly string[], rows: readonly string[][], right: readonly number[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => all.reduce((width, row) => Math.max(width, (row[column] ?? "").length), 0));
  return all.map((row) =>
    row
      .map((cell, column) => {
        if (column === row.length - 1) return cell;
        const width = widths[column] as number;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  "),
  );
}

export function bytesOrDash(bytes: number | null | undefined): string {
  return typeof bytes === "number" ? formatBytes(bytes) : "–";
}
