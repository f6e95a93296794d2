import type { MarkupContent } from "vscode-languageserver/node";
import { KIND_LABELS } from "../memory/kind.ts";
import { formatBytes } from "../memory/size.ts";
import type { ExplanationMessage, PointerValue } from "../protocol/server.ts";

/** The language server's hover: where a pointer points, and where it is stored itself. */
export function hoverText(
  pointer: PointerValue,
  at: ExplanationMessage,
  stored: ExplanationMessage | null,
): MarkupContent {
  const when = pointer.lastStop ? " (its value at the last stop)" : "";
  const lines = [
    `**Process Memory** — ${code(pointer.expression)} points to ${code(pointer.address)}${when}`,
    ...explanationLines(at),
  ];
  if (stored) lines.push(`- Stored at ${code(stored.address)}: ${placeOf(stored)}`);
  return { kind: "markdown", value: lines.join("\n") };
}

function* explanationLines({
  region,
  section,
  symbol,
  source,
  below,
  above,
  address,
}: ExplanationMessage): Generator<string> {
  if (!region) {
    const isNull = BigInt(address) < 0x1_0000n;
    yield isNull ? "- Not mapped: null, or a member of what null points to" : "- Not mapped: using it faults";
  } else {
    const resident = region.rss === null ? "" : `, ${formatBytes(region.rss)} resident`;
    yield `- ${code(region.name)} ${code(region.permissions)} — ${KIND_LABELS[region.kind]}`;
    yield `- ${code(`${region.start}-${region.end}`)}, ${formatBytes(region.size)}${resident}`;
  }
  if (section) yield `- Section ${code(section.name)} + ${hex(section.offset)}`;
  if (symbol) yield `- Symbol ${code(symbol.name)} + ${hex(symbol.offset)} of ${formatBytes(symbol.size)}`;
  if (source) yield `- ${code(`${source.file}:${source.line}`)}`;
  if (region?.path && region.path !== region.name) yield `- ${code(region.path)}`;
  const neighbours = [
    below && `${code(below.name)} ends ${distance(below.distance)} below`,
    above && `${code(above.name)} begins ${distance(above.distance)} above`,
  ].filter((text) => text);
  if (neighbours.length > 0) yield `- ${neighbours.join(", ")}`;
}

function placeOf({ region, module, section, symbol }: ExplanationMessage): string {
  if (!region) return "not mapped";
  if (!module || !section) return `${code(region.name)} ${code(region.permissions)}`;
  const place = `${code(section.name)} of ${code(module.name)}`;
  return symbol ? `${place}, ${code(symbol.name)} + ${hex(symbol.offset)}` : place;
}

/** Text from the target as an inline code span, which nothing in it can leave. @see CommonMark 6.1 */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ");
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

function hex(offset: number): string {
  return code(`0x${offset.toString(16)}`);
}

function distance(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : formatBytes(bytes);
}
