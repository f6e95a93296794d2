/**
 * Pauses a session whose debuggee meets a memory breakpoint, and says why: in the call stack, where VS Code shows the
 * reason of a stop, in the debug console and in a message.
 */
import * as vscode from "vscode";
import type { BreakpointsHit } from "../protocol/server.ts";
import type { BreakpointList } from "./breakpointList.ts";
import { type DapMessage, type Fields, fieldsOf, numberOf, textOf } from "./dap.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { withoutLinks } from "./message.ts";
import type { SessionMessage, Sessions } from "./sessions.ts";
import { nameOf, problemOf, type Target, type Targets } from "./targets.ts";

export class MemoryBreakpoints implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #targets: Targets;
  readonly #list: BreakpointList;
  /** By the session's id: a thread of it, by which it is asked to pause. */
  readonly #threads = new Map<string, number>();
  /** By the session's id: why it was asked to pause; `null` while it stands still because of that. */
  readonly #pauses = new Map<string, string | null>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(server: MemoryServer, sessions: Sessions, targets: Targets, list: BreakpointList) {
    this.#sessions = sessions;
    this.#targets = targets;
    this.#list = list;
    this.#subscriptions = [
      server.onDidHit((notice) => this.#hit(notice)),
      sessions.onDidAnswer((message) => this.#answered(message)),
      sessions.onDidRequest(({ session, message }) => {
        if (RESUMING.has(message.name)) this.#pauses.delete(session.id);
      }),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.#threads.delete(id);
        this.#pauses.delete(id);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #hit(notice: BreakpointsHit): void {
    const hits = this.#list.count(notice.hits);
    const target = this.#targets.get(notice.target);
    if (hits.length === 0 || target === null) return;
    const reason = hits.map(({ sentence }) => sentence).join(" ");
    const watched = target.session && this.#sessions.get(target.session);
    if (!watched) tell(`${nameOf(target)}: ${reason} It is not being debugged, so it runs on.`);
    else if (watched.runState === "stopped") this.#hitAtStop(watched.session, reason);
    else void this.#pause(watched.session, target, reason);
  }

  /** It stands still already: by itself, or because it was asked to. */
  #hitAtStop(session: vscode.DebugSession, reason: string): void {
    vscode.debug.activeDebugConsole.appendLine(reason);
    if (!this.#pauses.has(session.id)) tell(reason);
  }

  async #pause(session: vscode.DebugSession, target: Target, reason: string): Promise<void> {
    // What more is hit until it stands still belongs to the same stop.
    if (this.#pauses.has(session.id)) return;
    this.#pauses.set(session.id, reason);
    try {
      const threadId = this.#threads.get(session.id) ?? firstThread(await session.customRequest("threads"));
      await session.customRequest("pause", { threadId });
    } catch (error) {
      this.#pauses.delete(session.id);
      const why = problemOf(error).message;
      const sentence = `${reason} ${nameOf(target)} runs on, as the debugger cannot pause: ${why}`;
      void vscode.window.showWarningMessage(withoutLinks(sentence));
    }
  }

  #answered({ session, message, raw }: SessionMessage): void {
    const thread = threadIn(message);
    if (thread !== null) this.#threads.set(session.id, thread);
    const reason = this.#pauses.get(session.id);
    if (message.type !== "event" || message.name !== "stopped" || !reason) return;
    this.#pauses.set(session.id, null);
    const paused = isPause(message.body);
    if (paused) explainStop(raw, reason);
    vscode.debug.activeDebugConsole.appendLine(reason);
    tell(paused ? `Paused: ${reason}` : reason);
  }
}

/** Whether it stands because it was asked to, and not because of something else that came first. */
function isPause({ reason, description, text }: Fields): boolean {
  if (reason === "exception") return /\bSIG(STOP|INT)\b/.test(`${textOf(description)} ${textOf(text)}`);
  return PAUSES.has(textOf(reason) ?? "");
}

/**
 * The call stack shows the description in place of a word, and the text in its tooltip. lldb-dap calls the signal by which
 * it pauses an exception, at which VS Code would open a red box.
 */
function explainStop(raw: unknown, reason: string): void {
  const { body } = fieldsOf(raw);
  const said = { reason: "pause", description: `Paused: ${reason}`, text: reason };
  if (typeof body === "object" && body !== null) Object.assign(body, said);
}

function tell(sentence: string): void {
  const show = "Show Memory Breakpoints";
  void vscode.window.showInformationMessage(withoutLinks(sentence), show).then((chosen) => {
    if (chosen === show) void vscode.commands.executeCommand("processMemory.breakpoints.focus");
  });
}

/** A thread that there is, as far as a message tells. */
function threadIn({ type, name, body, success }: DapMessage): number | null {
  if (type === "event" && name === "stopped") return numberOf(body.threadId);
  return type === "response" && name === "threads" && success ? firstThread(body) : null;
}

function firstThread(answer: Fields | unknown): number | null {
  const { threads } = fieldsOf(answer);
  return Array.isArray(threads) ? numberOf(fieldsOf(threads[0]).id) : null;
}

const RESUMING = new Set(["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "restart"]);
/** cdt-gdb-adapter tells the signal. */
const PAUSES = new Set(["pause", "SIGINT", "SIGSTOP"]);
