/**
 * The built panel in a real Chromium, under the content policy that it has in VS Code, with the variables of VS Code's
 * own themes. What it asks is answered by the memory server's engine from a live process.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { WebviewPanel } from "vscode";
import { Messenger } from "vscode-messenger";
import type { NotificationType, RequestType, WebviewIdMessageParticipant } from "vscode-messenger-common";
import { parseAddress } from "../../../src/memory/address.ts";
import { toExplanationMessage } from "../../../src/memory/messages.ts";
import { packPicture } from "../../../src/memory/pictureMessage.ts";
import type {
  CrashNotice,
  Drawing,
  PanelNotifications,
  PanelQuestions,
  PanelRequests,
  PanelState,
  PanelUpdates,
} from "../../../src/protocol/panel.ts";
import type { PlacedStep } from "../../../src/protocol/server.ts";
import { explanationOf, explanationWithSource } from "../../../src/server/explanations.ts";
import { find } from "../../../src/server/find.ts";
import type { LiveTarget } from "../../../src/server/liveTarget.ts";
import { FullPace } from "../../../src/server/pace.ts";
import { partsOf } from "../../../src/server/pictureParts.ts";
import { rowsText } from "../../../src/server/rowsText.ts";
import { stretchDetails } from "../../../src/server/stretch.ts";
import { treemapOf } from "../../../src/server/treemap.ts";
import { CannedPages } from "./cannedPages.ts";
import themes from "./themes.json" with { type: "json" };

export type Theme = keyof typeof themes;

export interface PanelOptions {
  theme?: Theme;
  /** CSS pixels; `null`: the window's. */
  width?: number | null;
  height?: number;
  /** What the panel saved before it was hidden. */
  saved?: unknown;
  message?: string;
}

/** The panel, and the extension's side of it. */
export class PanelPage {
  readonly page: Page;
  /** What the panel told, newest last. */
  readonly told: { [M in keyof PanelNotifications]: PanelNotifications[M][] } = {
    select: [],
    show: [],
    pickProcess: [],
    copy: [],
    openSource: [],
    openFile: [],
    showInTree: [],
    sharers: [],
    refresh: [],
    showCrash: [],
  };
  /** What it saved last. */
  saved: unknown;
  /** What the browser had to say: refusals of the content policy and errors. */
  readonly complaints: string[] = [];
  /** When set, questions are answered with this error. */
  failure: string | null = null;
  /** The crash at which the target stands. */
  crash: CrashNotice | null = null;
  /** Every question so far. */
  readonly asked: { [M in keyof PanelRequests]: PanelRequests[M][0][] } = {
    ready: [],
    rows: [],
    copyRows: [],
    picture: [],
    treemap: [],
    parts: [],
    stretch: [],
    find: [],
    timeline: [],
    stops: [],
    pages: [],
    page: [],
    markPages: [],
    explain: [],
  };
  /** What was put into the clipboard as a text of rows. */
  readonly copied: string[] = [];
  readonly pages = new CannedPages();
  /** Where the program stood at each stop. */
  place: PlacedStep["place"] = null;
  readonly #messenger = new Messenger();
  readonly #target: LiveTarget | null;
  readonly #message: string | null;
  #address: WebviewIdMessageParticipant | null = null;
  #receive: (message: unknown) => void = () => {};

