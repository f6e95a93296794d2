/** `procmem`: the engine of Process Memory in a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { version } from "../../package.json";
import { openProcess } from "../linux/process.ts";
import { type Address, parseAddress } from "../memory/address.ts";
import { type Counters, faultRates } from "../memory/counters.ts";
import { TargetImage } from "../memory/image.ts";
import { TargetError, type TargetSource } from "../memory/target.ts";
import { totalsOf } from "../memory/totals.ts";
import { openElf } from "../symbols/elfFile.ts";
import { explanationJson, mapJson, sampleJson } from "./json.ts";
import { explanationText, mapText, sampleText, WATCH_HEADER } from "./text.ts";

const HELP = `procmem shows what a Linux process does with its memory.

  procmem map PID                  every region: address, permissions, sizes, what it is for
  procmem explain PID ADDRESS...   what is at an address (0x... or decimal)
  procmem watch PID                resident memory and page faults, a line a sample
      --interval MS                milliseconds between samples (1000)
      --count N                    end after N samples

  --json      for programs: one object (map), or one a line (explain, watch)
  --help      this text
  --version   the version

It only reads: the process is not stopped. Exit code 1: the process cannot be read; 2: wrong usage.
`;

/** Wrong usage. The message says what is wrong. */
class UsageError extends Error {}

interface Options {
  readonly json: boolean;
  readonly interval: number;
  readonly count: number;
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  if (values.help) return print(HELP.trimEnd());
  if (values.version) return print(version);
  const [command, pid, ...rest] = positionals;
  const options: Options = {
    json: values.json ?? false,
    interval: numberOf("--interval", values.interval ?? "1000", 1),
    count: values.count === undefined ? Number.POSITIVE_INFINITY : numberOf("--count", values.count, 1),
  };
  if (command !== "explain" && rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many.`);
  switch (command) {
    case "map":
      return looking(pid, (image) => map(image, options));
    case "explain":
      return looking(pid, (image) => explain(image, addressesOf(rest), options));
    case "watch":
      return looking(pid, (image) => watch(image, options));
    case undefined:
      throw new UsageError("No command.");
    default:
      throw new UsageError(`"${command}" is no command.`);
  }
}

async function map(image: TargetImage, { json }: Options): Promise<void> {
  const space = await image.read("smaps");
  const counters = image.source.readCounters();
  const { identity } = image.source;
  const totals = totalsOf(space) ?? { size: 0, rss: 0, pss: 0, uss: 0, swap: 0 };
  if (json) return print(JSON.stringify(mapJson(identity, image.executable, counters, totals, [...space.regions()])));
  return print(mapText(`${identity.command} (${identity.pid})  ${image.executable ?? ""}`, space, counters, totals));
}

async function explain(image: TargetImage, addresses: readonly Address[], { json }: Options): Promise<void> {
  await image.read("smaps");
  for (const address of addresses) {
    const explanation = await image.explain(address);
    print(json ? JSON.stringify(explanationJson(explanation)) : explanationText(explanation));
  }
}

async function watch({ source }: TargetImage, { json, interval, count }: Options): Promise<void> {
  if (!json) print(WATCH_HEADER);
  let before: Counters | null = null;
  const readPss = pssReader(source);
  for (let sample = 0; sample < count; sample++) {
    if (before) await sleep(interval);
    const counters = source.readCounters();
    const rates = before ? faultRates(before, counters) : { minor: 0, major: 0 };
    const pss = await readPss();
    print(json ? JSON.stringify(sampleJson(counters, pss, rates)) : sampleText(counters, pss, rates));
    before = counters;
  }
}

/** Reads the PSS; `null` where it may not be read, after saying once why. */
function pssReader(source: TargetSource): () => Promise<number | null> {
  let limited = false;
  return async () => {
    if (limited) return null;
    try {
      return source.readRollup()?.pss ?? totalsOf(await source.readSmaps())?.pss ?? null;
    } catch (error) {
      if (!(error instanceof TargetError && error.problem === "permission")) throw error;
      process.stderr.write(`procmem: ${error.message}\n`);
      limited = true;
      return null;
    }
  };
}

/** Runs with the picture of the process, which is closed afterwards. */
async function looking(pid: string | undefined, look: (image: TargetImage) => Promise<void>): Promise<void> {
  if (pid === undefined) throw new UsageError("No process id.");
  const image = new TargetImage(openProcess(numberOf("The process id", pid, 1)), openElf);
  try {
    await look(image);
  } finally {
    image.close();
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
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(what: string, text: string, least: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= LARGEST_DELAY)) {
    throw new UsageError(`${what} is a whole number from ${least}, not "${text}".`);
  }
  return number;
}

/** The largest delay of a timer, and more than the largest pid. */
const LARGEST_DELAY = 2 ** 31 - 1;

function addressesOf(texts: readonly string[]): Address[] {
  if (texts.length === 0) throw new UsageError("No address.");
  return texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new UsageError(`"${text}" is no address: write it as 0x... or in decimal.`);
    return address;
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Whoever reads the output may have had enough (procmem map 1 | head).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});
process.on("SIGINT", () => process.exit(0));

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`procmem: ${message}${isUsage ? " See procmem --help." : ""}\n`);
  process.exitCode = isUsage ? 2 : 1;
  if (!isUsage && !(error instanceof TargetError)) process.stderr.write(`${(error as Error).stack ?? ""}\n`);
});
