/**
 * Debug sessions of every kind: one tracker for all of them, from whose messages the debuggee, its stops and its end are
 * read. What else wants to see the messages listens here.
 */
import * as vscode from "vscode";
import { type DapMessage, fieldsOf, pidOf, readMessage } from "./dap.ts";
import { type Debuggee, DebuggeeResolver } from "./debuggee.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { nextRunState, Resumptions, type RunState } from "./runState.ts";
import { problemOf, type Target, type Targets } from "./targets.ts";

/** A debug session and what is known of its debuggee. */
export interface WatchedSession {
  readonly session: vscode.DebugSession;
  readonly runState: RunState;
  readonly debuggee: Debuggee;
  /** The target that was attached for it. */
  readonly target: Target | null;
  /** Looked for and not found. */
  readonly notFound: boolean;
}

/** A message with the very object that VS Code will read after every listener has seen it. */
export interface SessionMessage {
  readonly session: vscode.DebugSession;
  readonly message: DapMessage;
  /** Of a response what was asked. */
  readonly request: DapMessage | null;
  readonly raw: unknown;
}

export class Sessions implements vscode.Disposable {
  readonly #server: MemoryServer;
  readonly #targets: Targets;
  readonly #log: vscode.LogOutputChannel;
  readonly #sessions = new Map<string, Watch>();
  readonly #updated = new vscode.EventEmitter<void>();
  readonly #requested = new vscode.EventEmitter<SessionMessage>();
  readonly #answered = new vscode.EventEmitter<SessionMessage>();
  readonly #subscriptions: vscode.Disposable[];
  /** Processes that were started for sessions that are over: a debugger may take a while to end them. */
  readonly #former = new Set<number>();
  #search: Promise<unknown> = Promise.resolve();

  /** Sessions came, went, stopped or continued, or their debuggee became known. */
  readonly onDidUpdate = this.#updated.event;
  /** VS Code's messages to adapters. */
  readonly onDidRequest = this.#requested.event;
  /** Adapters' messages to VS Code, before VS Code has them: listeners are called synchronously. */
  readonly onDidAnswer = this.#answered.event;

