/** The messages between whoever asks ELF files (remoteElf.ts) and the worker that reads them: types and nothing else. */
import type { Address } from "../memory/address.ts";
import type { ElfSource, SymbolSettings } from "../memory/module.ts";
import type { MappedFile } from "../memory/target.ts";

/** What a file can be asked: the methods of {@link ElfSource}, sections by their place in its layout. */
export interface Questions {
  symbolAt: [address: Address];
  symbolsOf: [section: number, order: "size" | "address", offset: number, limit: number];
  allSymbols: [limit: number];
  symbolsNamed: [name: string];
  framesAt: [addresses: readonly Address[]];
  sourcesOf: [addresses: readonly Address[]];
  variableAt: [address: Address];
  addressesOf: [file: string, line: number];
  definitionsIn: [files: readonly string[]];
  origin: [];
}

export type Answer<Method extends keyof Questions> = Awaited<ReturnType<ElfSource[Method]>>;

export type Question = {
  [Method in keyof Questions]: { readonly method: Method; readonly args: Questions[Method] };
}[keyof Questions];

export type ToWorker =
  | { readonly type: "settings"; readonly settings: SymbolSettings }
  /** The worker opens the file that the process has open as `descriptor` for itself. */
  | { readonly type: "open"; readonly file: number; readonly mapped: MappedFile }
  | { readonly type: "close"; readonly file: number }
  | { readonly type: "ask"; readonly id: number; readonly file: number; readonly question: Question }
  | { readonly type: "cancel"; readonly id: number };

export type FromWorker =
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer<keyof Questions> }
  | { readonly type: "failure"; readonly id: number; readonly message: string }
  | { readonly type: "progress"; readonly id: number; readonly done: number };
