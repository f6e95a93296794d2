/**
 * ELF files whose symbols and debug information a worker thread reads (symbolWorker.ts). Only their headers, which
 * readings of a process wait for, are read here.
 */
import { fstatSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Address } from "../memory/address.ts";
import type { ElfLayout, ElfSource, Section, SymbolSettings, Work } from "../memory/module.ts";
import { type MappedFile, TargetError } from "../memory/target.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { FileBytes } from "./bytes.ts";
import { readElf } from "./elf.ts";
import { layoutOf } from "./elfLayout.ts";
import type { Answer, FromWorker, Question, Questions, ToWorker } from "./workerMessages.ts";

/** The worker stands beside this file: as source, or as part of dist/. */
const WORKER = join(dirname(import.meta.filename), `symbolWorker${extname(import.meta.filename)}`);
/** MiB of JavaScript objects. The engine keeps its tables in typed arrays, which do not count. */
const LARGEST_HEAP = 1024;
/** A file at whose questions the worker ended this often is asked no more. */
const DEATHS_ENDURED = 2;

/**
 * The worker, and the files that are open in it. It starts with the first file and ends with the last, so that its memory
 * is given back. Where it ends by itself (out of memory, say) the questions under way fail with a {@link TargetError}, and
 * the next question starts it again.
 */
export class SymbolWorker {
  readonly #files = new Map<string, RemoteFile>();
  readonly #asked = new Map<number, Asked>();
  #settings: SymbolSettings = { demangle: true, debugFolders: [] };
  #worker: Worker | null = null;
  #lastFile = 0;
  #lastQuestion = 0;

  set settings(settings: SymbolSettings) {
    const isSearchedAnew = settings.debugFolders.join("\0") !== this.#settings.debugFolders.join("\0");
    this.#settings = settings;
    const worker = this.#worker;
    if (!worker) return;
    post(worker, { type: "settings", settings });
    if (!isSearchedAnew) return;
    for (const file of this.#files.values()) {
      post(worker, { type: "close", file: file.number });
      file.isOpen = false;
    }
  }

  /**
   * Opens an ELF file, as {@link openElf} does. One that is open already, for another target, is not opened again, unless
   * it stands under another name: its debug files are looked for beside it.
   */
  async open(mapped: MappedFile): Promise<ElfSource | null> {
    const bytes = new FileBytes(mapped.descriptor, mapped.part);
    const key = keyOf(mapped);
    const elf = this.#files.has(key) ? null : await readElf(bytes, new TimeSlice());
    let file = this.#files.get(key);
    if (file || !elf) {
      bytes.close();
    } else {
      const { path } = mapped;
      const number = ++this.#lastFile;
      file = { key, bytes, mapped, path, number, layout: layoutOf(elf), users: 0, isOpen: false, deaths: 0 };
      this.#files.set(key, file);
      this.#openIn(this.#start(), file);
    }
    if (!file) return null;
    file.users++;
    return new RemoteElf(this, file);
  }

