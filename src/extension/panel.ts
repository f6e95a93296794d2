/**
 * One panel in the editor area. It draws itself (src/webview); this passes its questions on to the server, and tells it
 * what changed.
 */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { Messenger } from "vscode-messenger";
import type { NotificationType, RequestType, WebviewIdMessageParticipant } from "vscode-messenger-common";
import type {
  CrashNotice,
  Drawing,
  PanelNotifications,
  PanelQuestions,
  PanelRequests,
  PanelState,
  PanelUpdates,
} from "../protocol/panel.ts";
import type { ExplanationMessage, FindQuery, Found, PictureQuery, PointerValue, TargetId } from "../protocol/server.ts";
import type { Crashes } from "./crashes.ts";
import type { ExplainQuery } from "./explainAddress.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { PanelName, Selection } from "./selection.ts";
import type { StepCosts } from "./stepCosts.ts";
import { nameOf, noteOf, problemOf, type Target, type Targets } from "./targets.ts";

export const PANEL_TYPE = "processMemory.panel";
/** What a panel measures by as a rule, and about how many pixels wide it is. */
const LIKELY = { measure: "rss", pixels: 1000 } as const;

/** Of a panel that shows the active target. */
export const TITLE = "Process Memory";

/** What all panels share. */
export interface PanelParts {
  readonly extension: vscode.Uri;
  readonly server: MemoryServer;
  readonly targets: Targets;
  readonly selection: Selection;
  readonly steps: StepCosts;
  readonly crashes: Crashes;
  /** Resolves when the process of no session is being looked for. */
  readonly settled: () => Promise<void>;
  /** Asks the debugger where an expression points. */
  readonly pointerOf: (target: TargetId, expression: string) => Promise<PointerValue | null>;
  /** As the server's `processMemory/explain`, with what the debugger told of the stack. */
  readonly explain: (query: ExplainQuery) => Promise<ExplanationMessage>;
}

export class Panel implements vscode.Disposable {
  /** The editor that it is in. */
  readonly editor: vscode.WebviewPanel;
  readonly #name: PanelName;
  readonly #parts: PanelParts;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #messenger = new Messenger({ ignoreHiddenViews: true });
  readonly #address: WebviewIdMessageParticipant;
  readonly #subscriptions: vscode.Disposable[];
  #pinned: TargetId | null;

  /** It was hidden, shown, chosen, pinned or unpinned. */
  readonly onDidChange = this.#changed.event;

