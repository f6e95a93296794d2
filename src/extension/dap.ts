/**
 * Debug Adapter Protocol messages as they come from outside: anything may be missing or of another type, so every
 * property is asked for by the type it must have.
 */

export interface DapMessage {
  readonly type: "request" | "response" | "event";
  readonly seq: number;
  /** The command of a request or response, the event's name. */
  readonly name: string;
  readonly requestSeq: number;
  readonly success: boolean;
  /** A request's arguments, a response's or event's body; empty where there is none. */
  readonly body: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

/** `null` for what is no message of the protocol. */
export function readMessage(message: unknown): DapMessage | null {
  const fields = fieldsOf(message);
  const seq = numberOf(fields.seq) ?? 0;
  const requestSeq = numberOf(fields.request_seq) ?? -1;
  const success = fields.success === true;
  switch (fields.type) {
    case "request":
      return {
        type: "request",
        seq,
        name: textOf(fields.command) ?? "",
        requestSeq,
        success,
        body: fieldsOf(fields.arguments),
      };
    case "response":
      return {
        type: "response",
        seq,
        name: textOf(fields.command) ?? "",
        requestSeq,
        success,
        body: fieldsOf(fields.body),
      };
    case "event":
      return { type: "event", seq, name: textOf(fields.event) ?? "", requestSeq, success, body: fieldsOf(fields.body) };
    default:
      return null;
  }
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A process id given as number or text (js-debug's attach pickers append `:port`). */
export function pidOf(value: unknown): number | null {
  const pid = typeof value === "string" ? Number(/^\s*(\d+)(?::\d+)?\s*$/.exec(value)?.[1] ?? Number.NaN) : value;
  return typeof pid === "number" && Number.isInteger(pid) && pid > 0 && pid <= LARGEST_PID ? pid : null;
}

/** PID_MAX_LIMIT of a 64-bit kernel. */
const LARGEST_PID = 4_194_304;
