/** A crash report as a text, with the places in it that lead somewhere. Pure. */
import type { HexAddress } from "../memory/address.ts";
import type { SourceLocation } from "../memory/module.ts";
import type { CrashAccess, CrashFacts, CrashReport } from "../protocol/crash.ts";

export interface ReportText {
  readonly lines: readonly string[];
  readonly links: readonly ReportLink[];
}

/** Columns of a line that lead to an address of the target or to a line of its source. */
export interface ReportLink {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly to: HexAddress | SourceLocation;
}

/** `process` names it: `demo (1234)`. */
export function reportText(process: string, report: CrashReport, facts: CrashFacts): ReportText {
  const text = new Writer();
  text.line(report.title).line("=".repeat(report.title.length)).line();
  const addresses = [report.address, ...report.links.map(({ address }) => address)];
  for (const line of wrapped(report.sentence)) text.words(line, addresses).line();
  text.line();
  text.line(`${report.signal} in ${process}${report.thread === null ? "" : `, thread ${report.thread}`}`);
  if (report.address !== null) {
    text.write(`${accessInWords(report.access)} `).link(report.address, report.address);
    text.line(report.addressBy === "instruction" ? ", as the instruction and the registers tell" : "");
  }
  if (report.instruction) {
    text.write("Instruction at ").link(report.instruction.address, report.instruction.address);
    text.line(report.instruction.bytes === null ? "" : `: ${report.instruction.bytes}`);
  }
  writeNext(text, report);
  writeLinks(text, report);
  writeFrames(text, facts);
  return text;
}

/** The access at the beginning of a sentence, before the address: `Write to`. */
export function accessInWords(access: CrashAccess | null): string {
  return access === null ? "Access to" : { read: "Read of", write: "Write to", execute: "Jump to" }[access];
}

function writeNext(text: Writer, { next }: CrashReport): void {
  if (next.length === 0) return;
  text.line().line("Look at next");
  for (const [i, { text: words, address, source }] of next.entries()) {
    text.write(`  ${i + 1}. ${words}`);
    if (address !== null) text.write("  ").link(address, address);
    if (source) text.write("  ").link(sourceInWords(source), source);
    text.line();
  }
}

function writeLinks(text: Writer, { links }: CrashReport): void {
  if (links.length === 0) return;
  text.line().line("Addresses");
  const [names, addresses] = [width(links.map(({ name }) => name)), width(links.map(({ address }) => address))];
  for (const { name, address, place } of links) {
    text.write(`  ${name.padEnd(names)}  `).link(address, address);
    text.line(`${" ".repeat(addresses - address.length)}  ${place}`);
  }
}

function writeFrames(text: Writer, { frames, totalFrames }: CrashFacts): void {
  if (frames.length === 0) return;
  text.line().line("Frames, innermost first");
  for (const [i, { name, pc, source }] of frames.entries()) {
    text.write(`  ${String(i).padStart(2)}  `);
    if (pc !== null) text.link(pc, pc).write("  ");
    text.write(name ?? "?");
    if (source) text.write("  ").link(sourceInWords(source), source);
    text.line();
  }
  if (totalFrames !== null && totalFrames > frames.length) {
    text.line(`  … and ${(totalFrames - frames.length).toLocaleString("en")} more`);
  }
}

function sourceInWords({ file, line }: SourceLocation): string {
  return `${file.slice(file.lastIndexOf("/") + 1)}:${line}`;
}

/** Lines that an editor beside another shows whole, broken between words. */
function wrapped(sentence: string): string[] {
  return sentence.match(/\S(?:.{0,79}\S)?(?=\s|$)|\S+/g) ?? [];
}

function width(texts: string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

class Writer implements ReportText {
  readonly lines: string[] = [];
  readonly links: ReportLink[] = [];
  #line = "";

  write(text: string): this {
    // Names come from the target: what is one line there is one here.
    this.#line += text.replaceAll(/\s+/g, (space) => (/[^ ]/.test(space) ? " " : space));
    return this;
  }

  link(text: string, to: ReportLink["to"]): this {
    const start = this.#line.length;
    this.write(text);
    this.links.push({ line: this.lines.length, start, end: this.#line.length, to });
    return this;
  }

  /** Text in which these addresses lead to themselves. */
  words(text: string, addresses: readonly (HexAddress | null)[]): this {
    for (const part of text.split(/\b(0x[0-9a-f]+)\b/)) {
      const address = addresses.find((known) => known === part);
      if (address) this.link(part, address);
      else this.write(part);
    }
    return this;
  }

  line(text = ""): this {
    this.write(text);
    this.lines.push(this.#line);
    this.#line = "";
    return this;
  }
}