  /** `pinned`: the target it stays with; `null`: it shows the active one. */
  constructor(parts: PanelParts, name: PanelName, editor: vscode.WebviewPanel, pinned: TargetId | null) {
    const { extension, targets, selection, steps, crashes } = parts;
    this.#parts = parts;
    this.#name = name;
    this.editor = editor;
    this.#pinned = pinned;
    this.#address = this.#messenger.registerWebviewPanel(editor);
    this.#answerPanel();
    this.#subscriptions = [
      this.#changed,
      targets.onDidUpdate(() => this.#update()),
      crashes.onDidChange(() => this.#tell("state", this.#state())),
      targets.onDidRead(({ id, changed }) => {
        if (changed && id === this.shown?.id) this.#tell("changed", changed);
      }),
      steps.onDidKnow((target) => {
        if (target === this.shown?.id) this.#tell("stepped", { target });
      }),
      selection.onDidChange(({ target, address, in: origin }) => {
        if (origin !== name && target === this.shown?.id) this.#tell("reveal", { target, address });
      }),
      // Hidden, a webview is gone; shown again, it asks anew.
      editor.onDidChangeViewState(() => {
        this.#watch();
        this.#changed.fire();
      }),
    ];
    editor.onDidDispose(() => this.#closed());
    const icon = (theme: string) => vscode.Uri.joinPath(extension, "media", `panel-${theme}.svg`);
    editor.iconPath = { light: icon("light"), dark: icon("dark") };
    editor.webview.options = webviewOptions(extension);
    editor.webview.html = html(editor.webview, extension);
    this.pin(pinned);
    void this.#sendPicture();
  }

  /** The target that it shows. */
  get shown(): Target | null {
    return this.#parts.targets.get(this.#pinned) ?? this.#parts.targets.active;
  }

  get pinned(): boolean {
    return this.#pinned !== null;
  }

  /** Stays with a target whichever is active, and keeps it beyond its debug session; `null`: shows the active one again. */
  pin(target: TargetId | null): void {
    this.#pinned = target;
    this.#parts.targets.keep(this.#name, target);
    this.#update();
    this.#changed.fire();
  }

  /** What it shows, as a picture. Fails where it is hidden. */
  drawing(): Promise<Drawing> {
    const type: RequestType<PanelQuestions["drawing"][0], Drawing> = { method: "drawing" };
    return this.#messenger.sendRequest(type, this.#address, null);
  }

  dispose(): void {
    this.editor.dispose();
  }

  #closed(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#parts.targets.watch(this.#name, []);
    this.#parts.targets.keep(this.#name, null);
  }

  #answerPanel(): void {
    const { server, selection, steps } = this.#parts;
    this.#onRequest("ready", () => this.#state());
    this.#onRequest("rows", (query) => server.request("processMemory/rows", query));
    this.#onRequest("copyRows", async (query) => {
      const { text, rows } = await server.request("processMemory/rowsText", query);
      await vscode.env.clipboard.writeText(text);
      return { rows };
    });
    this.#onRequest("picture", (query) => server.request("processMemory/picture", query));
    this.#onRequest("treemap", (query) => server.request("processMemory/treemap", query));
    this.#onRequest("parts", (query) => server.request("processMemory/parts", query));
    this.#onRequest("stretch", (query) => server.request("processMemory/stretch", query));
    this.#onRequest("find", (query) => this.#find(query));
    this.#onRequest("timeline", (query) => server.request("processMemory/timeline", query));
    this.#onRequest("stops", (query) => steps.stops(query));
    this.#onRequest("pages", (query) => server.request("processMemory/pages", query));
    this.#onRequest("page", (query) => server.request("processMemory/page", query));
    this.#onRequest("markPages", (query) => server.request("processMemory/markPages", query));
    this.#onRequest("explain", (query) => this.#parts.explain(query));
    this.#onNotification("select", ({ target, address }) => selection.choose({ target, address, in: this.#name }));
    this.#onNotification("show", ({ target }) => this.#show(target));
    this.#onNotification("pickProcess", () => vscode.commands.executeCommand("processMemory.pickProcess"));
    this.#onNotification("copy", ({ text }) => vscode.env.clipboard.writeText(text));
    this.#onNotification("openSource", (source) => vscode.commands.executeCommand("processMemory.openSource", source));
    this.#onNotification("openFile", ({ path }) =>
      vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path)),
    );
    this.#onNotification("showInTree", async ({ target, address }) => {
      await vscode.commands.executeCommand("processMemory.regions.focus");
      selection.choose({ target, address, in: "command" });
    });
    this.#onNotification("sharers", (query) => vscode.commands.executeCommand("processMemory.sharers", query));
    this.#onNotification("showCrash", () =>
      vscode.commands.executeCommand("processMemory.explainCrash", this.shown?.id),
    );
    this.#onNotification("refresh", ({ target }) => {
      server.request("processMemory/refresh", { target }).catch((error: unknown) => {
        void vscode.window.showWarningMessage(problemOf(error).message);
      });
    });
  }

  /** What is no address and no name the debugger is asked for. */
  async #find(query: FindQuery): Promise<Found> {
    const { server, pointerOf } = this.#parts;
    const found = await server.request("processMemory/find", query);
    const isPast = query.at !== null && query.at !== undefined;
    const pointer = found.places.length > 0 || isPast ? null : await pointerOf(query.target, query.text);
    if (!pointer) return found;
    const { places } = await server.request("processMemory/find", { ...query, text: pointer.address });
    return { places: places.map((place) => ({ ...place, name: `${pointer.expression}: ${place.name}` })) };
  }

  #onRequest<M extends keyof PanelRequests>(
    method: M,
    answer: (params: PanelRequests[M][0]) => PanelRequests[M][1] | Promise<PanelRequests[M][1]>,
  ): void {
    const type: RequestType<PanelRequests[M][0], PanelRequests[M][1]> = { method };
    this.#messenger.onRequest(type, (params) => answer(params));
  }

  #onNotification<M extends keyof PanelNotifications>(
    method: M,
    handle: (params: PanelNotifications[M]) => unknown,
  ): void {
    const type: NotificationType<PanelNotifications[M]> = { method };
    this.#messenger.onNotification(type, (params) => {
      handle(params);
    });
  }

  /** The user chose another target in the panel. */
  #show(target: TargetId): void {
    if (this.pinned) this.pin(target);
    else this.#parts.targets.activate(target);
  }

  #tell<M extends keyof PanelUpdates>(method: M, params: PanelUpdates[M]): void {
    const type: NotificationType<PanelUpdates[M]> = { method };
    this.#messenger.sendNotification(type, this.#address, params);
  }

  #update(): void {
    // A target that the user let go of can be stayed with no longer.
    if (this.#pinned !== null && !this.#parts.targets.get(this.#pinned)) {
      this.pin(null);
      return;
    }
    const title = this.pinned && this.shown ? nameOf(this.shown) : TITLE;
    if (this.editor.title !== title) this.editor.title = title;
    this.#watch();
    this.#tell("state", this.#state());
  }

  /** Sent ahead, before the panel can ask: its page takes a while to load. */
  async #sendPicture(): Promise<void> {
    const target = this.shown?.id;
    if (target === undefined) return;
    const query: PictureQuery = { target, at: null, from: 0, to: null, selected: null, ...LIKELY };
    try {
      this.#tell("picture", { query, picture: await this.#parts.server.request("processMemory/picture", query) });
    } catch {
      // The panel asks itself, and says what is wrong.
    }
  }

  #watch(): void {
    this.#parts.targets.watch(this.#name, this.editor.visible && this.shown ? [this.shown.id] : []);
  }

  get #crash(): CrashNotice | null {
    const report = this.#parts.crashes.of(this.shown?.id)?.report;
    if (!report) return null;
    const { signal, title, sentence, address } = report;
    return { signal, title, sentence, address };
  }

  #state(): PanelState {
    const { shown } = this;
    const { chosen } = this.#parts.selection;
    const { all } = this.#parts.targets;
    return {
      targets: all.map((target) => ({ target: target.id, label: nameOf(target), ended: target.ended !== null })),
      shown: shown?.id ?? null,
      pinned: this.pinned,
      changed: shown?.changed ?? null,
      selected: chosen && chosen.target === shown?.id ? chosen.address : null,
      message: shown && noteOf(shown),
      crash: this.#crash,
    };
  }
}

export function webviewOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, "dist")] };
}

function html(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    "base-uri 'none'",
    "form-action 'none'",
    // Text becomes markup nowhere but in lit's own templates.
    "require-trusted-types-for 'script'",
    "trusted-types lit-html",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Process Memory</title>
<link rel="stylesheet" href="${file("panel.css")}">
</head>
<body>
<script nonce="${nonce}" src="${file("panel.js")}"></script>
</body>
</html>`;
}
