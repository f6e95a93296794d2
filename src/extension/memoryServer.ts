/**
 * The memory server as the rest of the extension sees it: typed questions and notices. The process, and the language
 * client that talks to it, start with the first question.
 */
import * as vscode from "vscode";
import type {
  BreakpointsHit,
  Changed,
  ClientNotifications,
  ClientRequests,
  Indexing,
  MemoryBreakpoint,
  PointerValue,
  Problem,
  Searching,
  ServerNotifications,
  ServerRequests,
} from "../protocol/server.ts";

/** What connection.ts provides. */
export interface Connection {
  request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M][0],
    token?: vscode.CancellationToken,
  ): Promise<ServerRequests[M][1]>;
  notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): Promise<void>;
  stop(): Promise<void>;
}

/** What connection.ts tells. */
export interface ConnectionEvents {
  changed(notice: ClientNotifications["processMemory/changed"]): void;
  ended(notice: ClientNotifications["processMemory/ended"]): void;
  hit(notice: BreakpointsHit): void;
  indexing(notice: ClientNotifications["processMemory/indexing"]): void;
  searching(notice: ClientNotifications["processMemory/searching"]): void;
  pointerAt(params: ClientRequests["processMemory/pointerAt"][0]): Promise<PointerValue | null>;
  /** The server came back after a crash and has forgotten everything. */
  restarted(): void;
  /** The server crashed too often and stays down. */
  lost(): void;
  hoverEnabled(): boolean;
}

/** A question the server refused, with the reason where it gave one. The message is a sentence for the user. */
export class ServerError extends Error {
  readonly problem: Problem | null;

  constructor(message: string, problem: Problem | null, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServerError";
    this.problem = problem;
  }
}

export class MemoryServer implements vscode.Disposable {
  readonly #extensionPath: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Changed>();
  readonly #ended = new vscode.EventEmitter<ClientNotifications["processMemory/ended"]>();
  readonly #hit = new vscode.EventEmitter<BreakpointsHit>();
  readonly #indexing = new vscode.EventEmitter<Indexing>();
  readonly #searching = new vscode.EventEmitter<Searching>();
  readonly #restarted = new vscode.EventEmitter<void>();
  readonly #lost = new vscode.EventEmitter<void>();
  #connection: Promise<Connection> | null = null;

  /** After each reading of a target. */
  readonly onDidChange = this.#changed.event;
  readonly onDidEnd = this.#ended.event;
  /** Memory breakpoints were hit. */
  readonly onDidHit = this.#hit.event;
  /** Debug information is being read, or has been. */
  readonly onDidIndex = this.#indexing.event;
  /** All processes are being looked at, or have been. */
  readonly onDidSearch = this.#searching.event;
  readonly onDidRestart = this.#restarted.event;
  readonly onDidLose = this.#lost.event;
  /** Answers the server's own question; set by the hover. */
  pointerAt: ConnectionEvents["pointerAt"] = async () => null;
  /** Those that are enabled: told with the settings. */
  breakpoints: readonly MemoryBreakpoint[] = [];

  constructor(extensionPath: string, log: vscode.LogOutputChannel) {
    this.#extensionPath = extensionPath;
    this.#log = log;
  }

  /** Fails with a {@link ServerError}. */
  async request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M][0],
    token?: vscode.CancellationToken,
  ): Promise<ServerRequests[M][1]> {
    try {
      return await (await this.#start()).request(method, params, token);
    } catch (error) {
      throw serverError(error);
    }
  }

  /** Does nothing while the server is not running: what it would need to know is told it when it starts. */
  async notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): Promise<void> {
    try {
      await (await this.#connection)?.notify(method, params);
    } catch (error) {
      this.#log.warn(`${method} was not delivered: ${error}`);
    }
  }

  dispose(): void {
    void this.#connection?.then((connection) => connection.stop()).catch(() => undefined);
    const notices = [this.#changed, this.#ended, this.#hit, this.#indexing, this.#searching];
    for (const emitter of [...notices, this.#restarted, this.#lost]) emitter.dispose();
  }

  async #start(): Promise<Connection> {
    if (!this.#connection) {
      this.#connection = this.#connect();
      // A failed start may be tried again.
      this.#connection.catch(() => {
        this.#connection = null;
      });
    }
    return this.#connection;
  }

  async #connect(): Promise<Connection> {
    const { connect } = await import("./connection.ts");
    const connection = await connect(this.#extensionPath, this.#log, {
      changed: (notice) => this.#changed.fire(notice),
      ended: (notice) => this.#ended.fire(notice),
      hit: (notice) => this.#hit.fire(notice),
      indexing: (notice) => this.#indexing.fire(notice),
      searching: (notice) => this.#searching.fire(notice),
      restarted: () => {
        void connection.notify("processMemory/settings", this.#settings);
        this.#restarted.fire();
      },
      lost: () => {
        this.#connection = null;
        this.#lost.fire();
      },
      pointerAt: (params) => this.pointerAt(params),
      hoverEnabled: () => vscode.workspace.getConfiguration("processMemory").get("hover.enabled", true),
    });
    await connection.notify("processMemory/settings", this.#settings);
    return connection;
  }

  get #settings(): ServerNotifications["processMemory/settings"] {
    const settings = vscode.workspace.getConfiguration("processMemory");
    const demangle = settings.get("demangle", true);
    const debugFolders = settings.get<string[]>("debugFileFolders", []);
    const { breakpoints } = this;
    return { interval: settings.get("pollInterval", 1000), symbols: { demangle, debugFolders }, breakpoints };
  }

  /** Tells the server of changed settings. */
  settingsChanged(): void {
    void this.notify("processMemory/settings", this.#settings);
  }
}

/** Problems come as the data of a JSON-RPC error. */
function serverError(error: unknown): ServerError {
  const data = typeof error === "object" && error !== null && "data" in error ? error.data : null;
  const message = error instanceof Error ? error.message : String(error);
  return new ServerError(message, isProblem(data) ? data : null, { cause: error });
}

function isProblem(data: unknown): data is Problem {
  return typeof data === "object" && data !== null && "problem" in data && "message" in data;
}
