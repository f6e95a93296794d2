// Records what the debug adapters of this machine say about a debuggee: drives each one as VS Code does and writes every
// message to transcripts/NAME.jsonl, for the tests of the resolver and of the pointers.
//   node test/unit/extension/record.mjs [NAME…]
// The first line describes the session, the last what was true: the debuggee's pid, found through /proc and the program's
// own output, and the addresses that the program printed. Folders are replaced by /home/user.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const folder = mkdtempSync(join(tmpdir(), "transcripts-"));
const source = join(here, "pointers.c");
const program = join(folder, "pointers");
const cdt = join(root, "node_modules/cdt-gdb-adapter/dist/debugAdapter.js");
const EXPRESSIONS = [
  "heap",
  "pointer_to_pointer",
  "text",
  "to_global",
  "nowhere",
  "untyped",
  "function",
  "named",
  "point.link",
  "*pointer_to_pointer",
  "*heap",
  "local",
  "point",
  "twice",
];
const C_LINE = lineOf(source, "the breakpoint");

/** An adapter on its own standard input and output, or on a TCP port that it prints. */
class Adapter {
  constructor(command, args, port) {
    this.transcript = [];
    this.waiting = [];
    this.seen = [];
    this.output = "";
    this.seq = 1;
    this.child = spawn(command, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    this.port = port;
  }

  async open() {
    if (!this.port) return this.listen(this.child.stdout, this.child.stdin);
    await new Promise((resolve) => this.child.stdout.once("data", resolve));
    const socket = connect(this.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    this.listen(socket, socket);
  }

  listen(input, output) {
    this.stream = output;
    let bytes = Buffer.alloc(0);
    input.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (;;) {
        const header = bytes.indexOf("\r\n\r\n");
        if (header < 0) return;
        const length = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, header).toString())[1]);
        if (bytes.length < header + 4 + length) return;
        this.receive(JSON.parse(bytes.subarray(header + 4, header + 4 + length).toString()));
        bytes = bytes.subarray(header + 4 + length);
      }
    });
  }

  receive(message) {
    this.transcript.push({ from: "adapter", message });
    if (message.event === "output") this.output += message.body.output;
    if (message.type === "request") this.answer(message);
    this.seen.push(message);
    this.waiting = this.waiting.filter((waiter) => !waiter(message));
  }

  /** As VS Code does: the terminal's shell is told, not what runs in it. */
  answer(request) {
    if (request.command !== "runInTerminal") return;
    const { args, cwd, env } = request.arguments;
    const quoted = args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
    this.shell = spawn("/bin/sh", ["-c", `${quoted}; true`], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.shell.stdout.on("data", (data) => {
      this.output += data;
    });
    this.send({
      type: "response",
      command: request.command,
      request_seq: request.seq,
      success: true,
      body: { shellProcessId: this.shell.pid },
    });
  }

  send(fields) {
    const message = { seq: this.seq++, ...fields };
    this.transcript.push({ from: "editor", message });
    const text = JSON.stringify(message);
    this.stream.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return message.seq;
  }

  /** Resolves with the answer, whether it succeeded or not. */
  request(command, args) {
    const seq = this.send({ type: "request", command, arguments: args });
    return this.next((message) => message.type === "response" && message.request_seq === seq);
  }

  next(matches, seconds = 20) {
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The adapter did not answer.")), seconds * 1000);
      this.waiting.push((message) => {
        if (!matches(message)) return false;
        clearTimeout(timer);
        resolve(message);
        return true;
      });
    });
    // Several answers are waited for at once; the first that fails ends the recording.
    answer.catch(() => undefined);
    return answer;
  }

  event(name) {
    const seen = this.seen.find((message) => message.event === name);
    return seen ? Promise.resolve(seen) : this.next((message) => message.event === name);
  }

  /** The debugger ends its debuggee: killed at once, it would leave it at a breakpoint. */
  async close() {
    const answered = this.request("disconnect", { terminateDebuggee: true });
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 2000))]);
    this.shell?.kill("SIGKILL");
    this.child.kill("SIGKILL");
    this.stream?.destroy?.();
  }
}

