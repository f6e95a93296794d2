/**
 * Records what the debug adapters of this machine say about a debuggee, in transcripts/NAME.jsonl, for the tests of the
 * resolver and of the pointers.
 *   node_modules/.bin/node test/unit/extension/record.ts [NAME…]
 * The first line describes the session, the last what was so: the debuggee's pid, found through /proc, and the addresses
 * that the program itself printed. Folders are replaced by /home/user. (js-debug runs in VS Code alone: its sessions were
 * recorded there by a tracker.)
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readStop } from "../../../src/extension/crashFacts.ts";
import { type CrashedSession, gatherFacts, NO_FRAMES, withFrames } from "../../../src/extension/crashGathering.ts";
import { Adapter, type Body } from "./adapter.ts";

interface Truth {
  pid: number;
  pointers?: Record<string, string>;
  /** The line at which the program crashes. */
  line?: number;
}

interface Debugger {
  type: string;
  command: string;
  args: string[];
  port?: number;
}

interface Scene extends Debugger {
  configuration: Record<string, unknown>;
  /** Where the breakpoint is; without one the debuggee is paused, unless it crashes. */
  breakpoint?: { path: string; line: number };
  crashes?: boolean;
  /** To be hovered at the breakpoint. */
  expressions?: string[];
  /** Goes on from there. */
  more?: (adapter: Adapter) => Promise<void>;
  truth: (adapter: Adapter) => Truth;
}

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const folder = mkdtempSync(join(tmpdir(), "transcripts-"));
const program = join(folder, "pointers");
const crashing = join(folder, "crashing");
const EXPRESSIONS =
  "heap pointer_to_pointer text to_global nowhere untyped function named point.link *pointer_to_pointer *heap local point twice";

const lldbDap: Debugger = { type: "lldb-dap", command: "/usr/bin/lldb-dap-19", args: [] };
const cdtGdb: Debugger = {
  type: "gdb",
  command: process.execPath,
  args: [join(root, "node_modules/cdt-gdb-adapter/dist/debugAdapter.js")],
};
const launch = { request: "launch", name: "Debug", program, cwd: folder, gdb: "gdb" };

const RECORDINGS: Record<string, () => Promise<void>> = {
  "lldb-dap-launch": () => record("lldb-dap-launch", pointers(lldbDap)),
  "lldb-dap-restart": () => {
    const more = async (adapter: Adapter) => {
      const stopped = adapter.event("stopped");
      await adapter.request("restart");
      await stopped;
    };
    return record("lldb-dap-restart", { ...pointers(lldbDap), expressions: [], more, truth: found });
  },
  "lldb-dap-terminal": () => {
    const configuration = { ...launch, type: "lldb-dap", runInTerminal: true };
    return record("lldb-dap-terminal", { ...pointers(lldbDap), configuration, expressions: [], truth: found });
  },
  "lldb-dap-attach": () => attach("lldb-dap-attach", lldbDap, "pid"),
  "cdt-gdb-launch": () => record("cdt-gdb-launch", pointers(cdtGdb)),
  "cdt-gdb-attach": () => attach("cdt-gdb-attach", cdtGdb, "processId"),
  ...Object.fromEntries(
    ["null", "stack", "abort"].flatMap((way) => [
      [`lldb-dap-${way}`, () => record(`lldb-dap-${way}`, crash(lldbDap, way))],
      [`cdt-gdb-${way}`, () => record(`cdt-gdb-${way}`, crash(cdtGdb, way))],
    ]),
  ),
  "delve-launch": delve,
  "debugpy-launch": () => debugpy("debugpy-launch", "internalConsole"),
  "debugpy-terminal": () => debugpy("debugpy-terminal", "integratedTerminal"),
};

