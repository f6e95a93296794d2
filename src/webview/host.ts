/** The extension, reached through VS Code's message channel. */

import { HOST_EXTENSION, type NotificationType, type RequestType } from "vscode-messenger-common";
import { Messenger } from "vscode-messenger-webview";
import type { PanelNotifications, PanelQuestions, PanelRequests, PanelUpdates } from "../protocol/panel.ts";
import type { Extension } from "./data/panelModel.ts";

/** What VS Code gives a webview, once. */
export interface VsCode {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

export class Host implements Extension {
  readonly #messenger: Messenger;

  constructor(vscode: VsCode) {
    this.#messenger = new Messenger(vscode);
    this.#messenger.start();
  }

  ask<M extends keyof PanelRequests>(method: M, params: PanelRequests[M][0]): Promise<PanelRequests[M][1]> {
    const type: RequestType<PanelRequests[M][0], PanelRequests[M][1]> = { method };
    return this.#messenger.sendRequest(type, HOST_EXTENSION, params);
  }

  tell<M extends keyof PanelNotifications>(method: M, params: PanelNotifications[M]): void {
    const type: NotificationType<PanelNotifications[M]> = { method };
    this.#messenger.sendNotification(type, HOST_EXTENSION, params);
  }

  on<M extends keyof PanelUpdates>(method: M, handle: (params: PanelUpdates[M]) => void): void {
    const type: NotificationType<PanelUpdates[M]> = { method };
    this.#messenger.onNotification(type, handle);
  }

  answer<M extends keyof PanelQuestions>(method: M, answer: () => Promise<PanelQuestions[M][1]>): void {
    const type: RequestType<PanelQuestions[M][0], PanelQuestions[M][1]> = { method };
    this.#messenger.onRequest(type, answer);
  }
}