/** A session up to its breakpoint; `more` goes on from there. */
async function record(
  name,
  { command, args, port, type, configuration, path, line, expressions = [], pause, more, truth },
) {
  const adapter = new Adapter(command, args, port);
  try {
    await adapter.open();
    await adapter.request("initialize", {
      clientID: "vscode",
      adapterID: type,
      pathFormat: "path",
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsVariableType: true,
      supportsRunInTerminalRequest: true,
      supportsMemoryReferences: true,
      supportsStartDebuggingRequest: true,
    });
    const started = adapter.request(configuration.request, configuration);
    await adapter.event("initialized");
    const breakpoints = { source: { path, name: path.split("/").pop() }, breakpoints: [{ line }], lines: [line] };
    if (path) await adapter.request("setBreakpoints", breakpoints);
    const stopped = adapter.event("stopped");
    await adapter.request("configurationDone", {});
    await started;
    if (pause) adapter.request("pause", { threadId: 1 });
    const { body } = await stopped;
    const evaluate = async () => {
      const { body: threads } = await adapter.request("threads");
      const threadId = body.threadId ?? threads.threads[0].id;
      const trace = await adapter.request("stackTrace", { threadId, startFrame: 0, levels: 20 });
      const frame = trace.body.stackFrames.find((each) => each.source?.path === path) ?? trace.body.stackFrames[0];
      for (const expression of expressions) {
        await adapter.request("evaluate", { expression, frameId: frame.id, context: "hover" });
      }
    };
    await evaluate();
    const known = truth(adapter);
    await more?.(adapter, body);
    write(name, { type, name: "Debug", configuration }, adapter.transcript, more ? truth(adapter) : known);
  } finally {
    await adapter.close();
  }
}

function write(name, session, transcript, truth) {
  const lines = [{ session }, ...transcript, { truth }].map((line) => JSON.stringify(line));
  const text = `${lines.join("\n")}\n`
    .replaceAll(folder, "/home/user/demo")
    .replaceAll(root, "/home/user/process-memory")
    .replaceAll(tmpdir(), "/home/user/tmp");
  writeFileSync(join(here, "transcripts", `${name}.jsonl`), text);
  process.stdout.write(`${name}: ${transcript.length} messages, ${JSON.stringify(truth)}\n`);
}

/** What the C program printed, and that the process it names is there and runs the program. */
function printed({ output }) {
  const values = Object.fromEntries(
    Array.from(output.matchAll(/([\w.*&]+)=(0x[0-9a-f]+|\d+|\(nil\))\s/g), (match) => [match[1], match[2]]),
  );
  const pid = Number(values.pid ?? running()[0]);
  if (!running().includes(pid)) throw new Error(`Process ${pid} does not run the program.`);
  delete values.pid;
  return { pid, pointers: values };
}

/** The pids that run a program. */
function running(path = program) {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) === path;
      } catch {
        return false;
      }
    })
    .filter((pid) => !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
}

/** A program that waits to be attached to. */
function waiting(command, args) {
  const child = spawn(command, args, { cwd: folder, stdio: "ignore" });
  return { pid: child.pid, end: () => child.kill("SIGKILL") };
}

