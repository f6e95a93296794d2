/** Starts the memory server as a process of its own and speaks with it as the extension does. */
import { type ChildProcess, fork, type SpawnOptions, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import type {
  BreakpointsHit,
  Changed,
  ClientNotifications,
  PointerValue,
  Problem,
  ServerNotifications,
  ServerRequests,
  TargetInfo,
  TreeNode,
} from "../../../src/protocol/server.ts";

const SERVER = join(import.meta.dirname, "../../../src/server/main.ts");
/** The sources are run as they are; the package says nothing of their kind of module. */
const FLAGS = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"];

/** A server over pipes, ended with the test; `through` is the command that starts its command. */
export function startServer(options: SpawnOptions = {}, through: string[] = []): Promise<Client> {
  const [command = process.execPath, ...before] = [...through, process.execPath];
  const child = spawn(command, [...before, ...FLAGS, SERVER, "--stdio"], {
    ...options,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const client = new Client(
    child,
    createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)),
  );
  return client.initialize();
}

/** A server over Node's IPC, as the extension starts it. */
export function forkServer(): Promise<Client> {
  const child = fork(SERVER, ["--node-ipc"], { execArgv: FLAGS, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return new Client(
    child,
    createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child)),
  ).initialize();
}

export class Client {
  readonly child: ChildProcess;
  readonly connection: MessageConnection;
  readonly changes: Changed[] = [];
  readonly ends: ClientNotifications["processMemory/ended"][] = [];
  readonly hits: BreakpointsHit[] = [];
  /** What the server logged. */
  readonly log: string[] = [];
  /** What the pointer under the mouse is. */
  pointer: PointerValue | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess, connection: MessageConnection) {
    this.child = child;
    this.connection = connection;
    connection.onNotification("processMemory/changed", (notice: Changed) => {
      this.changes.push(notice);
      for (const look of this.#waiting) look();
    });
    connection.onNotification("processMemory/ended", (notice: ClientNotifications["processMemory/ended"]) => {
      this.ends.push(notice);
      for (const look of this.#waiting) look();
    });
    connection.onNotification("processMemory/breakpointsHit", (notice: BreakpointsHit) => {
      this.hits.push(notice);
      for (const look of this.#waiting) look();
    });
    connection.onNotification("window/logMessage", ({ message }: { message: string }) => void this.log.push(message));
    connection.onRequest("processMemory/pointerAt", () => this.pointer);
    connection.listen();
    onTestFinished(() => {
      connection.dispose();
      child.kill("SIGKILL");
    });
  }

  async initialize(): Promise<this> {
    const parameters = { processId: process.pid, rootUri: null, capabilities: {} };
    await this.connection.sendRequest("initialize", parameters);
    await this.connection.sendNotification("initialized", {});
    return this;
  }

  ask<M extends keyof ServerRequests>(method: M, params: ServerRequests[M][0]): Promise<ServerRequests[M][1]> {
    return this.connection.sendRequest(method, params);
  }

  tell<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): Promise<void> {
    return this.connection.sendNotification(method, params);
  }

  attach(pid: number): Promise<TargetInfo> {
    return this.ask("processMemory/attach", { pid });
  }

  /** The first notice from now on (or of those that came already, with `from` 0) that is as wanted. */
  async changed(isWanted: (notice: Changed) => boolean, from = this.changes.length): Promise<Changed> {
    return this.#until(() => this.changes.slice(from).find(isWanted));
  }

  /** What memory breakpoints hit, the first time that they did, or after so many. */
  hit(after: number): Promise<BreakpointsHit> {
    return this.#until(() => this.hits[after]);
  }

  /** What was said when a target ended. */
  async ended(target: string): Promise<Problem> {
    return (await this.#until(() => this.ends.find((end) => end.target === target))).problem;
  }

  async children(target: string, node: string, filter = ""): Promise<TreeNode[]> {
    return (await this.ask("processMemory/children", { target, node, filter })).nodes;
  }

  #until<Result>(find: () => Result | undefined): Promise<Result> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Asks for all regions, as the table begins. */
export function everyRow(target: string) {
  return { target, filter: "", sort: "start", descending: false, offset: 0, limit: 5000 } as const;
}

/** The problem that a question was refused with; fails where it was answered. */
export async function problemOf(question: Promise<unknown>): Promise<Problem> {
  try {
    await question;
  } catch (error) {
    if (error instanceof ResponseError) return error.data;
    throw error;
  }
  throw new Error("The question was answered.");
}
