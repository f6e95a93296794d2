// The pictures of the README: VS Code with the demo, as a user sees it.
import { openPage } from "./browser.mjs";

const PATIENCE = 90_000;

/**
 * Opens the page, waits until the tree and the panel are filled, and saves what is seen.
 * @param {string} url
 * @param {string} file a PNG
 */
export async function takePicture(url, file) {
  const page = await openPage(url);
  try {
    page.setDefaultTimeout(PATIENCE);
    const tree = page.locator(".pane", { has: page.getByRole("button", { name: /^Process Memory/ }) });
    await tree.getByRole("treeitem").nth(3).waitFor();
    const panel = page.frameLocator("iframe.webview.ready").frameLocator("iframe");
    await panel.locator("canvas").first().waitFor();
    await page.waitForTimeout(3000);
    await page.screenshot({ path: file });
  } finally {
    await page.context().browser()?.close();
  }
}
