/** `procmem`: the engine of Process Memory in a terminal. */
import { parseArgs } from "node:util";
import { version } from "../../package.json";
import type { SymbolSettings } from "../memory/module.ts";
import { complain, print } from "./output.ts";
import { sections } from "./sections.ts";
import { symbols } from "./symbols.ts";
import { numberOf, UsageError } from "./usage.ts";

const HELP = `procmem shows what a Linux process does with its memory, and what is in ELF files.

  procmem map PID                  every region: address, permissions, sizes, what it is for
      --filter TEXT                only those: --filter="-kind:file rss>1M perm:w"; also kind:heap|stack, path:libc,
                                   addr:0x..., size>=64K, name:..., or words as they are
      --wide                       instead: the columns of pmap -X, in KiB
  procmem explain PID ADDRESS...   what is at an address (0x... or decimal)
  procmem sharers PID ADDRESS...   which other processes have the memory at an address
  procmem pages PID RANGE          the pages of 0xSTART-0xEND, 0xSTART+SIZE, or of the region at an address: a letter each
      --page                       instead: all about the page at an address
  procmem watch PID                memory and page faults, a line a sample (--json has all counters)
      --interval MS                milliseconds between samples (1000)
      --count N                    end after N samples
      --threads                    each thread's faults and stack, too
  procmem counters PID             all counters, where the kernel put what, and every thread's stack

  procmem symbols FILE [ADDRESS...]
                                   what is at addresses of the file (hexadecimal, with or without 0x): section,
                                   symbol, source lines with inlined calls; variables. Without addresses they are
                                   read from standard input, one a line
      --name NAME                  instead: where a symbol is
      --line FILE:LINE             instead: where the code of a source line is
  procmem sections FILE            the sections of the file: their symbols, and what no symbol covers

  --json                 for programs: one object (map, counters, sections), or one a line (explain, sharers,
                         watch, symbols)
  --no-demangle          names of C++ and Rust as they are in the file
  --debug-folder DIR     where to look for separate debug files, besides the usual places; may be repeated
  --help                 this text
  --version              the version

It only reads: the process is not stopped. Exit code 1: the process or the file cannot be read, or has no such symbol
or line; 2: wrong usage.
`;

/** Beside the process or file. */
const MOST_ARGUMENTS: Readonly<Record<string, number>> = {
  pages: 1,
  explain: Number.POSITIVE_INFINITY,
  sharers: Number.POSITIVE_INFINITY,
  symbols: Number.POSITIVE_INFINITY,
};

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return print(HELP.trimEnd());
  if (values.version) return print(version);
  const [command, subject, ...rest] = positionals;
  const { json = false, threads = false, wide = false, page = false, name, line } = values;
  const settings: SymbolSettings = {
    demangle: !values["no-demangle"],
    debugFolders: values["debug-folder"] ?? [],
  };
  const interval = numberOf("--interval", values.interval ?? "1000", 1);
  const count = values.count === undefined ? Number.POSITIVE_INFINITY : numberOf("--count", values.count, 1);
  const most = MOST_ARGUMENTS[command ?? ""] ?? 0;
  if (rest.length > most) {
    throw new UsageError(`"${rest[most]}" is one argument too many.`);
  }
  switch (command) {
    // Those of files begin at once; what is for processes alone is another file, which they do not wait for.
    case "symbols":
      return symbols(subject, { addresses: rest, name, line }, settings, json);
    case "sections":
      return sections(subject, settings, json);
    case "map":
      if (wide && json) throw new UsageError("--wide is for people, --json for programs: choose one.");
      if (wide && values.filter) throw new UsageError("--wide shows all regions: --filter is for the list without it.");
      if (wide) return (await import("./processes.ts")).wideMap(subject, settings);
      return (await import("./processes.ts")).map(subject, settings, json, values.filter ?? "");
    case "explain":
      return (await import("./processes.ts")).explain(subject, rest, settings, json);
    case "sharers":
      return (await import("./processes.ts")).sharers(subject, rest, settings, json);
    case "pages":
      return (await import("./processes.ts")).pages(subject, rest[0], settings, page, json);
    case "watch":
      return (await import("./processes.ts")).watch(subject, settings, json, { interval, count, threads });
    case "counters":
      return (await import("./processes.ts")).counters(subject, settings, json);
    case undefined:
      throw new UsageError("No command.");
    default:
      throw new UsageError(`"${command}" is no command.`);
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        interval: { type: "string" },
        count: { type: "string" },
        threads: { type: "boolean" },
        page: { type: "boolean" },
        wide: { type: "boolean" },
        filter: { type: "string" },
        name: { type: "string" },
        line: { type: "string" },
        "no-demangle": { type: "boolean" },
        "debug-folder": { type: "string", multiple: true },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  // Known by their names: the file of the processes' commands has its own copies of the classes.
  const isUsage = name === "UsageError";
  complain(isUsage ? `${message} See procmem --help.` : message);
  process.exitCode = isUsage ? 2 : 1;
  if (!isUsage && name !== "NoAnswerError" && name !== "TargetError") process.stderr.write(`${stack ?? ""}\n`);
});
