import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS, type Kind } from "../../../src/memory/kind.ts";
import themes from "./themes.json" with { type: "json" };

type Color = readonly [red: number, green: number, blue: number];

/**
 * How people see who lack a sort of cones, in linear light: Machado, Oliveira and Fernandes, "A Physiologically-based
 * Model for Simulation of Color Vision Deficiency" (2009), at full severity.
 */
const EYES: Readonly<Record<string, readonly Color[]>> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** What takes most of an address space; each in its family. */
const COMMON: readonly (readonly Kind[])[] = [
  ["code", "rodata"],
  ["data", "bss"],
  ["heap"],
  ["stack", "threadStack"],
  ["anonymous"],
  ["sharedAnonymous"],
  ["file"],
  ["jit"],
];

/** The palettes as panel.css defines them: the first for dark themes, what follows replaces it in light ones. */
function palette(theme: "dark" | "light"): ReadonlyMap<Kind, Color> {
  const css = readFileSync("src/webview/panel.css", "utf8");
  const [dark = "", light = ""] = css.split(".vscode-light,\n");
  const defined = (text: string) => [...text.matchAll(/--kind-(\w+): (#[0-9a-f]{6});/g)];
  const found = [...defined(dark), ...(theme === "light" ? defined(light) : [])];
  return new Map(found.map(([, kind, digits]) => [kind as Kind, linear(digits ?? "")]));
}

function linear(digits: string): Color {
  const part = (at: number) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

function times(rows: readonly Color[], [x, y, z]: Color): Color {
  const [first = 0, second = 0, third = 0] = rows.map(([a, b, c]) => a * x + b * y + c * z);
  return [first, second, third];
}

/** OKLab (Ottosson, 2020), in which equal distances look equally different; 0.02 is just seen. */
function oklab(color: Color): Color {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color,
  );
  const [long, middle, short] = cones.map((cone) => Math.cbrt(Math.max(0, cone)));
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [long ?? 0, middle ?? 0, short ?? 0],
  );
}

/** How far two colours are apart for an eye. */
function apart(one: Color, other: Color, eye: readonly Color[]): number {
  const clamped = (color: Color) => times(eye, color).map((part) => Math.min(1, Math.max(0, part))) as unknown as Color;
  const [seen, beside] = [oklab(clamped(one)), oklab(clamped(other))];
  return Math.hypot(seen[0] - beside[0], seen[1] - beside[1], seen[2] - beside[2]);
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, at) => list.slice(at + 1).map((other): [T, T] => [one, other]));
}

for (const theme of ["dark", "light"] as const) {
  const colors = palette(theme);
  const of = (kind: Kind) => colors.get(kind) ?? [0, 0, 0];

  test(`every kind has a colour of its own in ${theme} themes`, () => {
    expect([...colors.keys()].sort()).toEqual([...KINDS].sort());
  });

  for (const [name, eye] of Object.entries(EYES)) {
    test(`the kinds stay apart for ${name} in ${theme} themes`, () => {
      const near = (limit: number, among: [Kind, Kind][]) =>
        among.filter(([one, other]) => apart(of(one), of(other), eye) < limit).map((pair) => pair.join(" and "));
      expect(near(0.035, pairs(KINDS))).toEqual([]);
      const families = pairs(COMMON).flatMap(([one, other]) =>
        one.flatMap((kind) => other.map((beside): [Kind, Kind] => [kind, beside])),
      );
      expect(near(0.07, families)).toEqual([]);
    });
  }
}

test("every kind stands out from the editor's background", () => {
  const light = ([red, green, blue]: Color) => 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  for (const [name, { body, variables }] of Object.entries(themes)) {
    const colors = palette(/light/.test(body) ? "light" : "dark");
    const background = light(linear(variables["--vscode-editor-background"]));
    for (const [kind, color] of colors) {
      const contrast = Math.max(light(color), background) / Math.min(light(color), background);
      expect(contrast, `${kind} in ${name}`).toBeGreaterThan(2.9);
    }
  }
});
