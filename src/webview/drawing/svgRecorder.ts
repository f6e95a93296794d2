/** What is drawn on a canvas, as SVG: its context tells of every call while the drawing is repeated on it. */
import { tileOf } from "./patterns.ts";
import { PATH_CALLS, PathText, RecordedPath, short } from "./svgPath.ts";

/**
 * Repeats a drawing on its own canvas and answers it as SVG elements, in device pixels. `names` makes the ids in it
 * unique. Where the drawing cleared a part it is painted in the background's colour.
 */
export function recorded(
  context: CanvasRenderingContext2D,
  repeat: () => void,
  background: string,
  names: string,
): string {
  const recorder = new Recorder(context, background, names);
  const calls = recorder.calls();
  const { Path2D } = globalThis;
  Object.assign(context, calls);
  globalThis.Path2D = RecordedPath;
  try {
    repeat();
  } finally {
    globalThis.Path2D = Path2D;
    for (const call of Object.keys(calls)) Reflect.deleteProperty(context, call);
  }
  return recorder.svg;
}

type Calls = Record<string, (...args: never[]) => void>;

class Recorder {
  readonly #context: CanvasRenderingContext2D;
  readonly #background: string;
  readonly #names: string;
  readonly #patterns = new Map<CanvasPattern, string>();
  #elements = "";
  #defs = "";
  #made = 0;
  #path = new PathText();
  #clip: string | null = null;
  readonly #saved: (string | null)[] = [];

  constructor(context: CanvasRenderingContext2D, background: string, names: string) {
    this.#context = context;
    this.#background = background;
    this.#names = names;
  }

  get svg(): string {
    return `<defs>${this.#defs}</defs>${this.#elements}`;
  }

  /** The context's methods, which draw as before and are recorded. */
  calls(): Calls {
    const own: Calls = {
      beginPath: () => {
        this.#path = new PathText();
      },
      fill: (path?: Path2D | CanvasFillRule) => this.#draw(this.#textOf(path), this.#fill()),
      stroke: (path?: Path2D) => this.#draw(this.#textOf(path), this.#stroke()),
      fillRect: (...box: Box) => this.#draw(rectangle(box), this.#fill()),
      strokeRect: (...box: Box) => this.#draw(rectangle(box), this.#stroke()),
      clearRect: (...box: Box) => this.#draw(rectangle(box), attributes(paint("fill", this.#background, 1))),
      fillText: (text: string, x: number, y: number) => this.#write(text, x, y, this.#fill()),
      strokeText: (text: string, x: number, y: number) => this.#write(text, x, y, this.#stroke()),
      clip: (path?: Path2D | CanvasFillRule) => {
        const shape = `<path d="${this.#textOf(path)}" ${this.#transform()}/>`;
        this.#clip = this.#define("clipPath", `${this.#clipped()}>${shape}`);
      },
      save: () => {
        this.#saved.push(this.#clip);
      },
      restore: () => {
        this.#clip = this.#saved.pop() ?? null;
      },
    };
    for (const call of PATH_CALLS) {
      own[call] = (...args) => void Reflect.apply(this.#path[call], this.#path, args);
    }
    const prototype = CanvasRenderingContext2D.prototype as unknown as Calls;
    return Object.fromEntries(
      Object.entries(own).map(([call, record]) => {
        return [
          call,
          (...args: never[]) => {
            record(...args);
            Reflect.apply(prototype[call] as () => void, this.#context, args);
          },
        ];
      }),
    );
  }

  #textOf(path: Path2D | CanvasFillRule | undefined): string {
    return (path instanceof RecordedPath ? path.path : this.#path).text;
  }

  #draw(path: string, look: string): void {
    if (path !== "") this.#elements += `<path d="${path}" ${look} ${this.#transform()} ${this.#clipped()}/>`;
  }

  #write(text: string, x: number, y: number, look: string): void {
    const context = this.#context;
    const { textBaseline, textAlign } = context;
    const above = context.measureText("x").fontBoundingBoxAscent;
    context.textBaseline = "alphabetic";
    // SVG's viewers agree on this baseline alone.
    const down = context.measureText("x").fontBoundingBoxAscent - above;
    context.textBaseline = textBaseline;
    const anchor = { center: "middle", right: "end", end: "end", left: "start", start: "start" }[textAlign];
    this.#elements += `<text x="${short(x)}" y="${short(y + down)}" text-anchor="${anchor}" ${fontOf(context.font)} ${look} ${this.#transform()} ${this.#clipped()}>${escaped(text)}</text>`;
  }