  private constructor(page: Page, target: LiveTarget | null, message: string | null) {
    this.page = page;
    this.#target = target;
    this.#message = message;
    page.on("console", (line) => {
      if (line.type() === "error" || line.type() === "warning") this.complaints.push(line.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  static async open(browser: Browser, target: LiveTarget | null, options: PanelOptions = {}): Promise<PanelPage> {
    const { theme = "dark", width = 1400, height = 900 } = options;
    const context = await browser.newContext({ viewport: width === null ? null : { width, height } });
    onTestFinished(() => context.close());
    const panel = new PanelPage(await context.newPage(), target, options.message ?? null);
    panel.saved = options.saved;
    await panel.#connect();
    await panel.#load(theme);
    return panel;
  }

  tell<M extends keyof PanelUpdates>(method: M, params: PanelUpdates[M]): void {
    this.#receive({ method, params, receiver: { type: "webview", webviewId: "panel" } });
  }

  /** As "Save Picture" asks for it. */
  drawing(): Promise<Drawing> {
    if (!this.#address) throw new Error("The panel is not open.");
    const type: RequestType<PanelQuestions["drawing"][0], Drawing> = { method: "drawing" };
    return this.#messenger.sendRequest(type, this.#address, null);
  }

  get state(): PanelState {
    const target = this.#target;
    return {
      targets: target
        ? [{ target: target.id, label: `${target.info.command} (${target.info.pid})`, ended: false }]
        : [],
      shown: target?.id ?? null,
      pinned: false,
      changed: target?.changed ?? null,
      selected: null,
      message: this.#message,
      crash: this.crash,
    };
  }

  /** The extension's end of the channel, as src/extension/panel.ts has it. */
  async #connect(): Promise<void> {
    const { page } = this;
    const webview = {
      postMessage: async (message: unknown) => {
        // As text: Playwright takes its time over large objects.
        try {
          await page.evaluate((text) => window.postMessage(JSON.parse(text), "*"), JSON.stringify(message));
        } catch (error) {
          // What was asked by a page that is closed by now needs no answer.
          if (!page.isClosed()) throw error;
        }
        return true;
      },
      onDidReceiveMessage: (listener: (message: unknown) => void) => {
        this.#receive = (message) => void webview.postMessage(message);
        this.#listen = listener;
      },
    };
    const view = { viewType: "panel", visible: true, webview, onDidDispose: () => {}, onDidChangeViewState: () => {} };
    this.#address = this.#messenger.registerWebviewPanel(view as unknown as WebviewPanel);
    this.#answer("ready", () => this.state);
    const revisionAt = ({ at }: { at?: number | null }) => this.#shown.revisions.at(at);
    this.#answer("rows", async (query) => {
      return (await revisionAt(query)).rows(query, parseAddress(query.selected ?? "") ?? null);
    });
    this.#answer("copyRows", async (query) => {
      const copied = await rowsText(this.#shown.revision.rowLines(query), query, {});
      this.copied.push(copied.text);
      return { rows: copied.rows };
    });
    this.#answer("picture", async (query) => {
      return packPicture((await revisionAt(query)).picture(query, parseAddress(query.selected ?? "") ?? null));
    });
    this.#answer("parts", async (query) => {
      return partsOf(await revisionAt(query), query, (module) => this.#shown.elf(module));
    });
    this.#answer("stretch", async (query) => {
      return stretchDetails(await revisionAt(query), query, (module) => this.#shown.elf(module));
    });
    this.#answer("find", async ({ text }) => ({
      places: await find(this.#shown.revision, text, (module) => this.#shown.elf(module)),
    }));
    this.#answer("treemap", async (query) => {
      return treemapOf(await revisionAt(query), query, (module) => this.#shown.elf(module));
    });
    this.#answer("timeline", ({ since }) => ({ samples: this.#shown.timeline.since(since) }));
    this.#answer("stops", ({ sort, limit }) => {
      const { stops, total } = this.#shown.stops.costliest(sort, limit);
      return { stops: stops.map((step) => ({ ...step, place: this.place })), total };
    });
    this.#answer("pages", (query) => this.pages.answer(query));
    this.#answer("page", ({ address }) => this.pages.page(address));
    this.#answer("markPages", () => {
      this.pages.isMarked = true;
      return null;
    });
    this.#answer("explain", async ({ address, withSource }) => {
      const explanation = await explanationOf(this.#shown, parseAddress(address) ?? 0n);
      return toExplanationMessage(withSource ? await explanationWithSource(this.#shown, explanation) : explanation);
    });
    this.#hear("select");
    this.#hear("show");
    this.#hear("pickProcess");
    this.#hear("copy");
    this.#hear("openSource");
    this.#hear("openFile");
    this.#hear("showInTree");
    this.#hear("sharers");
    this.#hear("refresh");
    this.#hear("showCrash");
    await page.exposeFunction("sendToExtension", (message: unknown) => this.#listen(message));
    await page.exposeFunction("saveState", (state: unknown) => {
      this.saved = state;
    });
  }

  #listen: (message: unknown) => void = () => {};

  get #shown(): LiveTarget {
    if (!this.#target) throw new Error("No process is looked at.");
    return this.#target;
  }

  #answer<M extends keyof PanelRequests>(
    method: M,
    answer: (params: PanelRequests[M][0]) => PanelRequests[M][1] | Promise<PanelRequests[M][1]>,
  ): void {
    const type: RequestType<PanelRequests[M][0], PanelRequests[M][1]> = { method };
    this.#messenger.onRequest(type, (params) => {
      this.asked[method].push(params);
      if (this.failure !== null && method !== "ready") throw new Error(this.failure);
      return answer(params);
    });
  }

  #hear<M extends keyof PanelNotifications>(method: M): void {
    const type: NotificationType<PanelNotifications[M]> = { method };
    this.#messenger.onNotification(type, (params) => void this.told[method].push(params));
  }

  async #load(theme: Theme): Promise<void> {
    const { page } = this;
    const nonce = randomBytes(16).toString("base64");
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src ${ORIGIN}`,
      `font-src ${ORIGIN}`,
      `img-src ${ORIGIN} data:`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types lit-html",
    ].join("; ");
    const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="${policy}"><title>Process Memory</title>
      <link rel="stylesheet" href="vscode.css"><link rel="stylesheet" href="panel.css"></head>
      <body class="${themes[theme].body}"><script nonce="${nonce}" src="panel.js"></script></body></html>`;
    const dist = (name: string) => readFileSync(join("dist", name), "utf8");
    const files: Record<string, [type: string, body: () => string]> = {
      "/": ["text/html", () => html],
      "/panel.js": ["text/javascript", () => dist("panel.js")],
      "/panel.css": ["text/css", () => dist("panel.css")],
      "/vscode.css": ["text/css", () => `:root { ${variablesOf(theme)} } ${VSCODE_STYLES}`],
      "/favicon.ico": ["image/x-icon", () => ""],
    };
    await page.route(`${ORIGIN}/**`, (route) => {
      const [contentType, body] = files[new URL(route.request().url()).pathname] ?? ["text/plain", () => ""];
      return route.fulfill({ contentType, body: body() });
    });
    await page.addInitScript(
      ({ saved }) => {
        const functions = window as unknown as Record<string, (value: unknown) => void>;
        let state = saved;
        Object.assign(window, {
          acquireVsCodeApi: () => ({
            postMessage: (message: unknown) => functions.sendToExtension?.(message),
            getState: () => state,
            setState: (next: unknown) => {
              state = next;
              functions.saveState?.(next);
            },
          }),
        });
      },
      { saved: this.saved },
    );
    await page.goto(`${ORIGIN}/`);
  }
}

/** A theme's variables as declarations. */
export function variablesOf(theme: Theme): string {
  return Object.entries(themes[theme].variables)
    .map(([name, value]) => `${name}: ${value};`)
    .join(" ");
}

const ORIGIN = "http://panel.test";

/** What VS Code puts before a webview's own styles, and the editor behind it. */
const VSCODE_STYLES = `
  html { background: var(--vscode-editor-background); }
  @layer vscode-default {
    html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
    body {
      background-color: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family);
      font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px;
    }
    ::-webkit-scrollbar { width: 10px; height: 10px; }
    ::-webkit-scrollbar-thumb { background-color: var(--vscode-scrollbarSlider-background); }
  }
`;

/** Reads the regions of a target with all their numbers. */
export async function readAll(target: LiveTarget, mark?: "stop" | "continue"): Promise<void> {
  await target.read("regions", mark);
  await readNumbers(target);
}

export async function readNumbers(target: LiveTarget): Promise<void> {
  for await (const _ of target.readNumbers(new FullPace(new AbortController().signal), false));
}
