import type { MarkupContent } from "vscode-languageserver/node";
import { parseAddress } from "../memory/address.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import { unmappedLabel } from "../memory/names.ts";
import { formatBytes } from "../memory/size.ts";
import type { ExplanationMessage, PointerValue } from "../protocol/server.ts";

/** The language server's hover: where a pointer points, and where it is stored itself. */
export function hoverText(
  { expression, address, lastStop }: PointerValue,
  pointed: ExplanationMessage,
  stored: ExplanationMessage | null,
): MarkupContent {
  const when = lastStop ? " (its value at the last stop)" : "";
  const lines = [
    `**Process Memory** — ${code(expression)} points to ${code(address)}${when}`,
    `- ${placeOf(pointed)}`,
    ...detailsOf(pointed),
  ];
  if (stored) lines.push(`- Stored at ${code(stored.address)}: ${placeOf(stored)}`);
  return { kind: "markdown", value: lines.join("\n") };
}

/** The shortest answer, in the words of the debug hover. */
function placeOf({ address, region, module, section, symbol }: ExplanationMessage): string {
  if (!region) return unmappedLabel(parseAddress(address) ?? 0n);
  if (!module || !section) return `${code(region.name)} ${code(region.permissions)}`;
  const place = `${code(section.name)} of ${code(module.name)}`;
  return symbol ? `${place}: ${code(symbol.name)} + ${hex(symbol.offset)} of ${formatBytes(symbol.size)}` : place;
}

function* detailsOf({ region, kind, module, section, source, below, above }: ExplanationMessage): Generator<string> {
  if (section) yield `- ${hex(section.offset)} into the section`;
  if (source) yield `- ${code(`${source.file}:${source.line}`)}`;
  if (region) {
    const resident = region.rss === null ? "" : `, ${formatBytes(region.rss)} of it resident`;
    yield `- ${KIND_LABELS[kind ?? region.kind]}, in ${code(`${region.start}-${region.end}`)} ${code(region.permissions)}`;
    yield `- ${formatBytes(region.size)}${resident}`;
    if (region.path && region.path !== region.name) yield `- ${code(module?.path ?? region.path)}`;
  }
  const neighbours = [
    below && `${code(below.name)} ends ${formatBytes(below.distance)} below`,
    above && `${code(above.name)} begins ${formatBytes(above.distance)} above`,
  ].filter((text) => text);
  if (neighbours.length > 0) yield `- ${neighbours.join(", ")}`;
}

/** Text from the target as an inline code span, which nothing in it can leave. @see CommonMark 6.1 */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").slice(0, LONGEST_NAME);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** Names of templates have no end. */
const LONGEST_NAME = 300;

function hex(offset: number): string {
  return code(`0x${offset.toString(16)}`);
}
