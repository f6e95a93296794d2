import type { LitElement, ReactiveController } from "lit";
import { drawings } from "../drawing/pageDrawing.ts";
import { onThemeChange } from "../drawing/palette.ts";
import { fitCanvas, Redraw, type Surface, surfaceOf } from "../drawing/surface.ts";

/** Draws the component's canvas: after each update of the component, another size and another theme, once a frame. */
export class Drawn implements ReactiveController {
  readonly #host: LitElement;
  readonly #redraw: Redraw;
  readonly #draw: () => void;
  #surface: Surface | null = null;
  #stops: (() => void)[] = [];

  constructor(host: LitElement, draw: (surface: Surface) => void) {
    this.#host = host;
    this.#draw = () => {
      if (this.#surface) draw(this.#surface);
    };
    this.#redraw = new Redraw(this.#draw);
    host.addController(this);
  }

  get canvas(): HTMLCanvasElement {
    return this.#host.renderRoot.querySelector("canvas") as HTMLCanvasElement;
  }

  /** `null` while the canvas has no size. */
  get surface(): Surface | null {
    return this.#surface;
  }

  redraw(): void {
    this.#redraw.request();
  }

  hostUpdated(): void {
    if (this.#stops.length === 0) {
      const renew = () => {
        this.#surface = surfaceOf(this.canvas);
        this.redraw();
      };
      drawings.set(this.canvas, { repeat: this.#draw });
      this.#stops = [onThemeChange(renew), fitCanvas(this.canvas, renew)];
    }
    this.redraw();
  }

  hostDisconnected(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#redraw.cancel();
  }
}
