/** A canvas of as many pixels as the screen has where it stands. */
import { type Palette, readPalette } from "./palette.ts";
import { Patterns } from "./patterns.ts";

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly patterns: Patterns;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels in a CSS pixel. */
  readonly ratio: number;
}

/** The canvas with the theme that holds now; `null` while it has no size. */
export function surfaceOf(canvas: HTMLCanvasElement): Surface | null {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  if (!context || width === 0 || height === 0 || canvas.clientWidth === 0) return null;
  const ratio = width / canvas.clientWidth;
  const palette = readPalette(canvas.parentElement ?? document.body);
  return { context, palette, patterns: new Patterns(context, palette.foreground, ratio), width, height, ratio };
}

/**
 * Gives the canvas as many pixels as it takes on the screen, now and whenever that changes (the element, the window's
 * zoom, another screen), and calls the listener after it. The answer ends that.
 */
export function fitCanvas(canvas: HTMLCanvasElement, resized: () => void): () => void {
  const observer = new ResizeObserver(([entry]) => {
    const size = entry?.devicePixelContentBoxSize[0];
    if (!size) return;
    canvas.width = size.inlineSize;
    canvas.height = size.blockSize;
    resized();
  });
  observer.observe(canvas, { box: "device-pixel-content-box" });
  return () => observer.disconnect();
}

/** Draws once before the next frame, however often it is asked to. */
export class Redraw {
  readonly #draw: () => void;
  #frame: number | null = null;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  request(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  cancel(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
  }
}