  #fill(): string {
    const { fillStyle, globalAlpha } = this.#context;
    if (typeof fillStyle === "string") return attributes(paint("fill", fillStyle, globalAlpha));
    const pattern = fillStyle instanceof CanvasPattern ? this.#pattern(fillStyle) : null;
    return attributes({ fill: pattern === null ? "none" : `url(#${pattern})`, "fill-opacity": short(globalAlpha) });
  }

  #stroke(): string {
    const { strokeStyle, globalAlpha, lineWidth, lineCap, lineJoin } = this.#context;
    const color = typeof strokeStyle === "string" ? strokeStyle : "transparent";
    const dashes = this.#context.getLineDash().map(short).join(" ");
    return attributes({
      fill: "none",
      ...paint("stroke", color, globalAlpha),
      "stroke-width": short(lineWidth),
      ...(lineCap !== "butt" && { "stroke-linecap": lineCap }),
      ...(lineJoin !== "miter" && { "stroke-linejoin": lineJoin }),
      ...(dashes !== "" && { "stroke-dasharray": dashes }),
    });
  }

  #transform(): string {
    const { a, b, c, d, e, f, isIdentity } = this.#context.getTransform();
    return isIdentity ? "" : `transform="matrix(${[a, b, c, d, e, f].map(short).join(" ")})"`;
  }

  #clipped(): string {
    return this.#clip === null ? "" : `clip-path="url(#${this.#clip})"`;
  }

  #pattern(pattern: CanvasPattern): string | null {
    const known = this.#patterns.get(pattern);
    const tile = tileOf(pattern);
    if (known !== undefined || !tile) return known ?? null;
    const { size, color, lineWidth, lines } = tile;
    const path = lines.map(([x0, y0, x1, y1]) => `M${x0} ${y0}L${x1} ${y1}`).join("");
    const look = attributes({ ...paint("stroke", color, 1), "stroke-width": short(lineWidth) });
    const room = `width="${size}" height="${size}" patternUnits="userSpaceOnUse"`;
    const id = this.#define("pattern", `${room}><path d="${path}" ${look}/>`);
    this.#patterns.set(pattern, id);
    return id;
  }

  #define(element: string, rest: string): string {
    this.#made++;
    const id = `${this.#names}${this.#made}`;
    this.#defs += `<${element} id="${id}" ${rest}</${element}>`;
    return id;
  }
}

type Box = [x: number, y: number, width: number, height: number];

function rectangle(box: Box): string {
  const path = new PathText();
  path.rect(...box);
  return path.text;
}

/** A CSS colour as SVG's viewers know it: six digits, and its opacity apart. */
export function paint(what: "fill" | "stroke", color: string, alpha: number): Record<string, string> {
  const [digits, opacity] = plainColor(color);
  const strength = opacity * alpha;
  return { [what]: digits, ...(strength < 1 && { [`${what}-opacity`]: short(strength) }) };
}

export function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(" ");
}

/** A canvas font (`italic 11px "Segoe UI", sans-serif`) as attributes. */
export function fontOf(font: string): string {
  const [, before = "", size = "10", family = "sans-serif"] = /^(.*?)([\d.]+)px (.*)$/.exec(font) ?? [];
  const weight = /\b(bold|[1-9]00)\b/.exec(before)?.[1];
  return attributes({ "font-family": family, "font-size": size, ...(weight && { "font-weight": weight }) });
}

/** Text for XML, which has no way to say control characters and halves of surrogate pairs. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const plainColors = new Map<string, [digits: string, opacity: number]>();
const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

function plainColor(color: string): [digits: string, opacity: number] {
  const known = plainColors.get(color);
  if (known) return known;
  if (!pen) return ["#808080", 1];
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = pen.getImageData(0, 0, 1, 1).data;
  const digits = [red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("");
  const plain: [string, number] = [`#${digits}`, alpha / 255];
  plainColors.set(color, plain);
  return plain;
}
