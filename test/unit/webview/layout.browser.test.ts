import { expect, test } from "vitest";
import { type PanelPage, type Theme, variablesOf } from "./panelPage.ts";
import { demo, eventually, openPanel, pictureOf, rowsOf } from "./panelTools.ts";

test("the panel follows the theme while it is open", async () => {
  const panel = await openPanel(await demo(), { theme: "dark" });
  await rowsOf(panel).first().waitFor();
  const dark = await pictureOf(panel).screenshot();
  await panel.page.evaluate((variables) => {
    document.documentElement.setAttribute("data-test", "light");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:root { ${variables} }`);
    document.adoptedStyleSheets = [sheet];
    document.body.className = "vscode-light";
  }, variablesOf("light"));
  await eventually(
    () => pictureOf(panel).screenshot(),
    (light) => expect(light.equals(dark)).toBe(false),
  );
  const light = await openPanel(null, { theme: "light" });
  const background = (page: PanelPage) =>
    page.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  expect(await background(panel)).toBe(await background(light));
});

test("forced colours leave the kinds theirs", async () => {
  const panel = await openPanel(await demo(), { theme: "contrast" });
  await rowsOf(panel).first().waitFor();
  const colours = () =>
    pictureOf(panel).evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const data = (element as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 2]) coloured++;
      return coloured / (width * height);
    });
  await eventually(colours, (share) => expect(share).toBeGreaterThan(0.3));
  await panel.page.emulateMedia({ forcedColors: "active" });
  await panel.page.waitForTimeout(200);
  await eventually(colours, (share) => expect(share).toBeGreaterThan(0.3));
});

for (const theme of ["dark", "light", "contrast", "contrastLight"] satisfies Theme[]) {
  for (const width of [300, 1400, 3840]) {
    test(`nothing is cut off in ${theme} at ${width} pixels`, async () => {
      const panel = await openPanel(await demo(), { theme, width });
      await rowsOf(panel).first().waitFor();
      const overflow = await panel.page.evaluate(() => {
        const main = document.querySelector("main");
        return main ? main.scrollWidth - main.clientWidth : null;
      });
      expect(overflow).toBe(0);
      expect(panel.complaints).toEqual([]);
    });
  }
}
