import { describe, expect, test } from "vitest";
import { frameOf, readStop } from "../../../src/extension/crashFacts.ts";
import { gatherFacts, NO_FRAMES, withFrames } from "../../../src/extension/crashGathering.ts";
import type { Fields } from "../../../src/extension/dap.ts";
import type { CrashFacts } from "../../../src/protocol/crash.ts";
import { type Transcript, transcript } from "./transcripts.ts";

interface Told {
  readonly facts: CrashFacts | null;
  /** The requests that were sent, `evaluate $_siginfo.si_code`. */
  readonly asked: string[];
}

/** A recorded session up to its stop, and the adapter's own answers to what is asked then. */
async function gatherFrom({ session, messages }: Transcript): Promise<Told> {
  const said = (type: string, name: string) =>
    messages.find(({ message }) => message.type === type && message.name === name)?.message.body ?? {};
  const stop = readStop(said("event", "stopped"));
  if (!stop) throw new Error("The stop is no crash.");
  const told = withFrames(NO_FRAMES, said("request", "stackTrace"), said("response", "stackTrace"));
  const asked: string[] = [];
  const facts = await gatherFacts(session, stop, told, async (command, args) => {
    asked.push([command, args.expression].filter((word) => word).join(" "));
    const request = messages.find(
      ({ message }) =>
        message.type === "request" && message.name === command && JSON.stringify(message.body) === JSON.stringify(args),
    );
    const answer = messages.find(
      ({ message }) => message.type === "response" && message.requestSeq === request?.message.seq,
    );
    if (!answer) throw new Error(`${command} was not recorded: ${JSON.stringify(args)}`);
    return answer.message.body;
  });
  return { facts, asked };
}

describe.each(["lldb-dap", "cdt-gdb"])("%s", (adapter) => {
  test("a null dereference: code, address, registers, and the line", async () => {
    const recorded = transcript(`${adapter}-null`);
    const { facts } = await gatherFrom(recorded);
    expect(facts).toMatchObject({ signal: "SIGSEGV", code: 1, faultAddress: "0x4" });
    expect(facts?.frames[0]).toMatchObject({ name: "second", source: { line: recorded.truth.line } });
    expect(facts?.registers?.rip).toBe(facts?.frames[0]?.pc);
    expect(facts?.registers?.rsp).toMatch(/^0x7ff/);
  });

  test("a used-up stack: the address is just below the stack pointer", async () => {
    const recorded = transcript(`${adapter}-stack`);
    const { facts } = await gatherFrom(recorded);
    expect(facts?.frames.slice(0, 20).map(({ name }) => name)).toEqual(Array(20).fill("deep"));
    const distance = BigInt(facts?.faultAddress ?? 0) - BigInt(facts?.registers?.rsp ?? 0);
    expect(Math.abs(Number(distance))).toBeLessThan(8192);
  });

  test("an abort: sent by the thread to itself", async () => {
    const { facts } = await gatherFrom(transcript(`${adapter}-abort`));
    expect(facts).toMatchObject({ signal: "SIGABRT", code: -6 });
    expect(facts?.frames.map(({ name }) => name)).toContain("main");
  });

  test("VS Code's answer has enough frames: no others are asked for", async () => {
    const { asked } = await gatherFrom(transcript(`${adapter}-stack`));
    expect(asked).not.toContain("stackTrace");
  });
});

test("lldb-dap counts the frames of a deep stack and knows the kernel's thread", async () => {
  const recorded = transcript("lldb-dap-stack");
  const { facts, asked } = await gatherFrom(recorded);
  expect(facts?.totalFrames).toBeGreaterThan(1500);
  expect(facts?.thread).toBe(recorded.truth.pid);
  // Its `scopes` would change what VS Code was told.
  expect(asked).toEqual(["evaluate `thread siginfo", "evaluate `register read"]);
});