/** A session up to its breakpoint, and what is asked there. */
async function record(name: string, scene: Scene): Promise<void> {
  const { configuration, breakpoint, expressions = [] } = scene;
  const adapter = new Adapter(scene.command, scene.args, folder);
  try {
    await adapter.open(scene.port);
    await adapter.request("initialize", {
      clientID: "vscode",
      adapterID: scene.type,
      pathFormat: "path",
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsVariableType: true,
      supportsRunInTerminalRequest: true,
      supportsMemoryReferences: true,
      supportsStartDebuggingRequest: true,
    });
    const initialized = adapter.event("initialized");
    const started = adapter.request(String(configuration.request), configuration);
    await initialized;
    if (breakpoint) {
      const { path, line } = breakpoint;
      await adapter.request("setBreakpoints", { source: { path }, breakpoints: [{ line }], lines: [line] });
    }
    const stopped = adapter.event("stopped");
    await adapter.request("configurationDone");
    await started;
    if (!breakpoint && !scene.crashes) await adapter.request("pause", { threadId: 1 });
    await hover(adapter, (await stopped).body ?? {}, breakpoint?.path, expressions);
    await scene.more?.(adapter);
    write(name, scene, adapter, scene.truth(adapter));
  } finally {
    await adapter.close();
  }
}

async function hover(adapter: Adapter, stop: Body, path: string | undefined, expressions: string[]): Promise<void> {
  const threads = await adapter.request("threads");
  const threadId = stop.threadId ?? threads.body?.threads?.[0]?.id;
  const trace = await adapter.request("stackTrace", { threadId, startFrame: 0, levels: 20 });
  const frames = trace.body?.stackFrames ?? [];
  const frame = frames.find((each) => each.source?.path === path) ?? frames[0];
  for (const expression of expressions) {
    await adapter.request("evaluate", { expression, frameId: frame?.id, context: "hover" });
  }
}

function write(name: string, { type, configuration }: Scene, { transcript }: Adapter, truth: Truth): void {
  const session = { type, name: "Debug", configuration };
  const text = [{ session }, ...transcript, { truth }].map((line) => `${JSON.stringify(line)}\n`).join("");
  const anonymous = text
    .replaceAll(folder, "/home/user/demo")
    .replaceAll(root, "/home/user/process-memory")
    .replaceAll(tmpdir(), "/home/user/tmp");
  writeFileSync(join(here, "transcripts", `${name}.jsonl`), anonymous);
  process.stdout.write(`${name}: ${transcript.length} messages, ${JSON.stringify(truth)}\n`);
}

/** The C program at its breakpoint. */
function pointers(adapter: Debugger): Scene {
  const path = join(here, "pointers.c");
  return {
    ...adapter,
    configuration: { ...launch, type: adapter.type },
    breakpoint: { path, line: lineOf(path, "the breakpoint") },
    expressions: EXPRESSIONS.split(" "),
    truth: printed,
  };
}

/** The other C program, which crashes in the way that is asked for. */
function crash(adapter: Debugger, way: string): Scene {
  const path = join(here, "crashing.c");
  const line = way === "abort" ? {} : { line: lineOf(path, `/* ${way} */`) };
  const configuration = { ...launch, type: adapter.type, program: crashing, args: [way], arguments: way };
  return {
    ...adapter,
    configuration,
    crashes: true,
    more: (opened) => gather(opened, { type: adapter.type, configuration }),
    truth: () => ({ pid: running(crashing), ...line }),
  };
}

/** Asks what the extension asks at a crash, when VS Code has asked for the frames. */
async function gather(adapter: Adapter, session: CrashedSession): Promise<void> {
  const said = (from: string, name: string) =>
    adapter.transcript.find(({ from: by, message }) => by === from && (message.event ?? message.command) === name);
  const stop = readStop({ ...said("adapter", "stopped")?.message.body });
  const asked = { ...said("editor", "stackTrace")?.message.arguments };
  const told = withFrames(NO_FRAMES, asked, { ...said("adapter", "stackTrace")?.message.body });
  if (!stop) throw new Error("It did not crash.");
  await gatherFacts(session, stop, told, async (command, args) => ({ ...(await adapter.request(command, args)).body }));
}

