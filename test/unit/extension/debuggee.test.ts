import { expect, test } from "vitest";
import { type Fields, readMessage } from "../../../src/extension/dap.ts";
import { type Debuggee, DebuggeeResolver } from "../../../src/extension/debuggee.ts";
import { type Transcript, transcript } from "./transcripts.ts";

/** What the resolver says after the whole session was played to it. */
function resolve({ session, messages }: Pick<Transcript, "session" | "messages">): Debuggee {
  const resolver = new DebuggeeResolver(session);
  for (const { from, message } of messages) {
    if (from === "adapter") resolver.adapterSaid(message);
    else resolver.editorSaid(message);
  }
  return resolver.debuggee;
}

/** A session of which nothing but its configuration and the answer to its launch is known. */
function resolveStarted(type: string, configuration: Fields, name = "Debug"): Debuggee {
  const started = readMessage({
    type: "response",
    command: configuration.request,
    success: true,
    seq: 2,
    request_seq: 1,
  });
  if (!started) throw new Error("no message");
  return resolve({ session: { type, name, configuration }, messages: [{ from: "adapter", message: started }] });
}

for (const name of [
  "lldb-dap-launch",
  "lldb-dap-attach",
  "cdt-gdb-attach",
  "debugpy-launch",
  "debugpy-terminal",
  "js-debug-child",
]) {
  test(`${name}: the adapter's messages give the debuggee's process`, () => {
    const recorded = transcript(name);
    expect(resolve(recorded)).toEqual({ state: "process", pid: recorded.truth.pid, children: [] });
  });
}

for (const name of ["cdt-gdb-launch", "delve-launch", "lldb-dap-restart"]) {
  test(`${name}: the adapter does not tell the process, so it is searched for by its program`, () => {
    const recorded = transcript(name);
    const { program } = recorded.session.configuration;
    expect(resolve(recorded)).toEqual({ state: "search", ancestors: [], program });
  });
}

test("a session that has not begun to debug is not searched for", () => {
  const recorded = transcript("cdt-gdb-launch");
  const launched = recorded.messages.findIndex(
    ({ message }) => message.type === "response" && message.name === "launch",
  );
  expect(resolve({ ...recorded, messages: recorded.messages.slice(0, launched) })).toEqual({ state: "unknown" });
});

test("the terminal's shell is not taken for the debuggee, but the search starts below it", () => {
  const recorded = transcript("lldb-dap-terminal");
  const silent = recorded.messages.filter(({ message }) => message.name !== "process");
  expect(resolve(recorded)).toMatchObject({ state: "process", pid: recorded.truth.pid });
  const shell = recorded.messages.find(({ from, message }) => from === "editor" && message.name === "runInTerminal");
  expect(resolve({ ...recorded, messages: silent })).toMatchObject({
    state: "search",
    ancestors: [shell?.message.body.shellProcessId],
  });
});

test("before a restart lldb-dap's process event counts, and when the restart fails it counts again", () => {
  const recorded = transcript("lldb-dap-restart");
  const asked = recorded.messages.findIndex(({ message }) => message.type === "request" && message.name === "restart");
  const before = resolve({ ...recorded, messages: recorded.messages.slice(0, asked) });
  expect(before).toMatchObject({ state: "process" });
  const messages = recorded.messages.map(({ from, message }) =>
    message.type === "response" && message.name === "restart"
      ? { from, message: { ...message, success: false } }
      : { from, message },
  );
  expect(resolve({ ...recorded, messages })).toEqual(before);
});

/** A process event as delve sends it: for what it launched with a start method, for a spawned child without. */
function processEvent(systemProcessId: number, more: Fields = {}): Transcript["messages"][number] {
  const message = readMessage({
    type: "event",
    event: "process",
    seq: 1,
    body: { name: "it", systemProcessId, ...more },
  });
  if (!message) throw new Error("no message");
  return { from: "adapter", message };
}

test("processes that the debuggee starts are its children; a later launch replaces it", () => {
  const session = { type: "go", name: "Debug", configuration: {} };
  const launched = processEvent(100, { startMethod: "launch" });
  expect(resolve({ session, messages: [launched, processEvent(101), processEvent(101), processEvent(102)] })).toEqual({
    state: "process",
    pid: 100,
    children: [101, 102],
  });
  const again = processEvent(200, { startMethod: "launch" });
  expect(resolve({ session, messages: [launched, again] })).toMatchObject({ pid: 200 });
});

