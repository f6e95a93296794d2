/** An explanation as a list of facts, each in words and with what it leads to. Pure. */
import { type HexAddress, toHex } from "../memory/address.ts";
import { blockInWords } from "../memory/block.ts";
import { alignmentInWords, pageInWords, stackInWords } from "../memory/explanationWords.ts";
import { KIND_LABELS } from "../memory/kind.ts";
import type { SourceLocation } from "../memory/module.ts";
import { printable } from "../memory/names.ts";
import { formatBytes } from "../memory/size.ts";
import type { ExplanationMessage } from "../protocol/server.ts";

export interface Fact {
  readonly name: string;
  readonly text: string;
  /** What choosing the fact shows; `null` where there is nothing more to show. */
  readonly leadsTo: { readonly address: HexAddress } | { readonly source: SourceLocation } | null;
}

/** `[heap] rw-p`, `.rodata of demo: greeting + 0x0`, `not mapped`: the place in a few words. */
export function placeInWords({ region, module, section, symbol }: ExplanationMessage): string {
  if (!region) return "not mapped";
  if (!module || !section) return printable(`${region.name} ${region.permissions}`);
  const offset = symbol ? `: ${symbol.name} + 0x${symbol.offset.toString(16)}` : "";
  return printable(`${section.name} of ${module.name}${offset}`);
}

/** From what is asked first to what is asked last. The verdict is not among them. */
export function factsOf(explanation: ExplanationMessage): Fact[] {
  const { address, region, kind, symbol, file, stack, block, page, alignment } = explanation;
  const facts: Fact[] = [];
  const add = (name: string, text: string | null | undefined, leadsTo: Fact["leadsTo"] = null) => {
    if (text) facts.push({ name, text: printable(text).slice(0, LONGEST), leadsTo });
  };
  add("Place", placeInWords(explanation));
  add("Stack", stack && stackInWords(stack));
  add("Block", block && blockInWords(block), block && { address: block.start });
  addSource(explanation, add);
  addTelescope(explanation, add);
  if (symbol?.size) {
    add("Symbol", `${symbol.name}, ${formatBytes(symbol.size)}`, { address: moved(address, -symbol.offset) });
  }
  if (region) {
    const range = `${region.start}–${region.end} ${region.permissions}`;
    const resident = region.rss === null ? "" : `, ${formatBytes(region.rss)} resident`;
    add("Region", `${range}, ${KIND_LABELS[kind ?? region.kind]}`, { address: region.start });
    add("Memory", `${formatBytes(region.size)}${resident}`);
  }
  add("Page", page && pageInWords(page));
  add("File", file && `${file.path} at offset 0x${file.offset.toString(16)}`);
  if (region) add("Aligned to", alignmentInWords(alignment));
  addNeighbours(explanation, add);
  return facts;
}

type Add = (name: string, text: string | null | undefined, leadsTo?: Fact["leadsTo"]) => void;

function addSource({ frames, variable, source }: ExplanationMessage, add: Add): void {
  for (const [depth, { function: name, source: line }] of frames.entries()) {
    const text = [name, line && lineText(line)].filter((part) => part).join(" at ");
    add(depth === 0 ? "Code" : "Inlined into", text, line && { source: line });
  }
  if (variable) {
    const { name, type, source: declared } = variable;
    const parts = [name, type && ` is ${type}`, declared && `, declared at ${lineText(declared)}`];
    add("Variable", parts.filter((part) => part).join(""), declared && { source: declared });
  } else if (source && frames.length === 0) {
    add("Source", lineText(source), { source });
  }
}

function addTelescope({ telescope }: ExplanationMessage, add: Add): void {
  // Of code the line says it.
  if (!telescope || (telescope.steps.length === 0 && telescope.end.what === "code")) return;
  for (const { address, place } of telescope.steps) add("Leads to", `${address} (${place})`, { address });
  add(telescope.steps.length > 0 ? "At the end" : "Holds", telescope.end.words);
}

function addNeighbours({ address, below, above }: ExplanationMessage, add: Add): void {
  if (below) {
    add("Below", `${below.name} ends ${formatBytes(below.distance)} below`, {
      address: moved(address, -below.distance),
    });
  }
  if (above) {
    add("Above", `${above.name} begins ${formatBytes(above.distance)} above`, {
      address: moved(address, above.distance),
    });
  }
}

function lineText({ file, line }: SourceLocation): string {
  return `${file.slice(file.lastIndexOf("/") + 1)}:${line}`;
}

function moved(address: HexAddress, distance: number): HexAddress {
  return toHex(BigInt.asUintN(64, BigInt(address) + BigInt(distance)));
}

/** Names of templates have no end. */
const LONGEST = 300;
