/** The picture's pixels compared with the regions of `/proc/PID/maps`, laid out here anew. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS, type Kind } from "../../../src/memory/kind.ts";
import { compile } from "../fixtures.ts";
import { start } from "../linux/programs.ts";
import { openPanel, pictureOf, rowsOf, standing } from "./panelTools.ts";

/** What stands at a pixel: the index of a region, or `null` for a gap. */
type Place = number | null;

/** From left to right: where each region and gap lies on a line of that many pixels. */
function layOut(pid: number, pixels: number): { place: Place; left: number; right: number }[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  const pieces: { place: Place; length: number }[] = [];
  let before = 0n;
  for (const [index, line] of lines.entries()) {
    const [from = 0n, to = 0n] = (line.split(" ")[0] ?? "").split("-").map((digits) => BigInt(`0x${digits}`));
    if (index > 0 && from !== before) pieces.push({ place: null, length: 1 });
    pieces.push({ place: index, length: 1 + Math.log2(Number(to - from) / 4096) });
    before = to;
  }
  const scale = pixels / pieces.reduce((sum, { length }) => sum + length, 0);
  let position = 0;
  return pieces.map(({ place, length }) => {
    const left = Math.round(position * scale);
    position += length;
    return { place, left, right: Math.round(position * scale) };
  });
}

for (const seed of [1, 2, 3, 4]) {
  test(`every pixel of the picture has the colour of what is at its address (random regions ${seed})`, async () => {
    const { pid } = await start(compile("random.c", "vmas"), [String(seed)]);
    const target = await standing(pid);
    const { space } = target.revision;
    const panel = await openPanel(target, { width: 3840 });
    await rowsOf(panel).first().waitFor();
    await panel.page.waitForTimeout(300);
    const { width, colors, columns } = await pictureOf(panel).evaluate((canvas, kinds) => {
      const probe = document.createElement("span");
      document.body.append(probe);
      const colorOf = (kind: string) => {
        probe.style.color = `var(--kind-${kind})`;
        return (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
      };
      const { width, height } = canvas as HTMLCanvasElement;
      const context = (canvas as HTMLCanvasElement).getContext("2d");
      // The lane's lowest lines: below all names.
      const data = context?.getImageData(0, height - 24, width, 4).data ?? [];
      const columns = Array.from({ length: width }, (_, x) =>
        [0, 1, 2, 3].map((y) => [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)]),
      );
      return { width, colors: kinds.map(colorOf), columns };
    }, KINDS);
    const isColor = (pixel: number[], kind: Kind) => {
      const color = colors[KINDS.indexOf(kind)] ?? [];
      return (pixel[3] ?? 0) > 0 && color.every((part, index) => Math.abs(part - (pixel[index] ?? 0)) <= 12);
    };
    for (const { place, left, right } of layOut(pid, width)) {
      expect(right).toBeGreaterThan(left);
      const rim = place !== null && right - left > 3 ? 1 : 0;
      for (let x = left; x < right - rim; x++) {
        const column = columns[x] ?? [];
        const what = `pixel ${x} of ${left} to ${right}, region ${place}: ${JSON.stringify(column)}`;
        // Hatching crosses some pixels of a column.
        if (place === null)
          expect(
            column.every(([, , , alpha]) => alpha === 0),
            what,
          ).toBe(true);
        else
          expect(
            column.some((pixel) => isColor(pixel, space.kind(place))),
            what,
          ).toBe(true);
      }
    }
  });
}
