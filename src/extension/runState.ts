/** Whether the debuggee of a session runs, stands still or has ended. Pure: fed with the adapter's messages, in order. */
import type { DapMessage } from "./dap.ts";

export type RunState =
  | "starting"
  | "running"
  /** Every thread stands still. */
  | "stopped"
  /** One thread or some stand still, the others run on. */
  | "partly"
  | "ended";

/** The state after a message from the adapter. */
export function nextRunState(state: RunState, message: DapMessage): RunState {
  if (message.type === "event") {
    switch (message.name) {
      case "stopped":
        return message.body.allThreadsStopped === true || state === "stopped" ? "stopped" : "partly";
      case "continued":
        // Of a single thread: `allThreadsContinued` is taken as true where it is missing.
        return message.body.allThreadsContinued === false ? "partly" : "running";
      case "exited":
      case "terminated":
        return "ended";
      default:
        return state;
    }
  }
  if (message.type !== "response" || !message.success) return state;
  if (message.name === "restart") return "running";
  if (message.name === "launch" || message.name === "attach") return state === "starting" ? "running" : state;
  return RESUMING.has(message.name) ? "running" : state;
}

/** Requests after whose answer the debuggee runs, without a `continued` event. */
const RESUMING = new Set(["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue"]);
