/** Paths as SVG writes them, made with the calls that a canvas knows. */

/** The text of a path that is being made. */
export class PathText {
  #text = "";

  get text(): string {
    return this.#text;
  }

  add(more: string): void {
    this.#text += more;
  }

  moveTo(x: number, y: number): void {
    this.#text += `M${short(x)} ${short(y)}`;
  }

  lineTo(x: number, y: number): void {
    // A canvas begins where it has not begun yet.
    this.#text += `${this.#text === "" ? "M" : "L"}${short(x)} ${short(y)}`;
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#text += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`;
  }

  /** Angles are radians. SVG has no whole circles: they are two halves. */
  arc(x: number, y: number, radius: number, from: number, to: number, counterclockwise = false): void {
    const at = (angle: number) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
    const turn = Math.min(Math.abs(to - from), 2 * Math.PI) * (counterclockwise ? -1 : 1);
    this.lineTo(...at(from));
    for (const share of [0.5, 1]) {
      const [endX, endY] = at(from + turn * share);
      this.#text += `A${short(radius)} ${short(radius)} 0 0 ${counterclockwise ? 0 : 1} ${short(endX)} ${short(endY)}`;
    }
  }

  closePath(): void {
    this.#text += "z";
  }
}

/** The calls that make a path, on a canvas as on a Path2D: those that the panel's drawings use. */
export const PATH_CALLS = ["moveTo", "lineTo", "rect", "arc", "closePath"] as const;

/** A path that a canvas can draw, and that knows its text. */
export class RecordedPath extends Path2D {
  readonly path = new PathText();

  constructor(path?: Path2D | string) {
    super(path);
    if (path instanceof RecordedPath) this.path.add(path.path.text);
  }
}

for (const call of PATH_CALLS) {
  const draw = Path2D.prototype[call];
  Object.defineProperty(RecordedPath.prototype, call, {
    value(this: RecordedPath, ...args: unknown[]) {
      Reflect.apply(draw, this, args);
      Reflect.apply(this.path[call], this.path, args);
    },
  });
}

/** With no more digits than can be seen. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
