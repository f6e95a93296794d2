import { expect, test } from "vitest";
import { type Fields, readMessage } from "../../../src/extension/dap.ts";
import { StackFrames } from "../../../src/extension/stackFrames.ts";

/** A session that has stopped, with what VS Code asks and an adapter answers. */
class Session {
  readonly frames: StackFrames;
  #seq = 0;

  constructor(debugType: string) {
    this.frames = new StackFrames(debugType);
    this.event("stopped");
  }

  event(event: string): void {
    const message = readMessage({ type: "event", event, seq: ++this.#seq, body: {} });
    if (message) this.frames.adapterSaid(message);
  }

  ask(command: string, args: Fields, body: Fields, success = true): void {
    const seq = ++this.#seq;
    const request = readMessage({ type: "request", command, seq, arguments: args });
    const response = readMessage({ type: "response", command, seq: seq + 1, request_seq: seq, success, body });
    if (request) this.frames.editorSaid(request);
    if (response) this.frames.adapterSaid(response);
  }

  /** The stack `look` < `main`, of which VS Code asks the first frame alone and then the others. */
  stack(threadId = 1, first = 1000): void {
    const source = { path: "/demo.c" };
    const frame = (id: number, name: string, line: number) => ({ stackFrames: [{ id, name, line, source }] });
    this.ask("stackTrace", { threadId, startFrame: 0, levels: 1 }, frame(first, "look", 89));
    this.ask("stackTrace", { threadId, startFrame: 1, levels: 19 }, frame(first + 1, "main", 247));
  }

  locals(frameId: number, variables: Fields[]): void {
    const variablesReference = frameId * 10;
    this.ask("scopes", { frameId }, { scopes: [{ name: "Locals", variablesReference }] });
    this.ask("variables", { variablesReference }, { variables });
  }

  registers(frameId: number, pointer: string): void {
    const reference = frameId * 10 + 1;
    const scopes = [{ name: "Registers", presentationHint: "registers", variablesReference: reference }];
    this.ask("scopes", { frameId }, { scopes });
    const group = { name: "General Purpose Registers", value: "", variablesReference: reference + 1 };
    this.ask("variables", { variablesReference: reference }, { variables: [group] });
    const variables = [{ name: "rsp", type: "unsigned long", value: pointer, variablesReference: 0 }];
    this.ask("variables", { variablesReference: reference + 1 }, { variables });
  }
}

test("where lldb-dap writes a structure's or array's place, its local variable is told", () => {
  const session = new Session("lldb-dap");
  session.stack();
  session.locals(1001, [
    { name: "numbers", type: "int[3]", value: "int[3] @ 0x7fffffffe600", variablesReference: 5 },
    { name: "memory", type: "memory", value: "memory @ 0x7fffffffe660", variablesReference: 6 },
  ]);
  const local = (address: bigint) => session.frames.frameAt(address);
  expect(local(0x7fffffffe600n)).toEqual({ level: 1, function: "main", local: "numbers" });
  expect(local(0x7fffffffe60bn)?.local).toBe("numbers");
  expect(local(0x7fffffffe60cn)).toBeNull();
  // How large a structure is is not told.
  expect(local(0x7fffffffe660n)?.local).toBe("memory");
  expect(local(0x7fffffffe668n)).toBeNull();
});

test("what an answer to &name tells is known of that frame's variable", () => {
  const session = new Session("gdb");
  session.stack();
  session.locals(1000, [{ name: "local", type: "int", value: "7", memoryReference: "&(local)" }]);
  expect(session.frames.frameAt(0x7fffffffe59cn)).toBeNull();
  const answer = { result: "0x7fffffffe59c", type: "int *" };
  session.ask("evaluate", { expression: "&local", frameId: 1000, context: "hover" }, answer);
  expect(session.frames.frameAt(0x7fffffffe59fn)).toEqual({ level: 0, function: "look", local: "local" });
  expect(session.frames.frameAt(0x7fffffffe5a0n)).toBeNull();
  // Of a global variable it tells nothing about the stack.
  session.ask("evaluate", { expression: "&global", frameId: 1000 }, { result: "0x7fffffffe000", type: "int *" });
  expect(session.frames.frameAt(0x7fffffffe000n)).toBeNull();
});

test("a reference counts as a place only where the adapter means one", () => {
  const variable = { name: "p", type: "int *", value: "0x5000", memoryReference: "0x7fffffffe5a0" };
  for (const [debugType, known] of [
    ["lldb-dap", true],
    ["cppdbg", false],
    ["lldb", false],
  ] as const) {
    const session = new Session(debugType);
    session.stack();
    session.locals(1000, [variable]);
    expect(session.frames.frameAt(0x7fffffffe5a7n) !== null, debugType).toBe(known);
  }
});

test("a pointer to an array is as long as a pointer, an array of pointers as all of them", () => {
  const session = new Session("lldb-dap");
  session.stack();
  session.locals(1001, [
    { name: "table", type: "unsigned char (*)[11]", value: "0x5555555602cc", memoryReference: "0x7fffffffdd90" },
    { name: "names", type: "char *[4]", value: "char *[4] @ 0x7fffffffe600", variablesReference: 5 },
  ]);
  const local = (address: bigint) => session.frames.frameAt(address)?.local ?? null;
  expect([0x7fffffffdd90n, 0x7fffffffdd97n, 0x7fffffffdd98n].map(local)).toEqual(["table", "table", null]);
  expect([0x7fffffffe600n, 0x7fffffffe61fn, 0x7fffffffe620n].map(local)).toEqual(["names", "names", null]);
});

test("between the stack pointers of two frames lies the part of the inner one", () => {
  const session = new Session("lldb-dap");
  session.stack();
  session.registers(1000, "0x00007fffffffe590");
  expect(session.frames.frameAt(0x7fffffffe5a0n)).toBeNull();
  session.registers(1001, "0x00007fffffffe650");
  expect(session.frames.frameAt(0x7fffffffe64fn)).toEqual({ level: 0, function: "look", local: null });
  expect(session.frames.frameAt(0x7fffffffe650n)).toBeNull();
  expect(session.frames.frameAt(0x7fffffffe58fn)).toBeNull();
});

test("frames of different threads are not taken for one stack", () => {
  const session = new Session("lldb-dap");
  session.stack(1, 1000);
  session.stack(2, 2000);
  session.registers(1000, "0x00007fffffffe590");
  session.registers(2001, "0x00007ffff6000000");
  expect(session.frames.frameAt(0x7fffffffe5a0n)).toBeNull();
});

test("when it goes on, everything is forgotten; at another stop nothing of the one before is told", () => {
  for (const leave of [
    (session: Session) => session.event("continued"),
    (session: Session) => session.ask("next", { threadId: 1 }, {}),
    (session: Session) => session.event("stopped"),
  ]) {
    const session = new Session("lldb-dap");
    session.stack();
    session.locals(1000, [{ name: "buffer", type: "char[64]", value: "char[64] @ 0x7fffffffe600" }]);
    expect(session.frames.frameAt(0x7fffffffe63fn)?.local).toBe("buffer");
    leave(session);
    expect(session.frames.frameAt(0x7fffffffe63fn)).toBeNull();
    expect(session.frames.pointersOf(1000)).toEqual([]);
  }
});

test("pointers among the variables are told with where they point, and the frame with its line", () => {
  const session = new Session("lldb-dap");
  session.stack();
  session.locals(1000, [
    { name: "p", type: "int *", value: "0x5555000" },
    { name: "n", type: "int", value: "7" },
  ]);
  expect(session.frames.pointersOf(1000).map(({ name, value }) => [name, value])).toEqual([["p", 0x5555000n]]);
  expect(session.frames.frame(1000)).toMatchObject({ level: 0, path: "/demo.c", line: 89 });
});

test("hostile answers change nothing", () => {
  const session = new Session("lldb-dap");
  session.stack();
  session.ask("scopes", { frameId: 1000 }, { scopes: "none" });
  session.ask("scopes", { frameId: 1000 }, { scopes: [null, 5, { name: {}, variablesReference: "1" }] });
  session.ask("stackTrace", { threadId: 1 }, { stackFrames: [{}, { id: "x" }, null] });
  session.locals(1000, [{}, { name: 5, value: [], type: {} }, { name: "x", value: "x @ 0xzz" }]);
  session.ask("variables", { variablesReference: 10_000 }, { variables: [{ name: "y" }] }, false);
  expect(session.frames.frameAt(0n)).toBeNull();
});
