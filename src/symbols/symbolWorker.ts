/**
 * A worker thread that reads symbols and debug information, so that whoever polls processes never waits for it. It ends
 * when it is terminated, and closes its descriptors with that.
 */
import { openSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { ElfSource, Section, SymbolSettings, Work } from "../memory/module.ts";
import type { MappedFile } from "../memory/target.ts";
import { openElf } from "./elfFile.ts";
import type { Answer, FromWorker, Question, Questions, ToWorker } from "./workerMessages.ts";

/** Milliseconds between two messages of how far a question is. */
const PROGRESS_INTERVAL = 100;

const settings: SymbolSettings = { demangle: true, debugFolders: [] };
const files = new Map<number, Promise<ElfSource | null>>();
const asked = new Map<number, AbortController>();

parentPort?.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "settings":
      Object.assign(settings, message.settings);
      break;
    case "open":
      files.set(message.file, open(message.mapped));
      break;
    case "close":
      void files.get(message.file)?.then((elf) => elf?.close());
      files.delete(message.file);
      break;
    case "ask":
      void answer(message.id, message.file, message.question);
      break;
    case "cancel":
      asked.get(message.id)?.abort();
      break;
  }
});

/** `null` for what cannot be opened any more; its questions are refused. */
async function open(mapped: MappedFile): Promise<ElfSource | null> {
  try {
    return await openElf({ ...mapped, descriptor: openSync(`/proc/self/fd/${mapped.descriptor}`, "r") }, settings);
  } catch {
    return null;
  }
}

async function answer(id: number, file: number, question: Question): Promise<void> {
  const controller = new AbortController();
  asked.set(id, controller);
  try {
    const elf = await files.get(file);
    if (!elf) throw new Error("The file can no longer be opened.");
    tell({ type: "answer", id, answer: await ask(elf, question, workOf(id, controller.signal)) });
  } catch (error) {
    tell({ type: "failure", id, message: error instanceof Error ? error.message : String(error) });
  } finally {
    asked.delete(id);
  }
}

function ask(elf: ElfSource, { method, args }: Question, work: Work): Promise<Answer<keyof Questions>> {
  switch (method) {
    case "symbolAt":
      return elf.symbolAt(...args);
    case "symbolsOf": {
      const [section, ...page] = args;
      return elf.symbolsOf(elf.layout.sections[section] as Section, ...page);
    }
    case "allSymbols":
      return elf.allSymbols(...args);
    case "symbolsNamed":
      return elf.symbolsNamed(...args, work);
    case "framesAt":
      return elf.framesAt(...args, work);
    case "sourcesOf":
      return elf.sourcesOf(...args, work);
    case "variableAt":
      return elf.variableAt(...args, work);
    case "addressesOf":
      return elf.addressesOf(...args, work);
    case "definitionsIn":
      return elf.definitionsIn(...args, work);
    case "origin":
      return elf.origin();
  }
}

function workOf(id: number, signal: AbortSignal): Work {
  let told = performance.now();
  return {
    signal,
    slice: SLICE,
    progress: (done) => {
      const now = performance.now();
      if (now < told + PROGRESS_INTERVAL) return;
      told = now;
      tell({ type: "progress", id, done });
    },
  };
}

/** Milliseconds that a question waits for another one at most. */
const SLICE = 5;

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