function lineOf(path, text) {
  return (
    readFileSync(path, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

async function restart(adapter) {
  adapter.seen = [];
  const answered = adapter.request("restart", {});
  await adapter.event("stopped");
  await answered;
}

const c = { type: "lldb-dap", path: source, line: C_LINE, expressions: EXPRESSIONS, truth: printed };
const cdtAdapter = { ...c, type: "gdb", command: process.execPath, args: [cdt] };
const launch = { type: "lldb-dap", request: "launch", name: "Debug", program, cwd: folder };

const python = "/usr/bin/python3";
const script = join(folder, "script.py");
const goFile = join(folder, "main.go");

const recordings = {
  "lldb-dap-launch": () =>
    record("lldb-dap-launch", { ...c, command: "/usr/bin/lldb-dap-19", args: [], configuration: launch }),
  "lldb-dap-restart": () =>
    record("lldb-dap-restart", {
      ...c,
      command: "/usr/bin/lldb-dap-19",
      args: [],
      configuration: launch,
      expressions: [],
      more: restart,
      truth: () => ({ pid: running()[0] }),
    }),
  "lldb-dap-terminal": () =>
    record("lldb-dap-terminal", {
      ...c,
      command: "/usr/bin/lldb-dap-19",
      args: [],
      configuration: { ...launch, runInTerminal: true },
      expressions: [],
      truth: () => ({ pid: running()[0] }),
    }),
  "lldb-dap-attach": () => attach("lldb-dap-attach", { ...c, command: "/usr/bin/lldb-dap-19", args: [] }, "pid"),
  "cdt-gdb-launch": () =>
    record("cdt-gdb-launch", { ...cdtAdapter, configuration: { ...launch, type: "gdb", gdb: "gdb" } }),
  "cdt-gdb-attach": () => attach("cdt-gdb-attach", { ...cdtAdapter, pause: true }, "processId"),
  "delve-launch": () => delve("delve-launch", { request: "launch", mode: "exec", program: join(folder, "hello") }),
  "debugpy-launch": () =>
    record("debugpy-launch", {
      ...debugpy(),
      configuration: {
        type: "debugpy",
        request: "launch",
        name: "Debug",
        program: script,
        python: [python],
        cwd: folder,
        console: "internalConsole",
      },
    }),
  "debugpy-terminal": () =>
    record("debugpy-terminal", {
      ...debugpy(),
      configuration: {
        type: "debugpy",
        request: "launch",
        name: "Debug",
        program: script,
        python: [python],
        cwd: folder,
        console: "integratedTerminal",
      },
    }),
};

async function attach(name, options, key) {
  const target = waiting("sleep", ["60"]);
  try {
    const configuration = {
      type: options.type,
      request: "attach",
      name: "Debug",
      program: "/usr/bin/sleep",
      [key]: target.pid,
      stopOnEntry: true,
      gdb: "gdb",
    };
    await record(name, { ...options, configuration, path: "", expressions: [], truth: () => ({ pid: target.pid }) });
  } finally {
    target.end();
  }
}

async function delve(name, configuration) {
  writeFileSync(
    goFile,
    `package main\n\nimport "fmt"\n\ntype point struct{ x int }\n\nfunc main() {\n\tp := &point{1}\n\tfmt.Println(p) // the breakpoint\n}\n`,
  );
  execFileSync("go", ["build", "-gcflags", "all=-N -l", "-o", "hello", "main.go"], {
    cwd: folder,
    env: { ...process.env, GO111MODULE: "off", GOFLAGS: "" },
  });
  const port = 40000 + (process.pid % 20000);
  await record(name, {
    command: "dlv",
    args: ["dap", `--listen=127.0.0.1:${port}`],
    port,
    type: "go",
    path: goFile,
    line: lineOf(goFile, "the breakpoint"),
    expressions: ["p"],
    configuration: { type: "go", name: "Debug", ...configuration },
    truth: () => ({ pid: running(join(folder, "hello"))[0] }),
  });
}

function debugpy() {
  writeFileSync(
    script,
    "import os\nprint(f'pid={os.getpid()}', flush=True)\nvalue = [1, 2]\nprint('done')  # the breakpoint\n",
  );
  const truth = ({ output }) => ({ pid: Number(/pid=(\d+)/.exec(output)[1]) });
  return {
    command: python,
    args: ["-m", "debugpy.adapter"],
    type: "debugpy",
    path: script,
    line: lineOf(script, "the breakpoint"),
    expressions: ["value"],
    truth,
  };
}

execFileSync("gcc", ["-g", "-O0", "-o", program, source]);
const names = process.argv.slice(2);
try {
  for (const [name, run] of Object.entries(recordings)) {
    if (names.length === 0 || names.includes(name))
      await run().catch((error) => process.stderr.write(`${name}: ${error.message}\n`));
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit();
