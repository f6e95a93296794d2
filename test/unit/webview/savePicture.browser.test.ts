import { expect, test } from "vitest";
import { start } from "../linux/programs.ts";
import type { PanelPage, Theme } from "./panelPage.ts";
import { demo, openPanel, pictureOf, rowsOf, standing } from "./panelTools.ts";

async function opened(...args: Parameters<typeof openPanel>): Promise<PanelPage> {
  const panel = await openPanel(...args);
  await rowsOf(panel).first().waitFor();
  await panel.page.waitForTimeout(500);
  return panel;
}

/** The texts and elements of an SVG, read as a viewer reads it, on a page of its own. Fails where it is not well-formed. */
async function contentOf({ page }: PanelPage, svg: string): Promise<{ texts: string[]; elements: string[] }> {
  const viewer = await page.context().newPage();
  const content = await viewer.evaluate((svg) => {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    const error = parsed.querySelector("parsererror")?.textContent;
    if (error) throw new Error(error);
    return {
      texts: [...parsed.querySelectorAll("text")].map(({ textContent }) => textContent ?? ""),
      elements: [...new Set([...parsed.querySelectorAll("*")].map(({ localName }) => localName))].sort(),
    };
  }, svg);
  await viewer.close();
  return content;
}

for (const theme of ["dark", "light", "contrast"] satisfies Theme[]) {
  test(`the saved picture is what stands on the page in ${theme}`, async () => {
    const panel = await opened(await demo(), { theme, width: 900 });
    const { png } = await panel.drawing();
    const different = await pictureOf(panel).evaluate(async (element, png) => {
      const canvas = element as HTMLCanvasElement;
      const part = document.querySelector("memory-map")?.getBoundingClientRect();
      const at = canvas.getBoundingClientRect();
      if (!part) return 1;
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const pen = copy.getContext("2d", { willReadFrequently: true });
      if (!pen) return 1;
      // It has two pixels for one of the page, a margin, and the title above.
      const [left, top] = [16 + at.left - part.left, 56 + at.top - part.top];
      const { width, height } = canvas;
      pen.drawImage(image, left * 2, top * 2, width * 2, height * 2, 0, 0, width, height);
      const drawn = pen.getImageData(0, 0, width, height).data;
      pen.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      pen.fillRect(0, 0, width, height);
      pen.drawImage(canvas, 0, 0);
      const seen = pen.getImageData(0, 0, width, height).data;
      let different = 0;
      for (let at = 0; at < seen.length; at += 4) {
        const apart = [0, 1, 2].map((part) => Math.abs((seen[at + part] ?? 0) - (drawn[at + part] ?? 0)));
        if (Math.max(...apart) > 60) different++;
      }
      return different / (width * height);
    }, png);
    // The edges of the letters.
    expect(different).toBeLessThan(0.04);
    expect(panel.complaints).toEqual([]);
  });
}

test("the SVG has title, legend, names and lines as such, and nothing that could be run", async () => {
  const target = await demo();
  const panel = await opened(target);
  const { svg } = await panel.drawing();
  const { texts, elements } = await contentOf(panel, svg);
  expect(texts[0]).toBe(`${target.info.command} (${target.info.pid})`);
  expect(texts).toEqual(expect.arrayContaining(["heap", "anonymous", "executable", "[heap]", "libc.so.6 code"]));
  expect(texts.some((text) => /^0x[0-9a-f]+$/.test(text))).toBe(true);
  const known = ["clipPath", "defs", "g", "path", "pattern", "rect", "svg", "text", "title"];
  expect(elements.filter((element) => !known.includes(element))).toEqual([]);
  expect(svg).not.toMatch(/href|\son\w+=|url\((?!#)/);
});

test("where the treemap is shown, the picture is of the treemap", async () => {
  const panel = await opened(await demo(), { width: 900 });
  await panel.page.getByRole("radio", { name: "Treemap" }).click();
  await panel.page.locator("size-treemap canvas").waitFor();
  await panel.page.waitForTimeout(500);
  const { svg } = await panel.drawing();
  const { texts } = await contentOf(panel, svg);
  expect(texts.filter((text) => /^0x/.test(text))).toEqual([]);
  expect(texts).toEqual(expect.arrayContaining(["libc.so.6 code", "[heap]"]));
  expect(panel.complaints).toEqual([]);
});

test("names that are markup or no text at all leave the SVG well-formed", async () => {
  const script = `import mmap, os, time
file = os.fdopen(os.memfd_create("</text><script>alert(1)<\\x01&'"), "w+b")
file.truncate(1 << 26)
memory = mmap.mmap(file.fileno(), 1 << 26)
print("ready", flush=True)
time.sleep(600)`;
  const { pid } = await start("python3", ["-c", script]);
  const panel = await opened(await standing(pid), { width: 3000 });
  await panel.page.getByRole("searchbox").last().fill("alert(1)");
  await rowsOf(panel).filter({ hasText: "alert(1)" }).click();
  await panel.page.waitForTimeout(500);
  const { svg } = await panel.drawing();
  const { texts, elements } = await contentOf(panel, svg);
  expect(texts).toContainEqual(expect.stringContaining("text><scri"));
  expect(elements).not.toContain("script");
});
