/** The moment that is shown, and the marks above the time line: a sign each, and for what concerns the whole process a line down through it. */
import type uPlot from "uplot";
import type { MarkName } from "../../protocol/server.ts";
import type { Marked } from "../data/history.ts";
import type { Palette } from "./palette.ts";

/** Signs that would cover another are left out, those of threads first. */
export function drawMarks(chart: uPlot, palette: Palette, marked: readonly Marked[]): void {
  const { ctx: context, bbox } = chart;
  const ratio = devicePixelRatio;
  const taken: number[] = [];
  context.save();
  context.strokeStyle = palette.foreground;
  context.fillStyle = palette.foreground;
  for (const ofThreads of [false, true]) {
    for (const { time, marks } of marked) {
      const x = Math.round(chart.valToPos(time, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const isOfThreads = marks.map(([mark]) => OF_THREADS.includes(mark));
      if (!ofThreads && isOfThreads.includes(false)) drawLine(context, x, bbox, ratio);
      for (const [at, [mark]] of marks.entries()) {
        if (isOfThreads[at] !== ofThreads) continue;
        const left = x + at * WIDTH * ratio;
        if (taken.some((other) => Math.abs(other - left) < WIDTH * ratio)) continue;
        taken.push(left);
        drawSign(context, mark, left, bbox.top - 5 * ratio, ratio);
      }
    }
  }
  context.restore();
}

/** The moment that is shown, in seconds since the epoch: a line, and a triangle on it. */
export function drawMoment(chart: uPlot, palette: Palette, moment: number | null): void {
  const { ctx: context, bbox } = chart;
  const x = moment === null ? -1 : Math.round(chart.valToPos(moment, "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const size = 5 * devicePixelRatio;
  context.save();
  context.fillStyle = palette.focus;
  context.fillRect(x - devicePixelRatio, bbox.top, 2 * devicePixelRatio, bbox.height);
  context.beginPath();
  context.moveTo(x - size, bbox.top - size);
  context.lineTo(x + size, bbox.top - size);
  context.lineTo(x, bbox.top + size);
  context.fill();
  context.restore();
}

const OF_THREADS: readonly MarkName[] = ["threadStart", "threadExit"];
/** CSS pixels of a sign and the room beside it. */
const WIDTH = 8;

function drawLine(context: CanvasRenderingContext2D, x: number, bbox: uPlot.BBox, ratio: number): void {
  context.globalAlpha = 0.45;
  context.lineWidth = ratio;
  context.setLineDash([2 * ratio, 3 * ratio]);
  context.beginPath();
  context.moveTo(x, bbox.top);
  context.lineTo(x, bbox.top + bbox.height);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Pause bars, a triangle, a diamond, a cross, a fork, a plus and a minus. */
function drawSign(context: CanvasRenderingContext2D, mark: MarkName, x: number, y: number, ratio: number): void {
  const { filled, lines } = SIGNS[mark];
  const path = new Path2D();
  for (const corners of [...filled, ...lines]) {
    for (const [at, [right, down]] of corners.entries()) {
      const place = [x + right * HALF * ratio, y + down * HALF * ratio] as const;
      if (at === 0) path.moveTo(...place);
      else path.lineTo(...place);
    }
  }
  context.lineWidth = 1.5 * ratio;
  if (lines.length > 0) context.stroke(path);
  else context.fill(path);
}

/** CSS pixels. */
const HALF = 3;

type Corners = readonly (readonly [right: number, down: number])[];

/** Within a square from -1 to 1. */
const SIGNS: Readonly<Record<MarkName, { filled: readonly Corners[]; lines: readonly Corners[] }>> = {
  stop: { filled: [bar(-1), bar(0.3)], lines: [] },
  continue: {
    filled: [
      [
        [-1, -1],
        [1, 0],
        [-1, 1],
      ],
    ],
    lines: [],
  },
  exec: {
    filled: [
      [
        [0, -1],
        [1, 0],
        [0, 1],
        [-1, 0],
      ],
    ],
    lines: [],
  },
  exit: {
    filled: [],
    lines: [
      [
        [-1, -1],
        [1, 1],
      ],
      [
        [-1, 1],
        [1, -1],
      ],
    ],
  },
  fork: {
    filled: [],
    lines: [
      [
        [0, 1],
        [0, 0],
        [-1, -1],
      ],
      [
        [0, 0],
        [1, -1],
      ],
    ],
  },
  threadStart: {
    filled: [],
    lines: [
      [
        [-1, 0],
        [1, 0],
      ],
      [
        [0, -1],
        [0, 1],
      ],
    ],
  },
  threadExit: {
    filled: [],
    lines: [
      [
        [-1, 0],
        [1, 0],
      ],
    ],
  },
};

function bar(left: number): Corners {
  return [
    [left, -1],
    [left + 0.7, -1],
    [left + 0.7, 1],
    [left, 1],
  ];
}
