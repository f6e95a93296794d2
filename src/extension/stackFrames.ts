/**
 * The frames of the thread that stands still, their variables and registers: from the answers that VS Code asked for
 * itself, so that the adapter is not asked again. Pure: fed with the messages of one session, in order.
 */
import { type Address, parseAddress } from "../memory/address.ts";
import type { FramePlace } from "../memory/explanation.ts";
import { type DapMessage, type Fields, fieldsOf, numberOf, textOf } from "./dap.ts";
import { isPointer, type Pointer, REFERENCE_IS_PLACE, readPointer } from "./pointer.ts";

/** What an adapter told of a frame. */
export interface StackFrame {
  readonly id: number;
  readonly thread: number | null;
  /** 0: the innermost. */
  readonly level: number;
  readonly name: string;
  /** Where it stands: a path on this machine, and the line from 1 (VS Code asks for such); `null` without a source. */
  readonly path: string | null;
  readonly line: number;
}

/** A pointer among the variables of a frame. */
export interface PointerVariable extends Pointer {
  readonly name: string;
}

export class StackFrames {
  readonly #debugType: string;
  /** Requests under way, by their sequence number. */
  readonly #asked = new Map<number, Fields>();
  readonly #frames = new Map<number, StackFrame>();
  /** Which frame's variables a reference stands for. */
  readonly #owners = new Map<number, Owner>();
  readonly #stackPointers = new Map<number, Address>();
  readonly #locals = new Map<number, Map<string, Local>>();

  constructor(debugType: string) {
    this.#debugType = debugType;
  }

  editorSaid({ type, name, seq, body }: DapMessage): void {
    if (type === "request" && ASKED.has(name)) this.#asked.set(seq, body);
    if (type === "request" && CHANGING.has(name)) this.#forgetVariables();
  }

  /** Answers whether something of frames or variables became known. */
  adapterSaid({ type, name, requestSeq, success, body }: DapMessage): boolean {
    if (type === "event" && (name === "stopped" || name === "continued")) {
      this.#frames.clear();
      this.#forgetVariables();
      return true;
    }
    if (type !== "response") return false;
    const asked = this.#asked.get(requestSeq);
    this.#asked.delete(requestSeq);
    if (!asked || !success) return false;
    if (name === "stackTrace") this.#readFrames(asked, body);
    if (name === "scopes") this.#readScopes(numberOf(asked.frameId), body);
    if (name === "variables") this.#readVariables(numberOf(asked.variablesReference), body);
    if (name === "evaluate") this.#readPlace(numberOf(asked.frameId), textOf(asked.expression) ?? "", body);
    return name !== "evaluate";
  }

  frame(id: number): StackFrame | null {
    return this.#frames.get(id) ?? null;
  }

  /** The pointers among a frame's variables, as far as they were told. */
  pointersOf(frameId: number): PointerVariable[] {
    const locals = this.#locals.get(frameId)?.values() ?? [];
    return Array.from(locals).flatMap(({ name, pointer }) => (pointer ? [{ ...pointer, name }] : []));
  }

  /**
   * The frame whose part of the stack holds the address, and the local variable; `null` where no answer tells. A frame
   * reaches from its stack pointer to that of the one that called it.
   */
  frameAt(address: Address): FramePlace | null {
    for (const [frameId, locals] of this.#locals) {
      for (const { name, type, place } of locals.values()) {
        if (place !== null && address >= place && address < place + sizeOf(type, place))
          return this.#placeIn(frameId, name);
      }
    }
    for (const [frameId, pointer] of this.#stackPointers) {
      const end = this.#callersPointer(frameId);
      if (end !== null && address >= pointer && address < end) return this.#placeIn(frameId, null);
    }
    return null;
  }

