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
        return continued(state, message);
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
  return RESUMING.has(message.name) ? continued(state, message) : state;
}

/**
 * Requests to go on that are under way. The stop at the end of a short step may come before the answer to the step
 * (cdt-gdb-adapter): then the answer is taken as told before.
 */
export class Resumptions {
  readonly #unanswered = new Map<number, DapMessage>();
  readonly #overtaken = new Set<number>();

  editorSaid(message: DapMessage): void {
    if (message.type === "request" && RESUMING.has(message.name)) this.#unanswered.set(message.seq, message);
  }

  /** What an adapter's message tells, in the order in which it happened. */
  inOrder(message: DapMessage): DapMessage[] {
    if (message.type === "response") {
      this.#unanswered.delete(message.requestSeq);
      return this.#overtaken.delete(message.requestSeq) ? [] : [message];
    }
    if (message.type !== "event" || message.name !== "stopped") return [message];
    const answers = Array.from(this.#unanswered, ([requestSeq, { name, seq }]): DapMessage => {
      return { type: "response", seq, name, requestSeq, success: true, body: {} };
    });
    for (const { requestSeq } of answers) this.#overtaken.add(requestSeq);
    this.#unanswered.clear();
    return [...answers, message];
  }
}

/** Where one thread goes on alone, the others stay where they were: standing still if all did. */
function continued(state: RunState, { body }: DapMessage): RunState {
  return body.allThreadsContinued === false && state === "stopped" ? "partly" : "running";
}

/** Requests after whose answer the debuggee runs, without a `continued` event. */
const RESUMING = new Set(["continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue"]);
