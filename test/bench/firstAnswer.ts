/** Opens a file, asks one question, and prints what that cost: `symbols.ts` runs it in a process of its own. */
import { openSync, readFileSync } from "node:fs";
import { openElf } from "../../src/symbols/elfFile.ts";

/** What opening a file and the first answer cost, beyond an empty Node. */
export interface FirstAnswer {
  readonly milliseconds: number;
  /** Of memory, at most. */
  readonly bytes: number;
}

const [path = "", question = "page"] = process.argv.slice(2);
const before = mostBytes();
const start = performance.now();
const elf = await openElf({ descriptor: openSync(path, "r"), path });
if (elf === null) throw new Error(`${path} is no ELF file.`);
const text = elf.layout.sections.find(({ name }) => name === ".text");
if (question !== "page") await elf.framesAt([BigInt(question)]);
else if (text !== undefined) await elf.symbolsOf(text, "size", 0, 50);
const answer: FirstAnswer = { milliseconds: performance.now() - start, bytes: mostBytes() - before };
process.stdout.write(JSON.stringify(answer));
elf.close();

function mostBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
