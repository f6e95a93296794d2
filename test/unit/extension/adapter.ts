/** A debug adapter, driven as VS Code drives it, with every message written down. For record.ts. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

export interface Message {
  seq: number;
  type: string;
  command?: string;
  event?: string;
  request_seq?: number;
  success?: boolean;
  arguments?: Record<string, unknown>;
  body?: Body;
}

export interface Body {
  output?: string;
  threadId?: number;
  threads?: { id: number }[];
  stackFrames?: { id: number; source?: { path?: string } }[];
  shellProcessId?: number | undefined;
}

export class Adapter {
  readonly transcript: { from: "adapter" | "editor"; message: Message }[] = [];
  /** What the debuggee and its debugger printed. */
  output = "";
  readonly #child: ChildProcess;
  readonly #folder: string;
  #shell: ChildProcess | null = null;
  #stream: Writable | null = null;
  #socket: Socket | null = null;
  #seq = 1;
  #waiting: ((message: Message) => boolean)[] = [];

  constructor(command: string, args: string[], folder: string) {
    this.#folder = folder;
    this.#child = spawn(command, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  }

  /** Connects by the adapter's standard streams, or to its port once it has printed something. */
  async open(port?: number): Promise<void> {
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error("The adapter has no streams.");
    if (port === undefined) {
      this.#listen(stdout, stdin);
      return;
    }
    await once(stdout, "data");
    this.#socket = connect(port, "127.0.0.1");
    await once(this.#socket, "connect");
    this.#listen(this.#socket, this.#socket);
  }

  /** Resolves with the answer, whether it succeeded or not. */
  request(command: string, args: Record<string, unknown> = {}): Promise<Message> {
    const seq = this.#send({ type: "request", command, arguments: args });
    return this.#next((message) => message.type === "response" && message.request_seq === seq);
  }

  /** The event, which must not have come yet. */
  event(name: string): Promise<Message> {
    return this.#next((message) => message.event === name);
  }

  /** The debugger ends its debuggee: killed at once, it would leave it at a breakpoint. */
  async close(): Promise<void> {
    const answered = this.request("disconnect", { terminateDebuggee: true });
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 2000))]);
    this.#shell?.kill("SIGKILL");
    this.#child.kill("SIGKILL");
    this.#socket?.destroy();
  }

  #listen(input: Readable, output: Writable): void {
    this.#stream = output;
    let bytes = Buffer.alloc(0);
    input.on("data", (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      for (;;) {
        const header = bytes.indexOf("\r\n\r\n");
        const length = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, Math.max(0, header)).toString())?.[1]);
        if (header < 0 || bytes.length < header + 4 + length) return;
        this.#receive(JSON.parse(bytes.subarray(header + 4, header + 4 + length).toString()));
        bytes = bytes.subarray(header + 4 + length);
      }
    });
  }

  #receive(message: Message): void {
    this.transcript.push({ from: "adapter", message });
    if (message.event === "output") this.output += message.body?.output ?? "";
    if (message.type === "request" && message.command === "runInTerminal") this.#runInTerminal(message);
    this.#waiting = this.#waiting.filter((takes) => !takes(message));
  }

  /** As VS Code does: the terminal's shell is told, not what runs in it. */
  #runInTerminal({ seq, command, arguments: asked }: Message): void {
    const args = asked?.args as string[];
    const quoted = args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
    const env = { ...process.env, ...(asked?.env as NodeJS.ProcessEnv) };
    this.#shell = spawn("/bin/sh", ["-c", `${quoted}; true`], { cwd: this.#folder, env, stdio: "pipe" });
    this.#shell.stdout?.on("data", (data) => {
      this.output += data;
    });
    const body = { shellProcessId: this.#shell.pid };
    this.#send({ type: "response", request_seq: seq, success: true, body, ...(command ? { command } : {}) });
  }

  #send(fields: Omit<Message, "seq">): number {
    const message = { seq: this.#seq++, ...fields };
    this.transcript.push({ from: "editor", message });
    const text = JSON.stringify(message);
    this.#stream?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return message.seq;
  }

  #next(matches: (message: Message) => boolean): Promise<Message> {
    const answer = new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The adapter did not answer.")), 20_000);
      this.#waiting.push((message) => {
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
}