test("gdb counts frames up to a bound and has numbers of its own for threads: neither is told", async () => {
  const { facts, asked } = await gatherFrom(transcript("cdt-gdb-stack"));
  expect(facts).toMatchObject({ totalFrames: null, thread: null });
  expect(asked).toEqual([
    "evaluate $_siginfo.si_signo",
    "evaluate $_siginfo.si_code",
    "evaluate $_siginfo._sifields._sigfault.si_addr",
    "scopes",
    "variables",
  ]);
});

/** An adapter of which no recording is at hand: it answers as its source says. */
async function gatherAnswers(type: string, stopped: Fields, answers: Record<string, Fields>): Promise<Told> {
  const stop = readStop(stopped);
  const asked: string[] = [];
  const facts =
    stop &&
    (await gatherFacts({ type, configuration: {} }, stop, NO_FRAMES, async (command, args) => {
      const key = [command, args.expression ?? args.variablesReference].filter((word) => word).join(" ");
      asked.push(key);
      return answers[key] ?? {};
    }));
  return { facts, asked };
}

const FRAMES = {
  stackFrames: [
    {
      id: 7,
      name: "main",
      line: 5,
      column: 3,
      source: { path: "/home/user/a.c" },
      instructionPointerReference: "0x401136",
    },
  ],
};
const INFO = {
  "evaluate $_siginfo.si_signo": { result: "11" },
  "evaluate $_siginfo.si_code": { result: "1" },
  "evaluate $_siginfo._sifields._sigfault.si_addr": { result: "0x10", type: "void *" },
};
const WHOLE = {
  signal: "SIGSEGV",
  code: 1,
  faultAddress: "0x10",
  frames: [{ name: "main", pc: "0x401136", source: { file: "/home/user/a.c", line: 5, column: 3 } }],
  totalFrames: 1,
};

test("lldb-dap's siginfo of something that lldb has run since is not that of the stop", async () => {
  const { facts } = await gatherAnswers(
    "lldb-dap",
    { reason: "exception", description: "signal SIGSEGV: address not mapped to object", threadId: 4711 },
    {
      stackTrace: FRAMES,
      "evaluate `thread siginfo": {
        result: "thread #1: tid = 4711\n(__lldb_siginfo_t) __lldb_siginfo = {\n  si_signo = 5\n  si_code = 128\n}",
      },
      "evaluate `register read": { result: "rip = 0x0000000000401136" },
    },
  );
  expect(facts).toMatchObject({ signal: "SIGSEGV", code: null, faultAddress: null, registers: { rip: "0x401136" } });
});

test("cppdbg: the signal in gdb's words, registers in groups, the kernel's threads", async () => {
  const { facts } = await gatherAnswers(
    "cppdbg",
    { reason: "exception", text: "Segmentation fault", threadId: 4711, allThreadsStopped: true },
    {
      ...{ stackTrace: FRAMES, ...INFO },
      scopes: {
        scopes: [
          { name: "Locals", variablesReference: 1 },
          { name: "Registers", variablesReference: 2 },
        ],
      },
      "variables 2": {
        variables: [
          { name: "CPU", variablesReference: 3 },
          { name: "FPU", variablesReference: 4 },
        ],
      },
      "variables 3": {
        variables: [
          { name: "rax", value: "0x0" },
          { name: "rip", value: "0x401136" },
        ],
      },
    },
  );
  expect(facts).toMatchObject({ ...WHOLE, thread: 4711, registers: { rax: "0x0", rip: "0x401136" } });
});

test("gdb's own adapter: a signal without a name, which siginfo has; registers as signed decimals", async () => {
  const { facts } = await gatherAnswers(
    "gdb",
    { reason: "signal", threadId: 1, allThreadsStopped: true },
    {
      ...{ stackTrace: FRAMES, ...INFO },
      scopes: { scopes: [{ name: "Registers", presentationHint: "registers", variablesReference: 2 }] },
      "variables 2": {
        variables: [
          { name: "rax", value: "-1" },
          { name: "rip", value: "0x401136 <main+4>" },
          { name: "eflags", value: "[ ZF PF ]" },
          { name: "xmm0", value: "", variablesReference: 9 },
        ],
      },
    },
  );
  expect(facts).toMatchObject({ ...WHOLE, thread: null });
  expect(facts?.registers).toEqual({ rax: "0xffffffffffffffff", rip: "0x401136" });
});

