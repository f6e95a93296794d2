import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Observed } from "../data/observed.ts";

/** Renders the component again whenever what it shows changes, while it is on the page. */
export class Watch implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #shown: () => Observed;
  #stop: (() => void) | null = null;

  constructor(host: ReactiveControllerHost, shown: () => Observed) {
    this.#host = host;
    this.#shown = shown;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = this.#shown().listen(() => this.#host.requestUpdate());
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