  constructor(server: MemoryServer, targets: Targets, log: vscode.LogOutputChannel) {
    this.#server = server;
    this.#targets = targets;
    this.#log = log;
    this.#subscriptions = [
      vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: (session) => this.#track(session),
      }),
      vscode.debug.onDidChangeActiveDebugSession((session) => this.#activate(session)),
      vscode.debug.onDidTerminateDebugSession((session) => this.#over(this.#sessions.get(session.id))),
    ];
  }

  get all(): WatchedSession[] {
    return [...this.#sessions.values()].map((watch) => this.#known(watch));
  }

  get(session: vscode.DebugSession): WatchedSession | null {
    const watch = this.#sessions.get(session.id);
    return watch ? this.#known(watch) : null;
  }

  /** Resolves when no session's process is being looked for any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map(({ search }) => search));
  }

  dispose(): void {
    for (const subscription of [...this.#subscriptions, this.#updated, this.#requested, this.#answered]) {
      subscription.dispose();
    }
  }

  #known(watch: Watch): WatchedSession {
    const { session, runState, notFound } = watch;
    return {
      session,
      runState,
      debuggee: watch.resolver.debuggee,
      target:
        watch.pid === null
          ? null
          : (this.#targets.ofSession(session).find(({ info }) => info.pid === watch.pid) ?? null),
      notFound,
    };
  }

  #track(session: vscode.DebugSession): vscode.DebugAdapterTracker | undefined {
    const ignored = vscode.workspace.getConfiguration("processMemory").get<string[]>("ignoreDebugTypes", []);
    if (ignored.includes(session.type)) return undefined;
    const watch: Watch = {
      session,
      resolver: new DebuggeeResolver({
        type: session.type,
        name: session.name,
        configuration: fieldsOf(session.configuration),
      }),
      runState: "starting",
      resumptions: new Resumptions(),
      pid: null,
      children: new Set(),
      notFound: false,
      search: Promise.resolve(),
      asked: false,
      over: false,
    };
    this.#sessions.set(session.id, watch);
    // What the session before left on show must not be taken for what this one debugs.
    if (watch.resolver.debuggee.state === "elsewhere") this.#targets.forgetOver();
    this.#updated.fire();
    const asked = new Map<number, DapMessage>();
    return {
      onWillReceiveMessage: (raw) => {
        const message = readMessage(raw);
        if (!message || watch.over) return;
        watch.resolver.editorSaid(message);
        watch.resumptions.editorSaid(message);
        // A new process follows, told by a `process` event or to be searched for.
        if (message.type === "request" && message.name === "restart") watch.pid = null;
        if (message.type === "request") asked.set(message.seq, message);
        this.#requested.fire({ session, message, request: null, raw });
      },
      onDidSendMessage: (raw) => {
        const message = readMessage(raw);
        if (!message || watch.over) return;
        for (const each of watch.resumptions.inOrder(message)) this.#adapterSaid(watch, each);
        const request = (message.type === "response" && asked.get(message.requestSeq)) || null;
        if (request) asked.delete(request.seq);
        this.#answered.fire({ session, message, request, raw });
      },
      onExit: () => this.#over(watch),
    };
  }

  #adapterSaid(watch: Watch, message: DapMessage): void {
    const before = watch.runState;
    watch.resolver.adapterSaid(message);
    watch.runState = nextRunState(before, message);
    const stopped = message.type === "event" && message.name === "stopped";
    if (this.#follow(watch) || stopped || watch.runState !== before) {
      this.#tellServer(watch, stopped);
      this.#updated.fire();
    }
    const { state } = watch.resolver.debuggee;
    if (watch.pid === null && (state === "search" || state === "evaluate") && (stopped || watch.runState !== before)) {
      watch.search = watch.search.then(() => this.#find(watch));
    }
  }

  /** Attaches what the resolver says, once for each answer. */
  #follow(watch: Watch): boolean {
    const { debuggee } = watch.resolver;
    if (debuggee.state !== "process") return false;
    for (const child of debuggee.children) {
      if (watch.children.has(child)) continue;
      watch.children.add(child);
      void this.#attach(watch, child);
    }
    if (debuggee.pid === watch.pid) return false;
    watch.pid = debuggee.pid;
    const attached = this.#attach(watch, debuggee.pid);
    watch.search = watch.search.then(() => attached);
    return true;
  }

  async #attach(watch: Watch, pid: number): Promise<void> {
    try {
      const target = await this.#targets.attach(pid, watch.session);
      this.#log.info(`${watch.session.name} (${watch.session.type}) debugs ${target.info.command} (${pid}).`);
      const old = this.#targets
        .ofSession(watch.session)
        .filter(({ info }) => info.pid !== watch.pid && !watch.children.has(info.pid));
      for (const { id } of old) await this.#targets.detach(id);
      if (watch.pid === pid) this.#activate(vscode.debug.activeDebugSession);
      this.#tellServer(watch, watch.runState === "stopped" || watch.runState === "partly");
      if (watch.over) this.#targets.sessionEnded(watch.session);
    } catch (error) {
      watch.notFound ||= watch.pid === pid;
      this.#log.warn(`${watch.session.name}: process ${pid} can't be looked at. ${problemOf(error).message}`);
    }
    this.#updated.fire();
  }

  /** Looks for the process of a session whose adapter tells none. */
  async #find(watch: Watch): Promise<void> {
    // A program that was just launched may still be on its way to its own executable.
    for (const delay of [0, 300, 1500]) {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      if (watch.over || watch.pid !== null || watch.runState === "ended") return;
      // One session after the other, so that no two take the same process.
      const found = this.#search.then(() => this.#findOnce(watch));
      this.#search = found.catch(() => undefined);
      try {
        await found;
      } catch (error) {
        this.#log.warn(`${watch.session.name}: no process found. ${problemOf(error).message}`);
      }
      if (watch.pid === null) continue;
      watch.notFound = false;
      await this.#attach(watch, watch.pid);
      return;
    }
    watch.notFound = true;
    this.#updated.fire();
  }

  async #findOnce(watch: Watch): Promise<void> {
    const pid = await this.#candidate(watch);
    watch.pid ??= pid;
  }

  async #candidate(watch: Watch): Promise<number | null> {
    const { debuggee } = watch.resolver;
    if (debuggee.state === "evaluate") {
      const answer: unknown = await watch.session.customRequest("evaluate", {
        expression: debuggee.expression,
        context: "repl",
      });
      return pidOf(fieldsOf(answer).result);
    }
    if (debuggee.state !== "search") return null;
    for (const pid of this.#former) if (!isAlive(pid)) this.#former.delete(pid);
    const taken = [...[...this.#sessions.values()].flatMap(({ pid }) => pid ?? []), ...this.#former];
    for (const ancestor of [process.pid, ...debuggee.ancestors]) {
      const { pids } = await this.#server.request("processMemory/findDebuggees", {
        ancestor,
        program: debuggee.program,
        taken,
      });
      if (pids.length === 1) return pids[0] ?? null;
      if (pids.length > 1) return this.#ask(watch, pids);
    }
    return null;
  }

  async #ask(watch: Watch, pids: number[]): Promise<number | null> {
    if (watch.asked) return null;
    watch.asked = true;
    const { processes } = await this.#server.request("processMemory/processes", null);
    const items = pids.map((pid) => ({
      label: processes.find((process) => process.pid === pid)?.command ?? "process",
      description: String(pid),
      detail: processes.find((process) => process.pid === pid)?.commandLine ?? "",
      pid,
    }));
    const chosen = await vscode.window.showQuickPick(items, {
      title: `Which process does “${watch.session.name}” debug?`,
      placeHolder: "Several processes are being debugged; choose the one whose memory is to be shown.",
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    return chosen?.pid ?? null;
  }

  #tellServer(watch: Watch, atStop: boolean): void {
    for (const target of this.#targets.ofSession(watch.session)) {
      const news = this.#targets.standStill(target.id, watch.runState === "stopped" && !watch.over);
      if (atStop && !(news && watch.runState === "stopped")) {
        void this.#server.request("processMemory/refresh", { target: target.id }).catch(() => undefined);
      }
    }
  }

  /** Shows the target of the session the user turned to; of a session without one, that of a child session. */
  #activate(session: vscode.DebugSession | undefined): void {
    if (!session) return;
    const watches = [...this.#sessions.values()];
    const own = watches.find((watch) => watch.session.id === session.id);
    const child = watches.find((watch) => watch.session.parentSession?.id === session.id && watch.pid !== null);
    const watch = own?.pid == null ? child : own;
    const target = watch && this.#known(watch).target;
    if (target) this.#targets.activate(target.id);
  }

  #over(watch: Watch | undefined): void {
    if (!watch || watch.over) return;
    watch.over = true;
    watch.runState = "ended";
    if (watch.pid !== null && watch.session.configuration.request === "launch") this.#former.add(watch.pid);
    // A session that was restarted has the id that it had: an adapter may exit when the next one is there.
    if (this.#sessions.get(watch.session.id) !== watch) return;
    this.#sessions.delete(watch.session.id);
    this.#targets.sessionEnded(watch.session);
    this.#updated.fire();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's is there, too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

interface Watch {
  readonly session: vscode.DebugSession;
  readonly resolver: DebuggeeResolver;
  runState: RunState;
  readonly resumptions: Resumptions;
  /** What was attached last. */
  pid: number | null;
  readonly children: Set<number>;
  notFound: boolean;
  /** Searches follow one another. */
  search: Promise<void>;
  /** The user was asked once. */
  asked: boolean;
  over: boolean;
}