test("CodeLLDB: the words of lldb's stop, and lldb's commands", async () => {
  const { facts } = await gatherAnswers(
    "lldb",
    { reason: "signal", text: "signal SIGSEGV: address not mapped to object (fault address: 0x10)", threadId: 4711 },
    {
      stackTrace: FRAMES,
      "evaluate thread siginfo": {
        result:
          "thread #1: tid = 4711, 0x401136 a`main\n\n(__lldb_siginfo_t) __lldb_siginfo = {\n  si_signo = 11\n  si_errno = 0\n  si_code = 1\n  _sifields = {\n    _sigfault = {\n      si_addr = 0x0000000000000010\n",
      },
      "evaluate register read": {
        result:
          "General Purpose Registers:\n       rax = 0x0000000000000000\n       rip = 0x0000000000401136  a`main + 4 at a.c:5\n",
      },
    },
  );
  expect(facts).toMatchObject({ ...WHOLE, thread: 4711, registers: { rax: "0x0", rip: "0x401136" } });
});

test("siginfo of another thread is not taken for this one's", async () => {
  const { facts } = await gatherAnswers(
    "lldb-dap",
    { reason: "exception", description: "signal SIGSEGV: invalid address (fault address: 0x0)", threadId: 4711 },
    {
      stackTrace: FRAMES,
      "evaluate `thread siginfo": { result: "thread #2: tid = 4712\n si_signo = 7\n si_code = 2\n" },
    },
  );
  expect(facts).toMatchObject({ signal: "SIGSEGV", code: null, faultAddress: null, registers: null, thread: 4711 });
});

test("what an adapter does not tell is null", async () => {
  const { facts } = await gatherAnswers("gdb", { reason: "SIGBUS", threadId: 1 }, {});
  expect(facts).toEqual({
    ...{ signal: "SIGBUS", code: null, faultAddress: null, text: null, thread: null, registers: null },
    ...{ frames: [], totalFrames: null },
  });
});

test.each([
  ["a breakpoint", "lldb-dap", { reason: "breakpoint", description: "breakpoint 1.1", threadId: 1 }],
  ["a pause", "gdb", { reason: "SIGINT", threadId: 1 }],
  ["another signal", "lldb-dap", { reason: "exception", description: "signal SIGTRAP", threadId: 1 }],
  ["an exception of the language", "cppdbg", { reason: "exception", text: "std::runtime_error", threadId: 1 }],
  ["Python's exception", "debugpy", { reason: "exception", text: "ValueError", threadId: 1 }],
  ["an exception whose words are those of a signal", "python", { reason: "exception", text: "Aborted", threadId: 1 }],
])("%s is no crash", async (_, type, stopped) => {
  expect((await gatherAnswers(type, stopped, { stackTrace: FRAMES })).facts).toBeNull();
});

test("a signal that gdb does not name and that is no crash is asked for once and left alone", async () => {
  const { facts, asked } = await gatherAnswers(
    "gdb",
    { reason: "signal", threadId: 1 },
    { stackTrace: FRAMES, "evaluate $_siginfo.si_signo": { result: "10" } },
  );
  expect(facts).toBeNull();
  expect(asked).toEqual(["stackTrace", "evaluate $_siginfo.si_signo"]);
});

test.each([
  ["two%20words", "two words"],
  ["100%ff", "100%ff"],
])("paths that a remote window has made URIs are paths again: %s", (encoded, plain) => {
  const path = `vscode-remote://127.0.0.1:8000/home/user/${encoded}/a.c`;
  expect(frameOf({ name: "main", line: 5, source: { path } }).source).toMatchObject({
    file: `/home/user/${plain}/a.c`,
  });
});
