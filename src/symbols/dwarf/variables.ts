import type { SourceLocation } from "../../memory/module.ts";
import {
  DW_AT_abstract_origin,
  DW_AT_decl_column,
  DW_AT_decl_file,
  DW_AT_decl_line,
  DW_AT_linkage_name,
  DW_AT_location,
  DW_AT_MIPS_linkage_name,
  DW_AT_name,
  DW_AT_specification,
  DW_AT_type,
  DW_TAG_class_type,
  DW_TAG_enumeration_type,
  DW_TAG_structure_type,
  DW_TAG_union_type,
  DW_TAG_variable,
} from "./constants.ts";
import type { Entry } from "./entry.ts";
import { blockLength, isBlock, skipForm } from "./forms.ts";
import type { Reader } from "./reader.ts";
import { skipAttributes, skipEntry } from "./skip.ts";
import { typeSize, typeText } from "./types.ts";
import type { Unit } from "./unit.ts";

/**
 * Finds the variables of a unit with static storage, also those in functions, and hands out the place of each and the
 * offset of its entry.
 */
export function readVariables(unit: Unit, add: (place: VariablePlace, entry: number) => void): void {
  const { abbreviations } = unit;
  const reader = unit.reader(unit.firstEntry, unit.end - unit.firstEntry);
  let depth = 0;
  while (!reader.isAtEnd) {
    const offset = reader.base + reader.at;
    const code = reader.uleb();
    if (code === 0) {
      if (--depth <= 0) return;
      continue;
    }
    const abbreviation = abbreviations.find(code);
    if (abbreviation < 0) return;
    const tag = abbreviations.tag[abbreviation] as number;
    if (tag === DW_TAG_variable) {
      const place = readPlace(unit, reader, abbreviation);
      if (place !== null) add(place, offset);
      if (abbreviations.hasChildren[abbreviation] === 1) depth++;
    } else if (TYPES.has(tag)) {
      if (!skipEntry(unit, reader, abbreviation)) depth++;
    } else {
      skipAttributes(unit, reader, abbreviation);
      if (abbreviations.hasChildren[abbreviation] === 1) depth++;
    }
  }
}

/** The fixed place of the variable whose entry is at an offset; `null` where it has none. */
export function placeOfVariable(unit: Unit, entry: number): VariablePlace | null {
  const reader = unit.reader(entry, LONGEST_ENTRY);
  const abbreviation = unit.abbreviations.find(reader.uleb());
  return abbreviation < 0 ? null : readPlace(unit, reader, abbreviation);
}

/** Where a variable is: an address, or for a thread-local one its offset in the template. */
export interface VariablePlace {
  readonly address: number;
  readonly isThreadLocal: boolean;
}

/** They have no variables but declarations. */
const TYPES: ReadonlySet<number> = new Set([
  DW_TAG_class_type,
  DW_TAG_enumeration_type,
  DW_TAG_structure_type,
  DW_TAG_union_type,
]);

/** Goes beyond a variable's attributes, and reads its DW_AT_location where that is a fixed place. */
function readPlace(unit: Unit, reader: Reader, abbreviation: number): VariablePlace | null {
  const { names, forms, first } = unit.abbreviations;
  const last = first[abbreviation + 1] as number;
  let place: VariablePlace | null = null;
  for (let i = first[abbreviation] as number; i < last; i++) {
    const form = forms[i] as number;
    if (names[i] !== DW_AT_location || !isBlock(form)) {
      skipForm(reader, form, unit.encoding);
      continue;
    }
    const length = blockLength(reader, form);
    const end = reader.at + length;
    place = length > 0 ? readExpression(unit, reader, end) : null;
    reader.at = end;
  }
  return place;
}

/** The place that an expression of one address tells. @see DWARF 5 §2.5.1.1, §2.6.1.1.2 */
function readExpression(unit: Unit, reader: Reader, end: number): VariablePlace | null {
  let address: number | null;
  const operation = reader.u8();
  switch (operation) {
    case DW_OP_addr:
      address = reader.address(unit.encoding.addressSize);
      break;
    case DW_OP_addrx:
    case DW_OP_GNU_addr_index:
    case DW_OP_constx:
    case DW_OP_GNU_const_index:
      address = unit.indexedAddress(reader.uleb());
      break;
    case DW_OP_const4u:
      address = reader.u32();
      break;
    case DW_OP_const8u:
      address = reader.i64();
      break;
    default:
      return null;
  }
  if (address === null || reader.at > end) return null;
  const isAddress = ADDRESSES.has(operation);
  if (reader.at === end) return isAddress && !unit.file.isDiscarded(address) ? { address, isThreadLocal: false } : null;
  const next = reader.u8();
  const isThreadLocal = next === DW_OP_form_tls_address || next === DW_OP_GNU_push_tls_address;
  return isThreadLocal && reader.at === end ? { address, isThreadLocal } : null;
}

const DW_OP_addr = 0x03;
const DW_OP_const4u = 0x0c;
const DW_OP_const8u = 0x0e;
const DW_OP_form_tls_address = 0x9b;
const DW_OP_addrx = 0xa1;
const DW_OP_constx = 0xa2;
const DW_OP_GNU_push_tls_address = 0xe0;
const DW_OP_GNU_addr_index = 0xfb;
const DW_OP_GNU_const_index = 0xfc;
const ADDRESSES: ReadonlySet<number> = new Set([DW_OP_addr, DW_OP_addrx, DW_OP_GNU_addr_index]);

/** What the entry of a variable tells. A definition leaves to its declaration what is said there. */
export class VariableEntry {
  readonly #entries: readonly Entry[];

  constructor(entry: Entry) {
    const entries: Entry[] = [];
    let at: Entry | null = entry;
    for (let step = 0; at !== null && step < MOST_STEPS; step++) {
      entries.push(at);
      at = at.reference(DW_AT_abstract_origin) ?? at.reference(DW_AT_specification);
    }
    this.#entries = entries;
  }

  /** As linkers know it, else as it is in the source. */
  get name(): string {
    const linkageName = this.#first((entry) => entry.text(DW_AT_linkage_name) ?? entry.text(DW_AT_MIPS_linkage_name));
    return linkageName ?? this.#first((entry) => entry.text(DW_AT_name)) ?? "";
  }

  /** Of an array the bounds may be in the definition alone. */
  get type(): string | null {
    const type = this.#type;
    return type && typeText(type);
  }

  /** Bytes; 0 where that is not told. */
  get size(): number {
    return typeSize(this.#type);
  }

  /** Where it is declared. */
  get source(): SourceLocation | null {
    return this.#first(declarationOf);
  }

  get #type(): Entry | null {
    return this.#first((entry) => entry.reference(DW_AT_type));
  }

  #first<Answer>(ask: (entry: Entry) => Answer | null): Answer | null {
    for (const entry of this.#entries) {
      const answer = ask(entry);
      if (answer !== null) return answer;
    }
    return null;
  }
}

/** Where an entry says that it is declared. */
function declarationOf(entry: Entry): SourceLocation | null {
  const line = entry.number(DW_AT_decl_line);
  const file = entry.number(DW_AT_decl_file);
  const path = line === null || file === null ? null : (entry.unit.lines?.path(file) ?? null);
  return path === null || line === null ? null : { file: path, line, column: entry.number(DW_AT_decl_column) ?? 0 };
}

const MOST_STEPS = 8;
/** Bytes. */
const LONGEST_ENTRY = 512;
