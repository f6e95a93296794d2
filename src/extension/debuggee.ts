/**
 * Which process does a debug session debug? Adapters disagree in how they tell, so every way is listened to: `process`
 * events, attach configurations, console output, session names, the terminal a program was started in; and where nothing
 * tells, the debuggee is searched for below the debugger. Pure: fed with a session's messages, in order.
 */
import { type DapMessage, type Fields, fieldsOf, pidOf, textOf } from "./dap.ts";

export interface SessionDescription {
  readonly type: string;
  readonly name: string;
  readonly configuration: Fields;
}

export type Debuggee =
  /** The adapter has told nothing yet and may still tell. */
  | { readonly state: "unknown" }
  /** `children` are processes that it started and that the same session debugs. */
  | { readonly state: "process"; readonly pid: number; readonly children: readonly number[] }
  /** To be searched for: traced by a descendant of the extension host or of `ancestors`. */
  | { readonly state: "search"; readonly ancestors: readonly number[]; readonly program: string | null }
  /** To be asked of the session itself, whether it runs or not. */
  | { readonly state: "evaluate"; readonly expression: string }
  /** No process of this machine. The sentence is for the user. */
  | { readonly state: "elsewhere"; readonly reason: Elsewhere; readonly sentence: string }
  /** Debugs nothing itself; its child sessions do. */
  | { readonly state: "none" };

export type Elsewhere = "remote" | "core" | "recording" | "emulator";

export class DebuggeeResolver {
  readonly #session: SessionDescription;
  readonly #elsewhere: Elsewhere | null;
  #notLocal = false;
  #pid: number | null = null;
  /** Before a restart. */
  #pidBefore: number | null = null;
  #children: number[] = [];
  #ancestors: number[] = [];
  #started = false;

  constructor(session: SessionDescription) {
    this.#session = session;
    this.#elsewhere = elsewhere(session);
  }

