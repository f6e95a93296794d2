/** What other tools say of code addresses. */
import { execFileSync } from "node:child_process";
import { findProgram } from "../../../../scripts/places.mjs";

/** Whether the tools are there. `npm test` installs them where the distribution has them. */
export const HAS_SYMBOLIZERS = ["llvm-symbolizer-19", "eu-addr2line"].every((name) => findProgram([name]) !== null);

/** A function at an address, as a tool tells it; `null`, or 0, what it does not know. */
export interface ToolFrame {
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
}

/** For each address the chain of functions, innermost first. */
export type Symbolizer = (path: string, addresses: readonly bigint[]) => ToolFrame[][];

/** llvm-symbolizer. The name of the outermost function is that of its symbol where there is one. */
export const llvm: Symbolizer = (path, addresses) => {
  const options = ["--no-demangle", "--inlines", "--output-style=JSON", "--no-debuginfod", "-e", path];
  const lines = ask("llvm-symbolizer-19", options, addresses).split("\n");
  return lines.slice(0, -1).map((line) => {
    const { Symbol: frames } = JSON.parse(line) as { Symbol: LlvmFrame[] };
    return (
      frames
        .map(({ FunctionName, FileName, Line, Column }) => ({
          function: FunctionName || null,
          // Without debug information it tells the name of the symbol table's file, which has no folder.
          file: FileName.includes("/") || Line > 0 ? FileName : null,
          line: Line,
          column: Column,
        }))
        // A name alone is the symbol's.
        .filter(({ file }, _, { length }) => file !== null || length > 1)
    );
  });
};

interface LlvmFrame {
  readonly FunctionName: string;
  readonly FileName: string;
  readonly Line: number;
  readonly Column: number;
}

/** addr2line of binutils: it tells no columns. */
export const binutils: Symbolizer = (path, addresses) =>
  eachAddress(ask("addr2line", ["-a", "-f", "-i", "-e", path], addresses)).map((lines) => {
    const frames: ToolFrame[] = [];
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [, file = "??", line = "0"] = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/.exec(lines[at + 1] ?? "") ?? [];
      const known = file.includes("/");
      const name = lines[at] ?? "??";
      if (known) frames.push({ function: name === "??" ? null : name, file, line: Number(line) || 0, column: 0 });
    }
    return frames;
  });

/** eu-addr2line: the innermost frame alone, without the function's name. */
export const elfutils: Symbolizer = (path, addresses) =>
  eachAddress(ask("eu-addr2line", ["-a", "-A", "-e", path], addresses)).map(([text = ""]) => {
    const [, file = "??", line = "0", column = "0"] = /^(.*?):(\d+)(?::(\d+))?$/.exec(text) ?? [];
    return file === "??" ? [] : [{ function: null, file, line: Number(line), column: Number(column) }];
  });

/** Splits what is printed after each address. */
function eachAddress(output: string): string[][] {
  const answers: string[][] = [];
  for (const line of output.trimEnd().split("\n")) {
    if (/^0x[0-9a-f]+$/.test(line)) answers.push([]);
    else answers.at(-1)?.push(line);
  }
  return answers;
}

function ask(program: string, options: readonly string[], addresses: readonly bigint[]): string {
  return execFileSync(program, options, {
    input: addresses.map((address) => `0x${address.toString(16)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, LC_ALL: "C", DEBUGINFOD_URLS: "" },
  });
}
