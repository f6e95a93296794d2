import { setTimeout as sleep } from "node:timers/promises";
import type { MarkupContent } from "vscode-languageserver/node";
import { type HexAddress, parseAddress } from "../memory/address.ts";
import { blockInWords } from "../memory/block.ts";
import { alignmentInWords, frameInWords, pageInWords, stackInWords } from "../memory/explanationWords.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import { toExplanationMessage } from "../memory/messages.ts";
import type { SourceLocation } from "../memory/module.ts";
import { printable } from "../memory/names.ts";
import { formatBytes } from "../memory/size.ts";
import type { ExplanationMessage, PointerValue } from "../protocol/server.ts";
import { explanationOf, explanationWithSource } from "./explanations.ts";
import type { LiveTarget } from "./liveTarget.ts";

/** Milliseconds that a hover waits for source lines. */
const PATIENCE = 300;

/** The language server's hover: where a pointer points, and where it is stored itself. */
export async function hoverOf(target: LiveTarget, pointer: PointerValue): Promise<MarkupContent> {
  const [pointed, stored] = await Promise.all([
    placeAt(target, pointer.address),
    pointer.storedAt && placeAt(target, pointer.storedAt),
  ]);
  return { kind: "markdown", value: hoverText(pointer, pointed, stored || null) };
}

interface Place extends ExplanationMessage {
  /** Source lines are still being read. */
  readonly isUnfinished: boolean;
}

/** What debug information tells is waited for a short time; when it is read, the next hover has it at once. */
async function placeAt(target: LiveTarget, address: HexAddress): Promise<Place> {
  const explanation = await explanationOf(target, parseAddress(address) ?? 0n);
  const timer = new AbortController();
  const complete = await Promise.race([
    explanationWithSource(target, explanation).catch(() => explanation),
    sleep(PATIENCE, null, { signal: timer.signal }),
  ]);
  timer.abort();
  return { ...toExplanationMessage(complete ?? explanation), isUnfinished: complete === null };
}

function hoverText(pointer: PointerValue, pointed: Place, stored: Place | null): string {
  const { expression, address, frame, storedFrame, lastStop } = pointer;
  const when = lastStop ? " (its value at the last stop)" : "";
  const lines = [
    `**Process Memory** — ${code(expression)} points to ${code(address)}${when}`,
    `- ${placeOf(pointed)}`,
    `- ${plain(pointed.verdict.sentence)}`,
    ...sourceOf(pointed),
    ...leadsOf(pointed),
    ...detailsOf(frame && pointed.stack ? { ...pointed, stack: { ...pointed.stack, frame } } : pointed),
  ];
  if (stored) {
    const where = storedFrame ? `, ${plain(frameInWords(storedFrame))}` : "";
    lines.push(`- Stored at ${code(stored.address)}: ${placeOf(stored)}${where}`);
  }
  return lines.join("\n");
}

/** The shortest answer, in the words of the debug hover. */
function placeOf({ region, module, section, symbol }: ExplanationMessage): string {
  if (!region) return "not mapped";
  if (!module || !section) return `${code(region.name)} ${code(region.permissions)}`;
  const place = `${code(section.name)} of ${code(module.name)}`;
  return symbol ? `${place}: ${code(symbol.name)} + ${hex(symbol.offset)} of ${formatBytes(symbol.size)}` : place;
}

/** The line, through all inlined calls, or the variable's declaration. */
function* sourceOf({ frames, variable, isUnfinished }: Place): Generator<string> {
  if (isUnfinished) yield "- Source lines are still being read: hover again to see them";
  for (const [i, { function: name, source }] of frames.entries()) {
    const where = [name === null ? "" : code(name), source ? `at ${link(source)}` : ""]
      .filter((part) => part)
      .join(" ");
    if (where) yield i === 0 ? `- ${where}` : `- inlined into ${where}`;
  }
  if (!variable) return;
  const declared = variable.source ? `, declared at ${link(variable.source)}` : "";
  const type = variable.type === null ? "" : ` is ${code(variable.type)}`;
  yield `- ${code(variable.name)}${type}${declared}`;
}

/** The pointers that lead on from there, and what stands at the end. */
function* leadsOf({ telescope }: Place): Generator<string> {
  // Of code the line says it.
  if (!telescope || (telescope.steps.length === 0 && telescope.end.what === "code")) return;
  const steps = telescope.steps.map(({ address, place }) => `${code(address)} (${code(place)})`);
  yield steps.length > 0
    ? `- Leads to ${steps.join(" → ")}: ${code(telescope.end.words)}`
    : `- Holds ${code(telescope.end.words)}`;
}

function* detailsOf(explanation: ExplanationMessage): Generator<string> {
  const { region, kind, stack, block, file, section, page, alignment, below, above } = explanation;
  if (section) yield `- ${hex(section.offset)} into the section`;
  if (region) {
    const resident = region.rss === null ? "" : `, ${formatBytes(region.rss)} of it resident`;
    yield `- ${KIND_LABELS[kind ?? region.kind]}, in ${code(`${region.start}-${region.end}`)} ${code(region.permissions)}`;
    yield `- ${formatBytes(region.size)}${resident}`;
    if (stack) yield `- Stack ${plain(stackInWords(stack))}`;
    if (block) yield `- Block of ${plain(blockInWords(block))}`;
    if (page) yield `- Its page is ${pageInWords(page)}`;
    if (file) yield `- ${code(file.path)} at offset ${hex(file.offset)}`;
    yield `- Aligned to ${alignmentInWords(alignment)}`;
  }
  const neighbours = [
    below && `${code(below.name)} ends ${formatBytes(below.distance)} below`,
    above && `${code(above.name)} begins ${formatBytes(above.distance)} above`,
  ].filter((text) => text);
  if (neighbours.length > 0) yield `- ${neighbours.join(", ")}`;
}

/** Text from the target as an inline code span, which nothing in it can leave. @see CommonMark 6.1 */
function code(text: string): string {
  const line = printable(text.replace(/\s+/g, " ")).slice(0, LONGEST_NAME);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** A sentence with names and texts of the target in it, which are not to be Markdown. @see CommonMark 2.4 */
function plain(sentence: string): string {
  return printable(sentence).replace(/[\\`*_{}[\]()<>#|&~!:.@^=+$]/g, "\\$&");
}

/** A link that opens the source: the extension knows where the file is on this machine. */
function link({ file, line, column }: SourceLocation): string {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const argument = encodeURIComponent(JSON.stringify([{ file, line, column }]));
  const command = argument.replaceAll("(", "%28").replaceAll(")", "%29");
  return `[${code(`${name}:${line}`)}](command:processMemory.openSource?${command})`;
}

/** Names of templates have no end. */
const LONGEST_NAME = 300;

function hex(offset: number): string {
  return code(`0x${offset.toString(16)}`);
}
