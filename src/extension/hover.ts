/**
 * Hovering a pointer. While the debuggee stands still, VS Code shows its own debug hover without any key: the region is
 * put into its first line. With Alt, in other files and while the debuggee runs, the memory server's hover tells more; it
 * asks here for the pointer's value.
 */
import * as vscode from "vscode";
import { toHex } from "../memory/address.ts";
import type { ClientRequests, PointerValue, TargetId } from "../protocol/server.ts";
import { type Fields, fieldsOf, textOf } from "./dap.ts";
import { type Expression, expressionAt, hasNoEffect, isStored } from "./expression.ts";
import { dialectOf, LANGUAGES } from "./languages.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { type Pointer, readNumber, readPointer, withPlace } from "./pointer.ts";
import type { SessionMessage, Sessions, WatchedSession } from "./sessions.ts";
import type { StoppedFrames } from "./stoppedFrames.ts";
import type { StoppedPlaces } from "./stoppedPlaces.ts";

export class PointerHover implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #places: StoppedPlaces;
  readonly #frames: StoppedFrames;
  /** What was hovered since the last stop, so that it can be told while the debuggee runs. */
  readonly #remembered = new Map<string, PointerValue>();
  readonly #subscriptions: vscode.Disposable[];
  #hovered: { readonly place: string; readonly expression: string } | null = null;

  constructor(server: MemoryServer, sessions: Sessions, places: StoppedPlaces, frames: StoppedFrames) {
    this.#sessions = sessions;
    this.#places = places;
    this.#frames = frames;
    server.pointerAt = (params) => this.pointerAt(params);
    this.#subscriptions = [
      sessions.onDidAnswer((message) => this.#answer(message)),
      vscode.languages.registerEvaluatableExpressionProvider(LANGUAGES, {
        provideEvaluatableExpression: (document, position) => this.#evaluatable(document, position),
      }),
    ];
  }

  /** The pointer under the mouse; `null` where there is none or its value is not known. */
  async pointerAt(params: ClientRequests["processMemory/pointerAt"][0]): Promise<PointerValue | null> {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === params.uri);
    const line = document && params.line < document.lineCount ? document.lineAt(params.line).text : "";
    const expression = expressionAt(line, params.character, dialectOf(params.uri))?.text;
    const { item, watched } = this.#active;
    if (!document || !expression || !watched?.target || !hasNoEffect(expression)) return null;
    const place = placeOf(document, params.line, expression);
    if (watched.runState === "running") {
      const value = this.#remembered.get(place);
      return value?.target === watched.target.id ? { ...value, lastStop: true } : null;
    }
    if (watched.runState !== "stopped" && watched.runState !== "partly") return null;
    if (!(item instanceof vscode.DebugStackFrame)) return null;
    const value = await evaluate(watched, watched.target.id, item.frameId, expression);
    if (!value) return null;
    this.#remember(place, value);
    return { ...value, ...this.#framesOf(watched.session, value) };
  }

  /**
   * Where an expression points, or is stored, in the frame that the user looks at; `null` where the debugger cannot tell:
   * the target is another's or runs, nothing has that name, or to evaluate it would call or change something.
   */
  async pointerOf(target: TargetId, expression: string): Promise<PointerValue | null> {
    const { item, watched } = this.#active;
    const stands = watched?.runState === "stopped" || watched?.runState === "partly";
    if (watched?.target?.id !== target || !stands || !hasNoEffect(expression)) return null;
    return item instanceof vscode.DebugStackFrame ? evaluate(watched, target, item.frameId, expression) : null;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Which functions' parts of the stack the addresses are in, as far as it is known. */
  #framesOf(session: vscode.DebugSession, { address, storedAt }: PointerValue): Partial<PointerValue> {
    const frame = this.#frames.frameAt(session, BigInt(address));
    const storedFrame = storedAt === null ? null : this.#frames.frameAt(session, BigInt(storedAt));
    return { ...(frame && { frame }), ...(storedFrame && { storedFrame }) };
  }

  /** What the user looks at: the frame or thread, and its session. */
  get #active() {
    const item = vscode.debug.activeStackItem;
    const session = item?.session ?? vscode.debug.activeDebugSession;
    return { item, watched: session && this.#sessions.get(session) };
  }

  /** Adds the region to the answer of a hover's evaluation, and to no other message. */
  #answer({ session, message, request, raw }: SessionMessage): void {
    if (message.type === "event" && message.name === "stopped") this.#remembered.clear();
    if (request?.name !== "evaluate" || request.body.context !== "hover" || !message.success) return;
    const expression = textOf(request.body.expression) ?? "";
    const target = this.#sessions.get(session)?.target;
    const pointer = target && readPointer(session.type, expression, message.body);
    if (!pointer) return;
    if (this.#hovered?.expression === expression) {
      this.#remember(this.#hovered.place, pointerValue(pointer, target.id, expression));
    }
    if (!vscode.workspace.getConfiguration("processMemory").get("hover.enabled", true)) return;
    const label = this.#places.label(target.id, pointer.value);
    const body = fieldsOf(raw).body;
    const result = textOf(message.body.result);
    if (label === null || result === null || typeof body !== "object" || body === null) return;
    Object.assign(body, { result: withPlace(result, pointer, label) });
  }

  /**
   * Always answers where VS Code itself would: as soon as one provider is registered, it asks no longer by itself, and it
   * takes the first of several answers.
   */
  #evaluatable(document: vscode.TextDocument, position: vscode.Position): vscode.EvaluatableExpression | undefined {
    const found: Expression | null = expressionAt(
      document.lineAt(position.line).text,
      position.character,
      dialectOf(document.uri.path),
    );
    if (!found) return undefined;
    this.#hovered = { place: placeOf(document, position.line, found.text), expression: found.text };
    const range = new vscode.Range(position.line, found.start, position.line, found.end);
    return new vscode.EvaluatableExpression(range, found.text);
  }

  #remember(place: string, value: PointerValue): void {
    if (this.#remembered.size >= VALUES_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(place, value);
  }
}

