import type { Frame, SourceLocation } from "../../memory/module.ts";
import { type PlacedDefinition, readDefinitions } from "./definitions.ts";
import { Entry } from "./entry.ts";
import { type Functions, functionName, readFunctions } from "./functions.ts";
import type { CodeFunction, FunctionAt, InlinedCalls } from "./inlinedCalls.ts";
import type { LoadedUnit } from "./loadedUnit.ts";
import type { Unit } from "./unit.ts";

/** A frame with the name of linkers, in whose place the one for people comes. */
export interface LinkerFrame extends Frame {
  function: string | null;
}

/** What one compilation gave: its functions and its lines. */
export class CompileUnit {
  /** The unit with the entries: of a skeleton the split one. */
  readonly unit: Unit;
  readonly #loaded: LoadedUnit;
  readonly #calls: InlinedCalls;
  #functions: Functions | null = null;
  #isDeep = false;
  #isAsked = false;
  #isAskedOften = false;
  readonly #names = new Map<number, string | null>();

  constructor(unit: Unit, loaded: LoadedUnit, calls: InlinedCalls) {
    this.unit = unit;
    this.#loaded = loaded;
    this.#calls = calls;
  }

  /** Tells how many addresses are going to be asked for. */
  expect(questions: number): void {
    this.#isAskedOften = questions > 1;
    this.unit.lines?.expect(questions);
  }

  /** The line of the code at an address. */
  lineAt(address: number): SourceLocation | null {
    return this.unit.lines?.at(address) ?? null;
  }

  /**
   * The functions at an address, innermost first, with the names of linkers; none where nothing is known.
   * @param symbol the name of the outermost function, where a symbol tells it: then it is not read
   */
  framesAt(address: number, symbol: string | null): LinkerFrame[] {
    let source = this.lineAt(address);
    const found = this.#functionAt(address);
    if (found === null) return source === null ? [] : [{ function: symbol, source }];
    const frames: LinkerFrame[] = [];
    for (const { named, call } of this.#chainAt(found, address)) {
      const told = call === null ? symbol : null;
      frames.push({ function: told ?? this.#name(named), source });
      source = call && this.#location(call);
    }
    return frames;
  }

  /** The entry of the innermost function at an address; 0 where none is. */
  placeOf(address: number): number {
    const found = this.#functionAt(address);
    return (found && this.#chainAt(found, address)[0]?.entry) ?? 0;
  }

  /** What is defined in one of the files, whose paths are without `.` and `..`. */
  definitionsIn(paths: ReadonlySet<string>): PlacedDefinition[] {
    if (!this.unit.lines?.hasOneOf(paths)) return [];
    this.#loaded.load(this.unit);
    return readDefinitions(this.unit, this.#allFunctions, paths);
  }

  #chainAt(found: CodeFunction, address: number): FunctionAt[] {
    return this.#calls.at(this.unit, found, address);
  }

  #functionAt(address: number): CodeFunction | null {
    if (this.#functions === null) {
      const isAlone = !this.#isAsked && !this.#isAskedOften;
      this.#isAsked = true;
      const alone = isAlone ? readFunctions(this.unit, false, address).at(address) : null;
      if (alone !== null) return alone;
      if (this.#isAskedOften) this.#loaded.load(this.unit);
      this.#functions = readFunctions(this.unit, false);
    }
    return this.#functions.at(address) ?? (this.#isDeep ? null : this.#allFunctions.at(address));
  }

  /** Also those inside of others. */
  get #allFunctions(): Functions {
    if (this.#functions !== null && this.#isDeep) return this.#functions;
    this.#isDeep = true;
    this.#loaded.load(this.unit);
    this.#functions = readFunctions(this.unit, true);
    return this.#functions;
  }

  #name(offset: number): string | null {
    let name = this.#names.get(offset);
    if (name === undefined) {
      const entry = Entry.at(this.unit, offset);
      name = entry && functionName(entry);
      this.#names.set(offset, name);
    }
    return name;
  }

  #location({ file, line, column }: { file: number; line: number; column: number }): SourceLocation | null {
    const path = this.unit.lines?.path(file) ?? null;
    return path === null ? null : { file: path, line, column };
  }
}
