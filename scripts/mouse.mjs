// The mouse in VS Code's editor.

/**
 * Moves the mouse onto a word of the source.
 * @param {import("playwright-core").Page} page
 * @param {string} line text that only this line of the source has
 * @param {string} word
 */
export async function pointAt(page, line, word) {
  const row = page.locator(".editor-instance .view-line", { hasText: line.replaceAll(" ", "\u00a0") }).first();
  await row.waitFor();
  const at = await row.evaluate(placeOf, word);
  if (at === null) throw new Error(`${word} is not in the line ${line}.`);
  // From its end to its beginning: no other word is passed, and where the mouse came from does not matter.
  await page.mouse.move(at.end, at.y);
  await page.mouse.move(at.start, at.y);
}

/**
 * Where a word stands on the page, within its letters. (It runs in the page and knows nothing from here.)
 * @param {Element} element
 * @param {string} word
 * @returns {{ start: number, end: number, y: number } | null}
 */
function placeOf(element, word) {
  const found = new RegExp(`\\b${word}\\b`).exec(element.textContent ?? "");
  if (!found) return null;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let start = found.index;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (start < length) {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, Math.min(start + word.length, length));
      const { left, right, y, height } = range.getBoundingClientRect();
      return { start: left + 2, end: right - 2, y: y + height / 2 };
    }
    start -= length;
  }
  return null;
}