/** Attaches to a program that knows nothing of it. */
async function attach(name: string, adapter: Debugger, key: string): Promise<void> {
  const child = spawn("sleep", ["60"], { cwd: folder, stdio: "ignore" });
  const pid = child.pid ?? 0;
  const own = { type: adapter.type, request: "attach", name: "Debug", program: "/usr/bin/sleep", [key]: pid };
  try {
    await record(name, {
      ...adapter,
      configuration: { ...own, stopOnEntry: true, gdb: "gdb" },
      truth: () => ({ pid }),
    });
  } finally {
    child.kill("SIGKILL");
  }
}

async function delve(): Promise<void> {
  const path = join(folder, "main.go");
  const hello = join(folder, "hello");
  writeFileSync(
    path,
    'package main\n\nimport "fmt"\n\ntype point struct{ x int }\n\nfunc main() {\n\tp := &point{1}\n\tfmt.Println(p) // the breakpoint\n}\n',
  );
  const env = { ...process.env, GO111MODULE: "off", GOFLAGS: "" };
  execFileSync("go", ["build", "-gcflags", "all=-N -l", "-o", hello, path], { cwd: folder, env });
  const port = 40_000 + (process.pid % 20_000);
  await record("delve-launch", {
    type: "go",
    command: "dlv",
    args: ["dap", `--listen=127.0.0.1:${port}`],
    port,
    configuration: { type: "go", request: "launch", name: "Debug", mode: "exec", program: hello },
    breakpoint: { path, line: lineOf(path, "the breakpoint") },
    expressions: ["p"],
    truth: () => ({ pid: running(hello) }),
  });
}

async function debugpy(name: string, console: string): Promise<void> {
  const path = join(folder, "script.py");
  const python = "/usr/bin/python3";
  writeFileSync(
    path,
    "import os\nprint(f'pid={os.getpid()}', flush=True)\nvalue = [1, 2]\nprint(value)  # the breakpoint\n",
  );
  const own = { type: "debugpy", request: "launch", name: "Debug", program: path };
  await record(name, {
    type: "debugpy",
    command: python,
    args: ["-m", "debugpy.adapter"],
    configuration: { ...own, python: [python], cwd: folder, console },
    breakpoint: { path, line: lineOf(path, "the breakpoint") },
    expressions: ["value"],
    truth: ({ output }) => ({ pid: Number(/pid=(\d+)/.exec(output)?.[1]) }),
  });
}

/** What the C program printed. */
function printed({ output }: Adapter): Truth {
  const lines = output.matchAll(/([\w.*&]+)=(0x[0-9a-f]+|\d+)\s/g);
  const { pid, ...addresses } = Object.fromEntries(Array.from(lines, ([, name, value]) => [name, value]));
  if (Number(pid) !== running(program)) throw new Error(`Process ${pid} does not run the program.`);
  return { pid: Number(pid), pointers: addresses };
}

function found(): Truth {
  return { pid: running(program) };
}

/** The one process that runs a program. */
function running(path: string): number {
  const pids = readdirSync("/proc").filter((entry) => {
    try {
      return (
        readlinkSync(`/proc/${entry}/exe`) === path && !readFileSync(`/proc/${entry}/stat`, "utf8").includes(") Z ")
      );
    } catch {
      return false;
    }
  });
  const [pid, ...others] = pids.filter((entry) => /^\d+$/.test(entry));
  if (pid === undefined || others.length > 0) throw new Error(`${pids.length} processes run ${path}.`);
  return Number(pid);
}

function lineOf(path: string, text: string): number {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

execFileSync("gcc", ["-g", "-O0", "-o", program, join(here, "pointers.c")]);
execFileSync("gcc", ["-g", "-O0", "-w", "-o", crashing, join(here, "crashing.c")]);
const names = process.argv.slice(2);
try {
  for (const name of names.length > 0 ? names : Object.keys(RECORDINGS)) await RECORDINGS[name]?.();
} finally {
  rmSync(folder, { recursive: true });
}
process.exit();
