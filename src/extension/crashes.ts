/**
 * Crashes of debuggees: at a stop on a fatal signal the facts are gathered, and the server says what happened. A report
 * stands until its debuggee goes on; the last one can still be read when its session is over.
 */
import * as vscode from "vscode";
import type { CrashFacts, CrashReport } from "../protocol/crash.ts";
import type { TargetId } from "../protocol/server.ts";
import { type CrashStop, readStop } from "./crashFacts.ts";
import { gatherFacts, NO_FRAMES, type ToldFrames, withFrames } from "./crashGathering.ts";
import { type Fields, fieldsOf } from "./dap.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { SessionMessage, Sessions } from "./sessions.ts";
import { nameOf, problemOf, type Target } from "./targets.ts";

export interface Crash {
  readonly session: vscode.DebugSession;
  readonly target: TargetId;
  /** `demo (1234)`. */
  readonly process: string;
  readonly facts: CrashFacts;
  readonly report: CrashReport;
}

export class Crashes implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #sessions: Sessions;
  readonly #log: vscode.LogOutputChannel;
  /** By session: stops that are, or may be, crashes. */
  readonly #stops = new Map<string, Stop>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #reported = new vscode.EventEmitter<Crash>();
  readonly #subscriptions: vscode.Disposable[];
  #last: Crash | null = null;

  /** A report came, or its debuggee went on. */
  readonly onDidChange = this.#changed.event;
  /** A report came. */
  readonly onDidReport = this.#reported.event;

  constructor(server: MemoryServer, sessions: Sessions, log: vscode.LogOutputChannel) {
    this.#server = server;
    this.#sessions = sessions;
    this.#log = log;
    this.#subscriptions = [
      sessions.onDidRequest((message) => this.#request(message)),
      sessions.onDidAnswer((message) => this.#answer(message)),
      sessions.onDidUpdate(() => this.#update()),
      this.#changed,
      this.#reported,
    ];
  }

  /** The crashes at which debuggees stand. */
  get standing(): Crash[] {
    return [...this.#stops.values()].flatMap(({ crash }) => crash ?? []);
  }

  /** The crash at which a target stands. */
  of(target: TargetId | undefined): Crash | null {
    return this.standing.find((crash) => crash.target === target) ?? null;
  }

  /** The one at which the active session stands, or the last there was. */
  get latest(): Crash | null {
    const active = vscode.debug.activeDebugSession;
    return (active && this.#stops.get(active.id)?.crash) ?? this.#last;
  }

  /** Where reports are made only when they are asked for: makes that of the active session's crash. */
  async askNow(): Promise<void> {
    const active = vscode.debug.activeDebugSession;
    const stop = active && this.#stops.get(active.id);
    if (active && stop && !stop.begun) await this.#explain(active, stop);
  }

  dispose(): void {
    for (const stop of this.#stops.values()) clearTimeout(stop.timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #request({ session, message }: SessionMessage): void {
    const stop = this.#stops.get(session.id);
    if (message.type !== "request" || message.name !== "stackTrace" || !stop) return;
    if (message.body.threadId === stop.told.threadId) stop.asked.set(message.seq, message.body);
  }

  #answer({ session, message }: SessionMessage): void {
    if (message.type === "event" && message.name === "stopped") this.#stopped(session, message.body);
    const stop = this.#stops.get(session.id);
    const asked = stop?.asked.get(message.requestSeq);
    if (message.type !== "response" || !stop || !asked) return;
    stop.asked.delete(message.requestSeq);
    if (!message.success) return;
    stop.frames = withFrames(stop.frames, asked, message.body);
    this.#explainUnasked(session, stop);
  }

  /** VS Code asks for the frames at each stop: its answer is waited for. */
  #stopped(session: vscode.DebugSession, body: Fields): void {
    const told = readStop(body);
    // lldb-dap tells of each thread that has a reason to stand still: another's is not the end of a crash.
    if (!told && this.#stops.get(session.id)?.told.threadId !== body.threadId) return;
    this.#forget(session.id);
    if (!told) return;
    const stop: Stop = {
      told,
      frames: NO_FRAMES,
      asked: new Map(),
      timer: setTimeout(() => this.#explainUnasked(session, stop), PATIENCE),
      begun: false,
      crash: null,
    };
    this.#stops.set(session.id, stop);
  }

  #explainUnasked(session: vscode.DebugSession, stop: Stop): void {
    const isWanted = vscode.workspace.getConfiguration("processMemory").get("crashReports", true);
    if (isWanted && !stop.begun) void this.#explain(session, stop);
  }

  async #explain(session: vscode.DebugSession, stop: Stop): Promise<void> {
    stop.begun = true;
    clearTimeout(stop.timer);
    try {
      await this.#report(session, stop);
    } catch (error) {
      this.#log.warn(`${session.name}: the crash is not explained. ${problemOf(error).message}`);
    }
  }

  async #report(session: vscode.DebugSession, stop: Stop): Promise<void> {
    const described = { type: session.type, configuration: fieldsOf(session.configuration) };
    const facts = await gatherFacts(described, stop.told, stop.frames, async (command, args) => {
      if (!this.#stands(session, stop)) return {};
      try {
        return fieldsOf(await session.customRequest(command, args));
      } catch {
        // Not told by this adapter.
        return {};
      }
    });
    if (!facts) return;
    this.#log.debug(`${session.name} crashed: ${JSON.stringify(facts)}`);
    const target = await this.#target(session, stop);
    if (!target) return;
    const report = await this.#server.request("processMemory/crash", { target: target.id, facts });
    if (!this.#stands(session, stop)) return;
    stop.crash = { session, target: target.id, process: nameOf(target), facts, report };
    this.#last = stop.crash;
    this.#reported.fire(stop.crash);
    this.#changed.fire();
  }

  /** Of some adapters the process is found only at the stop. */
  async #target(session: vscode.DebugSession, stop: Stop): Promise<Target | null> {
    for (;;) {
      const watched = this.#stands(session, stop) ? this.#sessions.get(session) : null;
      const isKnown = watched?.target || watched?.notFound || watched?.debuggee.state === "elsewhere";
      if (!watched || isKnown) return watched?.target ?? null;
      await new Promise<void>((resolve) => {
        const listener = this.#sessions.onDidUpdate(() => {
          listener.dispose();
          resolve();
        });
      });
    }
  }

  #stands(session: vscode.DebugSession, stop: Stop): boolean {
    return this.#stops.get(session.id) === stop;
  }

  /** What goes on is no longer at its crash. */
  #update(): void {
    for (const id of this.#stops.keys()) {
      const watched = this.#sessions.all.find(({ session }) => session.id === id);
      if (watched?.runState !== "stopped" && watched?.runState !== "partly") this.#forget(id);
    }
  }

  #forget(id: string): void {
    const stop = this.#stops.get(id);
    if (!stop) return;
    clearTimeout(stop.timer);
    this.#stops.delete(id);
    if (stop.crash) this.#changed.fire();
  }
}

interface Stop {
  readonly told: CrashStop;
  frames: ToldFrames;
  /** Requests for its frames that are under way. */
  readonly asked: Map<number, Fields>;
  readonly timer: NodeJS.Timeout;
  begun: boolean;
  crash: Crash | null;
}

/** Milliseconds after which the frames are asked for here: VS Code may show another session. */
const PATIENCE = 2000;
