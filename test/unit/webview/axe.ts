import { readFileSync } from "node:fs";
import type { Frame, Page } from "playwright-core";

/** What axe objects to on a page or in a frame of one, a line for each element. */
export async function violations(page: Page | Frame): Promise<string[]> {
  // The page's content policy refuses a script element: this goes in beside it.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: unknown): Promise<{ violations: Violation[] }> } };
    return (await axe.run({ resultTypes: ["violations"] })).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
