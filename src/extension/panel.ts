/**
 * "Show Process Memory": the panel in the editor area. It draws itself (src/webview); this opens it, passes its questions
 * on to the server, and tells it what changed.
 */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { Messenger } from "vscode-messenger";
import type { NotificationType, RequestType, WebviewIdMessageParticipant } from "vscode-messenger-common";
import type { PanelNotifications, PanelRequests, PanelState, PanelUpdates } from "../protocol/panel.ts";
import type { TargetId } from "../protocol/server.ts";
import type { MemoryServer } from "./memoryServer.ts";
import type { Selection } from "./selection.ts";
import { nameOf, noteOf, problemOf, type Targets } from "./targets.ts";

export const PANEL_TYPE = "processMemory.panel";

export class Panel implements vscode.Disposable {
  readonly #extension: vscode.Uri;
  readonly #server: MemoryServer;
  readonly #targets: Targets;
  readonly #selection: Selection;
  readonly #messenger = new Messenger({ ignoreHiddenViews: true });
  readonly #subscriptions: vscode.Disposable[];
  #open: { readonly webview: vscode.WebviewPanel; readonly address: WebviewIdMessageParticipant } | null = null;

  constructor(extension: vscode.Uri, server: MemoryServer, targets: Targets, selection: Selection) {
    this.#extension = extension;
    this.#server = server;
    this.#targets = targets;
    this.#selection = selection;
    this.#answerPanel();
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
        deserializeWebviewPanel: (webview, state: unknown) => this.#restore(webview, state),
      }),
      targets.onDidUpdate(() => this.#update()),
      targets.onDidRead(({ id, changed }) => {
        if (changed && id === targets.active?.id) this.#tell("changed", changed);
      }),
      selection.onDidChange(({ target, address, in: origin }) => {
        if (origin !== "panel" && target === targets.active?.id) this.#tell("reveal", { target, address });
      }),
    ];
  }

  /** Opens the panel beside the editor, or brings it to the front. */
  show(): void {
    if (this.#open) {
      this.#open.webview.reveal(undefined, true);
      return;
    }
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const place = { viewColumn: column, preserveFocus: true };
    this.#adopt(vscode.window.createWebviewPanel(PANEL_TYPE, "Process Memory", place, this.#options()));
  }

  dispose(): void {
    this.#open?.webview.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** After a reload of the window: the same process is shown again where it still is the same. */
  async #restore(webview: vscode.WebviewPanel, state: unknown): Promise<void> {
    webview.webview.options = this.#options();
    this.#adopt(webview);
    const shown = /^(\d+):\d+$/.exec(shownIn(state) ?? "");
    if (!shown || this.#targets.active) return;
    try {
      const target = await this.#targets.attach(Number(shown[1]), null);
      if (target.id !== shown[0]) await this.#targets.detach(target.id);
    } catch {
      // It ended meanwhile: the panel says that nothing is looked at.
    }
  }

  #adopt(webview: vscode.WebviewPanel): void {
    const address = this.#messenger.registerWebviewPanel(webview);
    this.#open = { webview, address };
    const icon = (theme: string) => vscode.Uri.joinPath(this.#extension, "media", `panel-${theme}.svg`);
    webview.iconPath = { light: icon("light"), dark: icon("dark") };
    webview.onDidDispose(() => {
      if (this.#open?.webview === webview) this.#open = null;
      this.#targets.watch("panel", []);
    });
    // Hidden, a webview is gone; shown again, it asks anew.
    webview.onDidChangeViewState(() => this.#watch());
    webview.webview.html = html(webview.webview, this.#extension);
    this.#watch();
  }

  #options(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extension, "dist")] };
  }

  #answerPanel(): void {
    this.#onRequest("ready", () => this.#state());
    this.#onRequest("rows", (query) => this.#server.request("processMemory/rows", query));
    this.#onRequest("picture", (query) => this.#server.request("processMemory/picture", query));
    this.#onRequest("timeline", (query) => this.#server.request("processMemory/timeline", query));
    this.#onRequest("pages", (query) => this.#server.request("processMemory/pages", query));
    this.#onRequest("page", (query) => this.#server.request("processMemory/page", query));
    this.#onRequest("markPages", (query) => this.#server.request("processMemory/markPages", query));
    this.#onNotification("select", ({ target, address }) => this.#selection.choose({ target, address, in: "panel" }));
    this.#onNotification("show", ({ target }) => this.#targets.activate(target));
    this.#onNotification("pickProcess", () => vscode.commands.executeCommand("processMemory.pickProcess"));
    this.#onNotification("copy", ({ text }) => vscode.env.clipboard.writeText(text));
    this.#onNotification("refresh", ({ target }) => {
      this.#server.request("processMemory/refresh", { target }).catch((error: unknown) => {
        void vscode.window.showWarningMessage(problemOf(error).message);
      });
    });
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

  #tell<M extends keyof PanelUpdates>(method: M, params: PanelUpdates[M]): void {
    if (!this.#open) return;
    const type: NotificationType<PanelUpdates[M]> = { method };
    this.#messenger.sendNotification(type, this.#open.address, params);
  }

  #update(): void {
    this.#watch();
    this.#tell("state", this.#state());
  }

  #watch(): void {
    const shown: TargetId[] = this.#open?.webview.visible && this.#targets.active ? [this.#targets.active.id] : [];
    this.#targets.watch("panel", shown);
  }

  #state(): PanelState {
    const { active, all } = this.#targets;
    const { chosen } = this.#selection;
    return {
      targets: all.map((target) => ({ target: target.id, label: nameOf(target), ended: target.ended !== null })),
      shown: active?.id ?? null,
      changed: active?.changed ?? null,
      selected: chosen && chosen.target === active?.id ? chosen.address : null,
      message: active && noteOf(active),
    };
  }
}

/** The target that a panel's saved state names. */
function shownIn(state: unknown): string | null {
  if (typeof state !== "object" || state === null || !("shown" in state)) return null;
  return typeof state.shown === "string" ? state.shown : null;
}

function html(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Process Memory</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" nonce="${nonce}" href="${file("panel.css")}">
</head>
<body>
<script nonce="${nonce}" src="${file("panel.js")}"></script>
</body>
</html>`;
}
