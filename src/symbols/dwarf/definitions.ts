import { posix } from "node:path";
import type { Definition } from "../../memory/module.ts";
import {
  DW_AT_abstract_origin,
  DW_AT_decl_file,
  DW_AT_decl_line,
  DW_AT_name,
  DW_AT_specification,
} from "./constants.ts";
import { Entry } from "./entry.ts";
import type { Functions } from "./functions.ts";
import type { CodeRange } from "./ranges.ts";
import type { Unit } from "./unit.ts";
import { readVariables, VariableEntry } from "./variables.ts";

/** With its bytes as this file's readers have them: of thread-local ones counted from where their template begins. */
export interface PlacedDefinition extends Omit<Definition, "extents"> {
  readonly ranges: readonly CodeRange[];
}

/** The functions and variables of a unit that are defined in one of the files, whose paths are without `.` and `..`. */
export function readDefinitions(unit: Unit, functions: Functions, paths: ReadonlySet<string>): PlacedDefinition[] {
  const found: PlacedDefinition[] = [];
  for (const [offset, ranges] of functions.byEntry()) {
    const entry = Entry.at(unit, offset);
    const place = entry && placeOf(entry, paths);
    if (place) found.push({ ...place, type: "function", ranges, isThreadLocal: false });
  }
  readVariables(unit, ({ address, isThreadLocal }, offset) => {
    const entry = Entry.at(unit, offset);
    const place = entry && placeOf(entry, paths);
    const size = place && entry ? new VariableEntry(entry).size : 0;
    if (!place || !(size > 0 && size <= LARGEST)) return;
    found.push({ ...place, type: "variable", ranges: [{ low: address, high: address + size }], isThreadLocal });
  });
  return found;
}

/**
 * Name and line of what is in one of the files. A definition apart from its declaration says only what is different there:
 * of the same file the line alone. @see DWARF 5 §2.13.2, §2.14
 */
function placeOf(entry: Entry, paths: ReadonlySet<string>): { readonly name: string; readonly line: number } | null {
  let [name, line, file]: [string | null, number | null, string | null] = [null, null, null];
  let at: Entry | null = entry;
  // Origins of damaged entries may lead round in a circle.
  for (let step = 0; at !== null && step < MOST_STEPS; step++) {
    name ??= at.text(DW_AT_name);
    line ??= at.number(DW_AT_decl_line);
    const number: number | null = file === null ? at.number(DW_AT_decl_file) : null;
    if (number !== null) file = at.unit.lines?.path(number) ?? "";
    at = at.reference(DW_AT_abstract_origin) ?? at.reference(DW_AT_specification);
  }
  if (!name || !line || !file || !paths.has(posix.normalize(file))) return null;
  return { name, line };
}

const MOST_STEPS = 8;
/** Bytes of a variable: no process has more. */
const LARGEST = 2 ** 56;
