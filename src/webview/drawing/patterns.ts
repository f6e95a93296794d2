/** What permissions look like without colour: executable memory is hatched, memory without access crossed. */
export type PatternName = "executable" | "noAccess";

/** The pattern for memory with these permissions (`r-xp`), if it has one. */
export function patternOf(permissions: string | null | undefined): PatternName | null {
  if (!permissions) return null;
  if (permissions[2] === "x") return "executable";
  return permissions.startsWith("---") ? "noAccess" : null;
}

/** The fills for one canvas, each made when first needed. */
export class Patterns {
  readonly #context: CanvasRenderingContext2D;
  readonly #color: string;
  readonly #ratio: number;
  readonly #made = new Map<PatternName, CanvasPattern | null>();

  /** `ratio`: device pixels in a CSS pixel. */
  constructor(context: CanvasRenderingContext2D, color: string, ratio: number) {
    this.#context = context;
    this.#color = color;
    this.#ratio = ratio;
  }

  of(name: PatternName): CanvasPattern | null {
    const made = this.#made.get(name) ?? fill(this.#context, name, this.#color, this.#ratio);
    this.#made.set(name, made);
    return made;
  }
}

/** What a pattern's tile is made of, in device pixels, to draw it elsewhere. */
export interface Tile {
  readonly size: number;
  readonly color: string;
  readonly lineWidth: number;
  readonly lines: readonly (readonly [x0: number, y0: number, x1: number, y1: number])[];
}

export function tileOf(pattern: CanvasPattern): Tile | undefined {
  return tiles.get(pattern);
}

const tiles = new WeakMap<CanvasPattern, Tile>();

function fill(
  context: CanvasRenderingContext2D,
  name: PatternName,
  color: string,
  ratio: number,
): CanvasPattern | null {
  const size = Math.round(TILE * ratio);
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext("2d");
  if (!pen) return null;
  pen.strokeStyle = color;
  pen.lineWidth = ratio;
  // Drawn beyond its edges, so that the tiles join.
  const lines = [-size, 0, size].map((shift) => [shift, size, shift + size, 0] as const);
  const crossing = lines.map(([x0, y0, x1, y1]) => [x0, y1, x1, y0] as const);
  const drawn = name === "noAccess" ? [...lines, ...crossing] : lines;
  for (const [x0, y0, x1, y1] of drawn) {
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, "repeat");
  if (pattern) tiles.set(pattern, { size, color, lineWidth: ratio, lines: drawn });
  return pattern;
}

/** CSS pixels. */
const TILE = 6;
