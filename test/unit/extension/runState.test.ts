import { expect, test } from "vitest";
import { readMessage } from "../../../src/extension/dap.ts";
import { nextRunState, Resumptions, type RunState } from "../../../src/extension/runState.ts";
import { transcript } from "./transcripts.ts";

/** The states that a recorded session goes through. */
function states(name: string): RunState[] {
  const seen: RunState[] = ["starting"];
  for (const { from, message } of transcript(name).messages) {
    const last = seen.at(-1) ?? "starting";
    const next = from === "adapter" ? nextRunState(last, message) : last;
    if (next !== last) seen.push(next);
  }
  return seen;
}

/** The state after an event or answer that is written down here. */
function after(state: RunState, message: object): RunState {
  const read = readMessage({ seq: 1, ...message });
  return read ? nextRunState(state, read) : state;
}

test.each(["lldb-dap-launch", "cdt-gdb-launch", "delve-launch", "debugpy-launch"])(
  "%s stands still at its breakpoint",
  (name) => expect(states(name).at(-1)).toBe("stopped"),
);

test("a JavaScript session says of its stop that other threads run on", () => {
  expect(states("js-debug-child").at(-1)).toBe("partly");
  expect(after("partly", { type: "event", event: "continued", body: { allThreadsContinued: false } })).toBe("running");
});

test("a restarted lldb-dap session runs between its stops", () => {
  expect(states("lldb-dap-restart")).toEqual(["starting", "running", "stopped", "running", "stopped"]);
});

test("a stop of one thread leaves the others running", () => {
  expect(after("running", { type: "event", event: "stopped", body: { threadId: 1 } })).toBe("partly");
  expect(after("stopped", { type: "event", event: "stopped", body: { threadId: 1 } })).toBe("stopped");
  expect(after("stopped", { type: "event", event: "continued", body: { allThreadsContinued: false } })).toBe("partly");
});

test("steps and continuations run on their answers, refused ones do not", () => {
  for (const command of ["continue", "next", "stepIn", "stepOut"]) {
    expect(after("stopped", { type: "response", command, success: true })).toBe("running");
    expect(after("stopped", { type: "response", command, success: false })).toBe("stopped");
  }
  expect(after("stopped", { type: "response", command: "evaluate", success: true })).toBe("stopped");
});

test("a step whose stop comes before its answer ran and stands still", () => {
  const resumptions = new Resumptions();
  const seen: RunState[] = ["stopped"];
  const say = (from: "editor" | "adapter", told: object) => {
    const message = readMessage(told);
    if (!message) throw new Error("This is no message.");
    if (from === "editor") resumptions.editorSaid(message);
    else for (const each of resumptions.inOrder(message)) seen.push(nextRunState(seen.at(-1) ?? "starting", each));
  };
  const stop = { type: "event", event: "stopped", body: { threadId: 1, allThreadsStopped: true } };
  say("editor", { type: "request", seq: 7, command: "next", arguments: { threadId: 1 } });
  say("adapter", { seq: 90, ...stop });
  say("adapter", { type: "response", seq: 91, request_seq: 7, command: "next", success: true });
  expect(seen).toEqual(["stopped", "running", "stopped"]);
  say("editor", { type: "request", seq: 8, command: "next", arguments: { threadId: 1 } });
  say("adapter", { type: "response", seq: 92, request_seq: 8, command: "next", success: true });
  say("adapter", { seq: 93, ...stop });
  expect(seen).toEqual(["stopped", "running", "stopped", "running", "stopped"]);
});

test("it has ended when the adapter says so", () => {
  expect(after("running", { type: "event", event: "exited", body: { exitCode: 0 } })).toBe("ended");
  expect(after("stopped", { type: "event", event: "terminated" })).toBe("ended");
});