  get debuggee(): Debuggee {
    const reason = this.#elsewhere ?? (this.#notLocal ? "remote" : null);
    if (reason) return { state: "elsewhere", reason, sentence: SENTENCES[reason] };
    if (this.#pid !== null) return { state: "process", pid: this.#pid, children: this.#children };
    const { type, configuration } = this.#session;
    if (isNodeSession(type)) {
      // A session without a target only launches; each process it launches becomes a child session.
      if (!("__pendingTargetId" in configuration)) return { state: "none" };
      return this.#started ? { state: "evaluate", expression: "process.pid" } : { state: "unknown" };
    }
    if (!this.#started) return { state: "unknown" };
    return { state: "search", ancestors: this.#ancestors, program: textOf(configuration.program) };
  }

  /** A message from the adapter. */
  adapterSaid(message: DapMessage): void {
    if (message.type === "event") this.#event(message);
    if (message.type !== "response") return;
    if (message.success && (message.name === "launch" || message.name === "attach")) this.#begin();
    if (!message.success && message.name === "restart") this.#pid ??= this.#pidBefore;
  }

  /** A message from VS Code: its requests, and its answers to the adapter's own. */
  editorSaid(message: DapMessage): void {
    if (message.type === "request" && message.name === "restart") this.#forget();
    if (message.type !== "response" || message.name !== "runInTerminal" || !message.success) return;
    // The shell, or what was run in it, is an ancestor of the debuggee or of its debugger: often not the debuggee.
    for (const value of [message.body.processId, message.body.shellProcessId]) {
      const pid = pidOf(value);
      if (pid !== null) this.#ancestors.push(pid);
    }
  }

  #event({ name, body }: DapMessage): void {
    if (name === "process") this.#processEvent(body);
    if (name === "output") this.#output(body);
    if (name === "stopped") this.#begin();
  }

  #processEvent(body: Fields): void {
    if (body.isLocalProcess === false) this.#notLocal = true;
    const pid = pidOf(body.systemProcessId);
    if (pid === null || pid === this.#pid) return;
    // Delve announces the processes that the debuggee starts in the same way, but without a start method.
    if (this.#pid !== null && body.startMethod === undefined) {
      if (!this.#children.includes(pid)) this.#children = [...this.#children, pid];
      return;
    }
    this.#pid = pid;
  }

  #output(body: Fields): void {
    const pattern = OUTPUT_PATTERNS[this.#session.type];
    if (this.#pid !== null || !pattern) return;
    // The debuggee's own output must not be able to name another process.
    if (body.category === "stdout" || body.category === "stderr") return;
    this.#pid = pidOf(pattern.exec(textOf(body.output) ?? "")?.[1]);
  }

  #begin(): void {
    this.#started = true;
    const { type, name, configuration } = this.#session;
    if (configuration.request === "attach") this.#pid ??= pidOf(configuration.pid) ?? pidOf(configuration.processId);
    if (isNodeSession(type)) this.#pid ??= pidOf(/\[(\d+)\](?: « .*)?$/.exec(name)?.[1]);
  }

  /** A restarted session debugs another process: told by a new `process` event, or to be searched for again. */
  #forget(): void {
    this.#pidBefore = this.#pid;
    this.#pid = null;
    this.#children = [];
    this.#ancestors = [];
  }
}

/** What the session's configuration says about debuggees that are no process of this machine. */
function elsewhere({ type, configuration }: SessionDescription): Elsewhere | null {
  const { mode, target } = configuration;
  if (CORE_KEYS.some((key) => hasText(configuration[key])) || mode === "core") return "core";
  const debuggers = [configuration.miDebuggerPath, configuration.gdb, configuration.debuggerPath];
  if (mode === "replay" || debuggers.some((path) => /(^|\/)rr$/.test(textOf(path) ?? ""))) return "recording";
  if (/qemu|openocd|jlink|pyocd|st-?util/i.test(textOf(configuration.servertype) ?? "") || /^cortex-debug/.test(type)) {
    return "emulator";
  }
  if (configuration.pipeTransport || hasText(configuration.miDebuggerServerAddress) || mode === "remote")
    return "remote";
  if (typeof configuration["gdb-remote-port"] === "number" || hasText(configuration["gdb-remote-hostname"]))
    return "remote";
  for (const key of COMMAND_KEYS) {
    const commands = configuration[key];
    const text = Array.isArray(commands) ? commands.join("\n") : textOf(commands);
    if (text && /\bgdb-remote\b|\bprocess connect\b|\btarget (extended-)?remote\b/.test(text)) return "remote";
  }
  if (type === "gdb" && typeof target === "string") return "remote";
  const host =
    textOf(fieldsOf(target).host) ?? textOf(fieldsOf(configuration.connect).host) ?? textOf(configuration.address);
  return host && !LOCAL_HOST.test(host) ? "remote" : null;
}

function isNodeSession(type: string): boolean {
  return type === "node" || type === "pwa-node" || type === "node-terminal";
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** What adapters without `process` events print, by debug type. */
const OUTPUT_PATTERNS: Readonly<Record<string, RegExp>> = {
  lldb: /^(?:Launched|Attached to) process (\d+)/,
  gdb: /\battached to process (\d+)/i,
  gdbtarget: /\battached to process (\d+)/i,
};

/** lldb-dap, cdt-gdb-adapter and gdb; cppdbg; delve. */
const CORE_KEYS = ["coreFile", "coreDumpPath", "coreFilePath"];

const COMMAND_KEYS = ["targetCreateCommands", "processCreateCommands", "attachCommands", "launchCommands"];

const LOCAL_HOST = /^(localhost|127(\.\d+){3}|::1|0\.0\.0\.0)$/;

const SENTENCES: Readonly<Record<Elsewhere, string>> = {
  remote:
    "This session debugs a process on another machine. Its memory can be shown where it runs: open a remote window there.",
  core: "This session debugs a core file: there is no live process to read.",
  recording: "This session replays a recording: the process it shows is not running.",
  emulator: "This session debugs a program in an emulator or on a board: it is no process of this machine.",
};
