/** What a value that is no pointer looks like. */
import type { Address } from "./address.ts";
import { poisonIn } from "./poison.ts";

/** Strings and numbers alone, so that it goes over the wire as it is. {@link lookInWords} says it. */
export type Look =
  /** ASCII characters, the first in the lowest byte. */
  | { readonly what: "text"; readonly text: string }
  /** The bits of a double, or of one or two floats: their values, the one in the lower bits first. */
  | { readonly what: "float"; readonly type: "double" | "float"; readonly values: readonly number[] }
  /** A number near 0, also a negative one of 32 or 64 bits. */
  | { readonly what: "integer"; readonly value: number }
  /** What allocators, compilers and debuggers write into memory that is not initialised, or freed. */
  | {
      readonly what: "poison";
      /** `0xdeadbeef` */
      readonly pattern: string;
      readonly meaning: string;
      /** Bytes that the value lies above it: of a member, say. */
      readonly offset: number;
    };

/** `null` where it looks like nothing in particular. Of several likely ones the first of poison, text, number. */
export function lookOf(value: Address): Look | null {
  return poisonIn(value) ?? textIn(value) ?? integerIn(value) ?? floatIn(value);
}

/** The end of "It looks like …": `the text "hello"`, `-12, an error number of the kernel's`. */
export function lookInWords(look: Look): string {
  switch (look.what) {
    case "text":
      return `the text ${JSON.stringify(look.text)}`;
    case "integer":
      return `the number ${look.value}${errorOf(look.value)}`;
    case "float": {
      const values = look.values.map(String).join(" and ");
      return look.values.length > 1 ? `two floats: ${values}` : `the ${look.type} ${values}`;
    }
    case "poison": {
      const where = look.offset > 0 ? `0x${look.offset.toString(16)} above ${look.pattern}` : look.pattern;
      return `${where}, ${look.meaning}`;
    }
  }
}

/** What a system call's raw result means; mmap(2) gives -1 as MAP_FAILED. */
function errorOf(value: number): string {
  if (value === -1) return ", which MAP_FAILED is";
  return value < 0 && value >= -4095 ? ", as the kernel's error numbers are" : "";
}

function textIn(value: Address): Look | null {
  let text = "";
  for (let rest = value; rest > 0n; rest >>= 8n) {
    const byte = Number(rest & 0xffn);
    if (byte < 0x20 || byte > 0x7e) return null;
    text += String.fromCharCode(byte);
  }
  const words = text.replace(/[^A-Za-z0-9 ]/g, "").length;
  return text.length >= SHORTEST_TEXT && words >= text.length * 0.75 ? { what: "text", text } : null;
}

function integerIn(value: Address): Look | null {
  const number = value <= SMALL ? value : BigInt.asIntN(value < 1n << 32n ? 32 : 64, value);
  return number <= SMALL && number >= -SMALL_NEGATIVE ? { what: "integer", value: Number(number) } : null;
}

/** A double where its exponent is a usual one; two floats where both are and the double would need more digits. */
function floatIn(value: Address): Look | null {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  const double = view.getFloat64(0);
  const [high, low] = [shortest(view.getFloat32(0)), shortest(view.getFloat32(4))];
  const isDouble = isUsual(double, 1e-9, 1e15);
  if (isUsual(low, 1e-4, 1e6) && digitsOf(low) <= FEW_DIGITS) {
    if (value < 1n << 32n) return { what: "float", type: "float", values: [low] };
    const isPair = isUsual(high, 1e-4, 1e6) && digitsOf(high) <= FEW_DIGITS;
    if (isPair && !(isDouble && digitsOf(double) <= FEW_DIGITS))
      return { what: "float", type: "float", values: [low, high] };
  }
  return isDouble ? { what: "float", type: "double", values: [double] } : null;
}

/** Of a float the shortest number that stands for it. */
function shortest(float: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}

function isUsual(number: number, least: number, most: number): boolean {
  return Math.abs(number) >= least && Math.abs(number) <= most;
}

function digitsOf(number: number): number {
  return number.toExponential().replace(/e.*|\D/g, "").length;
}

const SMALL = 0xff_ffffn;
const SMALL_NEGATIVE = 0xffffn;
const SHORTEST_TEXT = 4;
const FEW_DIGITS = 6;
