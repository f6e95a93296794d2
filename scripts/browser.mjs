// The browser in which VS Code is looked at without a screen: the machine's Chromium, driven by playwright-core.
import { join } from "node:path";
import { BIN, CACHE, findProgram } from "./places.mjs";
import { run, step } from "./progress.mjs";
import { CHROMIUM } from "./setup.mjs";

const OWN_BROWSERS = join(CACHE, "playwright");

/** Fetches a Chromium where neither the machine nor its distribution has one. */
export async function installBrowser() {
  if (findProgram(CHROMIUM.names) !== null) return;
  const dependencies = process.getuid?.() === 0 ? ["--with-deps"] : [];
  const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: OWN_BROWSERS };
  await step("Fetching Chromium", () =>
    run(join(BIN, "playwright-core"), ["install", ...dependencies, "chromium"], { env }),
  );
}

/**
 * Starts a browser; closing it is the caller's.
 * @param {string[]} args more of Chromium's options
 * @returns {Promise<import("playwright-core").Browser>}
 */
export async function launchBrowser(...args) {
  process.env.PLAYWRIGHT_BROWSERS_PATH = OWN_BROWSERS;
  const { chromium } = await import("playwright-core");
  const executablePath = findProgram(CHROMIUM.names);
  return chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
      ...args,
    ],
  });
}

/**
 * Opens a page of a browser of its own.
 * @param {string} url
 * @returns {Promise<import("playwright-core").Page>} closing its browser is the caller's
 */
export async function openPage(url) {
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await page.goto(url);
  return page;
}