  #callersPointer(frameId: number): Address | null {
    const frame = this.#frames.get(frameId);
    for (const [id, pointer] of frame ? this.#stackPointers : []) {
      const other = this.#frames.get(id);
      if (other?.thread === frame?.thread && other?.level === (frame?.level ?? 0) + 1) return pointer;
    }
    return null;
  }

  #placeIn(frameId: number, local: string | null): FramePlace | null {
    const frame = this.#frames.get(frameId);
    return frame ? { level: frame.level, function: frame.name, local } : null;
  }

  #readFrames(asked: Fields, body: Fields): void {
    const start = numberOf(asked.startFrame) ?? 0;
    const thread = numberOf(asked.threadId);
    for (const [i, frame] of listOf(body.stackFrames).entries()) {
      const id = numberOf(frame.id);
      if (id === null) continue;
      const path = textOf(fieldsOf(frame.source).path);
      const name = textOf(frame.name) ?? "";
      this.#frames.set(id, { id, thread, level: start + i, name, path, line: numberOf(frame.line) ?? 0 });
    }
  }

  #readScopes(frameId: number | null, body: Fields): void {
    if (frameId === null) return;
    for (const scope of listOf(body.scopes)) {
      const reference = numberOf(scope.variablesReference) ?? 0;
      const name = textOf(scope.name) ?? "";
      const isRegisters = scope.presentationHint === "registers" || /^registers$/i.test(name);
      const isLocals = ["locals", "arguments"].includes(textOf(scope.presentationHint) ?? "") || LOCALS.test(name);
      const what = isRegisters ? "registers" : isLocals ? "locals" : "others";
      if (reference > 0) this.#owners.set(reference, { frameId, what });
    }
  }

  #readVariables(reference: number | null, body: Fields): void {
    const owner = reference === null ? undefined : this.#owners.get(reference);
    if (!owner) return;
    for (const variable of listOf(body.variables)) {
      const name = textOf(variable.name) ?? "";
      const child = numberOf(variable.variablesReference) ?? 0;
      if (owner.what === "registers") this.#readRegister(owner, name, variable, child);
      if (owner.what === "locals") this.#readLocal(owner.frameId, name, variable);
    }
  }

  /** Registers may come in groups. */
  #readRegister(owner: Owner, name: string, variable: Fields, child: number): void {
    if (child > 0) this.#owners.set(child, owner);
    const value = /^(?:0x[0-9a-f]+|\d+)/i.exec(textOf(variable.value) ?? "")?.[0];
    const address = value === undefined ? undefined : parseAddress(value);
    if (STACK_POINTERS.has(name.replace(/^[$%]/, "")) && address !== undefined) {
      this.#stackPointers.set(owner.frameId, address);
    }
  }

  #readLocal(frameId: number, name: string, variable: Fields): void {
    const type = textOf(variable.type);
    const value = textOf(variable.value) ?? "";
    const reference = parseAddress(textOf(variable.memoryReference) ?? "");
    // lldb-dap writes where an array or structure is in the place of its value.
    const written = / @ (0x[0-9a-f]+)$/.exec(value)?.[1];
    const isPlace = REFERENCE_IS_PLACE.has(this.#debugType) && !(this.#debugType === "lldb" && isPointer(type ?? ""));
    const place = parseAddress(written ?? "") ?? (isPlace ? reference : undefined) ?? null;
    const known = this.#local(frameId, name);
    this.#setLocal(frameId, {
      name,
      type,
      place: place ?? known?.place ?? null,
      pointer: type && isPointer(type) ? readPointer(this.#debugType, name, variable) : null,
    });
  }

  /** Of `&name` the answer tells where the variable is. */
  #readPlace(frameId: number | null, expression: string, body: Fields): void {
    const name = /^&([\p{L}_]\w*)$/u.exec(expression)?.[1];
    if (frameId === null || name === undefined) return;
    const local = this.#local(frameId, name);
    const pointer = local && readPointer(this.#debugType, expression, body);
    if (pointer) this.#setLocal(frameId, { ...local, place: pointer.value });
  }

  #local(frameId: number, name: string): Local | undefined {
    return this.#locals.get(frameId)?.get(name);
  }

  #setLocal(frameId: number, local: Local): void {
    const locals = this.#locals.get(frameId) ?? new Map<string, Local>();
    this.#locals.set(frameId, locals.set(local.name, local));
  }

  #forgetVariables(): void {
    this.#owners.clear();
    this.#stackPointers.clear();
    this.#locals.clear();
  }
}

interface Owner {
  readonly frameId: number;
  readonly what: "locals" | "registers" | "others";
}

interface Local {
  readonly name: string;
  readonly type: string | null;
  /** Where it is; `null` where no answer tells, or it is in a register. */
  readonly place: Address | null;
  /** What it holds, of a pointer. */
  readonly pointer: Pointer | null;
}

/** Bytes that a variable has for sure: as its type tells where that is known, else the one that it begins with. */
function sizeOf(type: string | null, place: Address): bigint {
  const pointer = place >> 32n ? 8 : 4;
  // `int (*)[4]` is a pointer, `int *[4]` is four.
  if (isPointer(type ?? "")) return BigInt(pointer);
  const [, element = "", dimensions = ""] = /^(.*?)((?:\s*\[\d+\])*)$/.exec(type ?? "") ?? [];
  const bare = element.replace(/\b(?:const|volatile|unsigned|signed)\b/g, "").trim();
  const size = isPointer(bare) || bare === "long" ? pointer : SIZES[bare];
  if (size === undefined) return 1n;
  return Array.from(dimensions.matchAll(/\d+/g), ([count]) => BigInt(count)).reduce(
    (bytes, count) => bytes * count,
    BigInt(size),
  );
}

/** Those that are the same on all Linux systems. */
const SIZES: Readonly<Record<string, number>> = {
  ...{ char: 1, bool: 1, short: 2, int: 4, float: 4, "long long": 8, double: 8 },
  ...{ u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, u64: 8, i64: 8, f64: 8 },
  ...{ int8_t: 1, uint8_t: 1, int16_t: 2, uint16_t: 2, int32_t: 4, uint32_t: 4, int64_t: 8, uint64_t: 8 },
};

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

const ASKED = new Set(["stackTrace", "scopes", "variables", "evaluate"]);

/** After these, what was told of variables holds no longer. */
const CHANGING = new Set(["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "restart", "goto"]);

const LOCALS = /^(?:locals?|arguments?|args)$/i;

const STACK_POINTERS = new Set(["rsp", "sp"]);