/** Of `*p` the value of p; of what is no pointer where it is stored. */
async function evaluate(
  { session }: WatchedSession,
  target: string,
  frameId: number,
  expression: string,
): Promise<PointerValue | null> {
  const ask = async (text: string): Promise<Fields> => {
    try {
      // lldb-dap tells registers to no hover; there is nothing in one that could be called.
      const context = text.startsWith("$") ? "watch" : "hover";
      return fieldsOf(await session.customRequest("evaluate", { expression: text, frameId, context }));
    } catch {
      // No such variable here, or optimised away: adapters answer with an error.
      return {};
    }
  };
  const name = expression.replace(/^\*+/, "");
  const pointer = async (text: string) => readPointer(session.type, text, await ask(text));
  const whole = name === expression || name === "" ? null : await pointer(name);
  if (whole) return pointerValue(whole, target, name);
  const answer = await ask(expression);
  const own = readPointer(session.type, expression, answer);
  const stored = isStored(expression) && textOf(answer.result) !== null ? await pointer(`&${expression}`) : null;
  if (own) return pointerValue({ ...own, storedAt: own.storedAt ?? stored?.value ?? null }, target, expression);
  const type = textOf(answer.type)?.trim() ?? "";
  if (type.endsWith("*") || (session.type === "go" && type.startsWith("*"))) {
    // The adapter shows what is pointed at instead of the address. Neither cast calls anything.
    const cast = session.type === "go" ? `uintptr(${expression})` : `(void*)(${expression})`;
    const value = readNumber(session.type, cast, await ask(cast));
    if (value !== null) return pointerValue({ value, storedAt: stored?.value ?? null, end: 0 }, target, expression);
  }
  return stored && pointerValue(stored, target, `&${expression}`);
}

function pointerValue({ value, storedAt }: Pointer, target: string, expression: string): PointerValue {
  return { target, expression, address: toHex(value), storedAt: storedAt === null ? null : toHex(storedAt) };
}

function placeOf(document: vscode.TextDocument, line: number, expression: string): string {
  return `${document.uri.toString()} ${line} ${expression}`;
}

const VALUES_REMEMBERED = 1000;
