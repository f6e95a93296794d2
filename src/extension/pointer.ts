/**
 * Where a pointer points, from what adapters answer to `evaluate`. They disagree about `memoryReference` (some give the
 * address in the pointer, some that of the pointer), so the value's own text comes first.
 */
import { type Address, parseAddress } from "../memory/address.ts";
import { type Fields, textOf } from "./dap.ts";

export interface Pointer {
  /** Where it points. */
  readonly value: Address;
  /** Where the pointer itself is, if the answer tells. */
  readonly storedAt: Address | null;
  /** Columns of the answer's text up to the address's end: what explains the address is to be put there. */
  readonly end: number;
}

/** `null` where the answer is no pointer, or does not say where it points. */
export function readPointer(debugType: string, expression: string, body: Fields): Pointer | null {
  const result = textOf(body.result) ?? textOf(body.value) ?? "";
  const type = textOf(body.type);
  const reference = parseAddress(textOf(body.memoryReference) ?? "") ?? null;
  const written = (expression.startsWith("$") ? REGISTER : LEADING_ADDRESS).exec(result);
  const value = parseAddress(written?.[1] ?? "");
  if (written && value !== undefined && mayPoint(type, expression)) {
    return { value, storedAt: reference === value ? null : storedAt(debugType, reference), end: written[0].length };
  }
  if (reference === null) return null;
  // An adapter that shows what is pointed at in the pointer's place still refers to the pointer's address.
  if (type && isPointer(type) && REFERENCE_IS_VALUE.has(debugType)) {
    return { value: reference, storedAt: null, end: result.length };
  }
  // Asked for `*p`, these tell where that is: where p points.
  if (expression.startsWith("*") && !(type && isPointer(type)) && REFERENCE_IS_PLACE.has(debugType)) {
    return { value: reference, storedAt: null, end: result.length };
  }
  return null;
}

function storedAt(debugType: string, reference: Address | null): Address | null {
  return REFERENCE_IS_PLACE.has(debugType) && !REFERENCE_IS_VALUE.has(debugType) ? reference : null;
}

/** The answer's text with the place behind the address: `0x55550060 → [heap] rw-p "hello"`. */
export function withPlace(text: string, { end }: Pointer, place: string): string {
  return `${text.slice(0, end)} → ${place}${text.slice(end)}`;
}

/** Any number that a view shows, as the address it would be: registers, integers, and what {@link readPointer} takes. */
export function readNumber(debugType: string, expression: string, body: Fields): Address | null {
  const pointer = readPointer(debugType, expression, body);
  if (pointer) return pointer.value;
  const [written = "", sign, digits = ""] = LEADING_NUMBER.exec(textOf(body.result) ?? textOf(body.value) ?? "") ?? [];
  const number = written && parseAddress(digits);
  if (typeof number !== "bigint") return null;
  return sign === "-" ? BigInt.asUintN(64, -number) : number;
}

/** Pointers and references of C, C++, Rust, Go, Zig and Fortran, functions too. */
export function isPointer(type: string): boolean {
  const bare = type.replace(/(?:\s*\b(?:const|volatile|restrict|__restrict)\b)+\s*$/, "").trim();
  return /[*&]$|^[*&]|\(\s*(?:[\w:]+::)?[*&]|\)$|^alloc::boxed::Box<|^unsafe\.Pointer$|^\?\*|^\??\[\*|^PTR TO\b/.test(
    bare,
  );
}

/** Numbers that a user chose to see in hexadecimal are none; registers may be. */
function mayPoint(type: string | null, expression: string): boolean {
  return type === null || isPointer(type) || expression.startsWith("$") || !NUMBER.test(type);
}

/**
 * `0x…`, after a type that gdb (`(int *) 0x…`, `{int (void)} 0x…`, `(PTR TO -> ( integer(kind=4) )) 0x…`) or delve
 * (`(*T)(0x…)`) may write before it.
 */
const LEADING_ADDRESS =
  /^(?:\((?:[^()]|\((?:[^()]|\([^()]*\)){0,100}\)){1,200}\)\s*|\{[^{}]{1,200}\}\s*|unsafe\.Pointer)?\(?(0[xX][0-9a-fA-F]{1,16})\b/;

/** What a register holds: lldb-dap says it in decimal digits where it is asked for one. */
const REGISTER = /^(?:\([^()]{1,200}\)\s*)?(0[xX][0-9a-fA-F]{1,16}|\d{1,20})(?![\w.])/;

/** A whole number, in front of what the adapter may add: `65 'A'`. */
const LEADING_NUMBER = /^(-?)(0[xX][0-9a-fA-F]{1,16}|\d{1,20})(?![\w.])/;

const NUMBER =
  /^(?:(?:const|volatile|unsigned|signed|long|short|int|char|bool|_Bool|float|double|enum|u?int\d+(?:_t)?|[iuf]\d+|[iu]size|size_t|s?size_t|u?intptr(?:_t)?|ptrdiff_t|byte|rune|wchar_t|char\d+_t)\b\s*)+$/;

/** cppdbg, CodeLLDB: `memoryReference` of a pointer is the address in it. */
const REFERENCE_IS_VALUE = new Set(["cppdbg", "cppvsdbg", "lldb"]);

/** lldb-dap, cdt-gdb-adapter, and CodeLLDB for all but pointers: the address of what was evaluated. */
export const REFERENCE_IS_PLACE = new Set(["lldb-dap", "lldb-vscode", "gdb", "gdbtarget", "lldb"]);
