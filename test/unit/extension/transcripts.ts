/** The recorded sessions of transcripts/, written by record.ts. */
import { readFileSync } from "node:fs";
import { type DapMessage, type Fields, readMessage } from "../../../src/extension/dap.ts";

export interface Transcript {
  readonly session: { type: string; name: string; configuration: Fields };
  readonly messages: { from: "adapter" | "editor"; message: DapMessage }[];
  /** What was so, whatever the adapter said. */
  readonly truth: { pid: number; pointers?: Readonly<Record<string, string>>; line?: number };
}

export function transcript(name: string): Transcript {
  const text = readFileSync(new URL(`transcripts/${name}.jsonl`, import.meta.url), "utf8");
  const lines = text.trimEnd().split("\n");
  const [{ session }, { truth }] = [lines[0], lines.at(-1)].map((line) => JSON.parse(line ?? ""));
  const messages = lines.slice(1, -1).flatMap((line) => {
    const { from, message } = JSON.parse(line);
    const read = readMessage(message);
    return read ? [{ from, message: read }] : [];
  });
  return { session, messages, truth };
}

/** The answers to hovers: what was asked, and what came back. */
export function* hovers({ messages }: Transcript): Generator<{ expression: string; body: Fields }> {
  for (const { message: request } of messages) {
    if (request.type !== "request" || request.name !== "evaluate") continue;
    const answer = messages.find(({ message }) => message.type === "response" && message.requestSeq === request.seq);
    if (answer?.message.success) yield { expression: String(request.body.expression), body: answer.message.body };
  }
}
