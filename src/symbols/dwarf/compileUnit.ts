import type { Frame, SourceLocation } from "../../memory/module.ts";
import { Entry } from "./entry.ts";
import { type Functions, functionName, inlineChain, readFunctions } from "./functions.ts";
import { LineTable } from "./lineTable.ts";
import type { Unit } from "./unit.ts";

/** What one compilation gave: its functions and its lines. */
export class CompileUnit {
  /** The unit in the linked file: itself whole, or a skeleton. */
  readonly #linked: Unit;
  /** The unit with the entries. */
  readonly #unit: Unit;
  #lines: LineTable | null | undefined;
  #functions: Functions | null = null;
  #isDeep = false;
  readonly #names = new Map<number, string | null>();

  /** @param split what the linked unit is the skeleton of */
  constructor(linked: Unit, split: Unit | null) {
    this.#linked = linked;
    this.#unit = split ?? linked;
  }

  /** Bytes of it that are kept in memory. */
  get keptBytes(): number {
    return this.#unit.keptBytes;
  }

  /** The line of the code at an address. */
  lineAt(address: number): SourceLocation | null {
    return this.#lineTable()?.at(address) ?? null;
  }

  /** The functions at an address, innermost first, with the names of linkers; none where nothing is known. */
  framesAt(address: number): Frame[] {
    const line = this.lineAt(address);
    const found = this.#functionAt(address);
    if (found === null) return line === null ? [] : [{ function: null, source: line }];
    let source = line;
    return inlineChain(this.#unit, found, address).map(({ entry, call }) => {
      const frame = { function: this.#name(entry), source };
      source = call && this.#location(call);
      return frame;
    });
  }

  /** Gives back what can be read again. */
  unload(): void {
    this.#unit.unload();
  }

  #functionAt(address: number): { readonly entry: number; readonly end: number } | null {
    if (this.#functions === null) {
      this.#unit.load();
      this.#functions = readFunctions(this.#unit, false);
    }
    const found = this.#functions.at(address);
    if (found !== null || this.#isDeep) return found;
    this.#isDeep = true;
    this.#functions = readFunctions(this.#unit, true);
    return this.#functions.at(address);
  }

  #name(offset: number): string | null {
    let name = this.#names.get(offset);
    if (name === undefined) {
      const entry = Entry.at(this.#unit, offset);
      name = entry && functionName(entry);
      this.#names.set(offset, name);
    }
    return name;
  }

  #location({ file, line, column }: { file: number; line: number; column: number }): SourceLocation | null {
    const path = this.#lineTable()?.path(file) ?? null;
    return path === null ? null : { file: path, line, column };
  }

  #lineTable(): LineTable | null {
    if (this.#lines === undefined) {
      const offset = this.#linked.root.lineProgram;
      this.#lines = offset === null ? null : LineTable.read(this.#linked, offset);
    }
    return this.#lines;
  }
}