  /** Asks an open file. Throws a {@link TargetError}, or the reason of the signal that ended the work. */
  async ask<Method extends keyof Questions>(
    file: RemoteFile,
    method: Method,
    args: Questions[Method],
    work: Work = {},
  ): Promise<Answer<Method>> {
    work.signal?.throwIfAborted();
    if (file.deaths >= DEATHS_ENDURED) throw gaveUp(file);
    const worker = this.#start();
    if (!file.isOpen) this.#openIn(worker, file);
    const id = ++this.#lastQuestion;
    return new Promise((resolve, reject) => {
      const stop = () => {
        post(worker, { type: "cancel", id });
        this.#take(id)?.reject(work.signal?.reason);
      };
      work.signal?.addEventListener("abort", stop, { once: true });
      this.#asked.set(id, {
        file,
        // The worker answers what was asked.
        resolve: (answer) => resolve(answer as Answer<Method>),
        reject,
        progress: (done) => work.progress?.(done),
        end: () => work.signal?.removeEventListener("abort", stop),
      });
      post(worker, { type: "ask", id, file: file.number, question: { method, args } as Question });
    });
  }

  /** One user less. With the last one the file is closed, with the last file the worker ends. */
  release(file: RemoteFile): void {
    if (--file.users > 0) return;
    this.#files.delete(file.key);
    file.bytes.close();
    for (const [id, asked] of [...this.#asked]) if (asked.file === file) this.#take(id)?.reject(noLongerOpen(file));
    const worker = this.#worker;
    if (!worker) return;
    if (this.#files.size > 0) {
      post(worker, { type: "close", file: file.number });
      return;
    }
    this.#worker = null;
    void worker.terminate();
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP } });
    worker.on("message", (message: FromWorker) => this.#hear(message));
    // What went wrong is told by "error", if at all; "exit" follows.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      if (this.#worker === worker) this.#mourn();
    });
    this.#worker = worker;
    post(worker, { type: "settings", settings: this.#settings });
    return worker;
  }

  #openIn(worker: Worker, file: RemoteFile): void {
    file.isOpen = true;
    post(worker, { type: "open", file: file.number, mapped: file.mapped });
  }

  #hear(message: FromWorker): void {
    if (message.type === "progress") this.#asked.get(message.id)?.progress(message.done);
    else if (message.type === "answer") this.#take(message.id)?.resolve(message.answer);
    else {
      const asked = this.#take(message.id);
      asked?.reject(new TargetError("unreadable", `${asked.file.path}: ${message.message}`));
    }
  }

  /** The worker has ended by itself. */
  #mourn(): void {
    this.#worker = null;
    for (const file of this.#files.values()) file.isOpen = false;
    for (const file of new Set(Array.from(this.#asked.values(), ({ file }) => file))) file.deaths++;
    for (const [id, { file }] of [...this.#asked]) this.#take(id)?.reject(gaveUp(file));
  }

  /** A question that is over: nobody waits for it any more. */
  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.end();
    return asked;
  }
}

interface RemoteFile {
  readonly key: string;
  /** Owns the descriptor. */
  readonly bytes: FileBytes;
  readonly mapped: MappedFile;
  readonly path: string;
  /** Its name in messages. */
  readonly number: number;
  readonly layout: ElfLayout;
  users: number;
  /** In the worker as it now runs. */
  isOpen: boolean;
  /** How often the worker ended while this file was asked. */
  deaths: number;
}

interface Asked {
  readonly file: RemoteFile;
  resolve(answer: Answer<keyof Questions>): void;
  reject(reason: unknown): void;
  progress(done: number): void;
  end(): void;
}

/** A file as one user has it. */
class RemoteElf implements ElfSource {
  readonly #worker: SymbolWorker;
  readonly #file: RemoteFile;
  #isClosed = false;

  constructor(worker: SymbolWorker, file: RemoteFile) {
    this.#worker = worker;
    this.#file = file;
  }

  get layout(): ElfLayout {
    return this.#file.layout;
  }

  symbolAt(address: Address) {
    return this.#ask("symbolAt", [address]);
  }

  symbolsOf(section: Section, order: "size" | "address", offset: number, limit: number) {
    return this.#ask("symbolsOf", [this.layout.sections.indexOf(section), order, offset, limit]);
  }

  allSymbols(limit: number) {
    return this.#ask("allSymbols", [limit]);
  }

  symbolsNamed(name: string, work?: Work) {
    return this.#ask("symbolsNamed", [name], work);
  }

  framesAt(addresses: readonly Address[], work?: Work) {
    return this.#ask("framesAt", [addresses], work);
  }

  sourcesOf(addresses: readonly Address[], work?: Work) {
    return this.#ask("sourcesOf", [addresses], work);
  }

  variableAt(address: Address, work?: Work) {
    return this.#ask("variableAt", [address], work);
  }

  addressesOf(file: string, line: number, work?: Work) {
    return this.#ask("addressesOf", [file, line], work);
  }

  definitionsIn(files: readonly string[], work?: Work) {
    return this.#ask("definitionsIn", [files], work);
  }

  origin() {
    return this.#ask("origin", []);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#worker.release(this.#file);
  }

  async #ask<Method extends keyof Questions>(
    method: Method,
    args: Questions[Method],
    work?: Work,
  ): Promise<Answer<Method>> {
    if (this.#isClosed) throw noLongerOpen(this.#file);
    return this.#worker.ask(this.#file, method, args, work);
  }
}

/** Two with the same key are one file. */
function keyOf({ descriptor, path, root = "", part }: MappedFile): string {
  try {
    const { dev, ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${root} ${path} ${part?.offset}`;
  } catch {
    // On a file server that is gone: it has no bytes either.
    return path;
  }
}

function noLongerOpen({ path }: RemoteFile): TargetError {
  return new TargetError("gone", `${path} is no longer looked at.`);
}

function gaveUp({ path }: RemoteFile): TargetError {
  return new TargetError("unreadable", `Reading the symbols and debug information of ${path} failed and was given up.`);
}

function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