test("CodeLLDB's console output tells the process, the debuggee's own output does not", () => {
  const session = { type: "lldb", name: "Debug", configuration: {} };
  const output = (category: string) => {
    const body = { category, output: "Launched process 4711 from '/bin/true'\n" };
    const message = readMessage({ type: "event", event: "output", seq: 1, body });
    return message ? [{ from: "adapter" as const, message }] : [];
  };
  expect(resolve({ session, messages: output("console") })).toMatchObject({ state: "process", pid: 4711 });
  expect(resolve({ session, messages: output("stdout") })).toEqual({ state: "unknown" });
});

test("an attach configuration tells the process as number or text, a launch configuration does not", () => {
  expect(resolveStarted("cppdbg", { request: "attach", processId: "1234" })).toMatchObject({ pid: 1234 });
  expect(resolveStarted("go", { request: "attach", processId: 1234 })).toMatchObject({ pid: 1234 });
  expect(resolveStarted("cppdbg", { request: "attach", processId: "1234:9229" })).toMatchObject({ pid: 1234 });
  for (const processId of ["12a", "-1", 0, 1.5, "", null, {}, "99999999999"]) {
    expect(resolveStarted("cppdbg", { request: "attach", processId })).toMatchObject({ state: "search" });
  }
  expect(resolveStarted("cppdbg", { request: "launch", processId: 1234 })).toMatchObject({ state: "search" });
});

test("of JavaScript sessions only those with a target have a process", () => {
  expect(resolve(transcript("js-debug-parent"))).toEqual({ state: "none" });
  expect(resolveStarted("pwa-node", { request: "launch" }, "Launch")).toEqual({ state: "none" });
  const child = { request: "attach", __pendingTargetId: "abc" };
  expect(resolveStarted("pwa-node", child, "script.js [4321]")).toMatchObject({ state: "process", pid: 4321 });
  expect(resolveStarted("pwa-node", child, "script.js")).toEqual({ state: "evaluate", expression: "process.pid" });
});

test.each<[string, string, Fields]>([
  ["remote", "cppdbg", { miDebuggerServerAddress: "board:1234" }],
  ["remote", "cppdbg", { pipeTransport: { pipeProgram: "ssh" } }],
  ["remote", "lldb-dap", { attachCommands: ["gdb-remote board:1234"] }],
  ["remote", "lldb-dap", { "gdb-remote-port": 1234 }],
  ["remote", "lldb", { targetCreateCommands: ["target create a"], processCreateCommands: ["gdb-remote 10.0.0.1:1"] }],
  ["remote", "gdb", { target: "board:1234" }],
  ["remote", "gdbtarget", { target: { host: "board", port: "1234" } }],
  ["remote", "go", { mode: "remote" }],
  ["remote", "debugpy", { connect: { host: "10.0.0.1", port: 5678 } }],
  ["core", "cppdbg", { coreDumpPath: "/tmp/core" }],
  ["core", "lldb-dap", { coreFile: "/tmp/core" }],
  ["core", "go", { mode: "core", coreFilePath: "/tmp/core" }],
  ["recording", "go", { mode: "replay", traceDirPath: "/tmp/trace" }],
  ["recording", "cppdbg", { miDebuggerPath: "/usr/bin/rr" }],
  ["emulator", "cortex-debug", { servertype: "qemu" }],
])("a %s session of %s is recognised, whatever its adapter says", (reason, type, configuration) => {
  const session = { type, name: "Debug", configuration: { request: "attach", processId: 1, ...configuration } };
  expect(resolve({ session, messages: [processEvent(1)] })).toMatchObject({ state: "elsewhere", reason });
});

test("a process on another machine is recognised by its event", () => {
  const session = { type: "lldb-dap", name: "Debug", configuration: {} };
  expect(resolve({ session, messages: [processEvent(1, { isLocalProcess: false })] })).toMatchObject({
    state: "elsewhere",
    reason: "remote",
  });
});

test("a gdb server on this machine is no remote session", () => {
  expect(resolveStarted("gdbtarget", { request: "launch", program: "/a", target: { host: "localhost" } })).toEqual({
    state: "search",
    ancestors: [],
    program: "/a",
  });
});

test("what is no message of the protocol is passed over", () => {
  for (const message of [null, undefined, 1, "text", {}, { type: "other" }, []])
    expect(readMessage(message)).toBeNull();
  expect(readMessage({ type: "event" })).toMatchObject({ type: "event", name: "", body: {} });
  expect(readMessage({ type: "event", event: 5, body: "x" })).toMatchObject({ name: "", body: {} });
});
