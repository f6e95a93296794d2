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
  const at = await row.evaluate(middleOf, word);
  if (at === null) throw new Error(`${word} is not in the line ${line}.`);
  // From the line's number, and twice, so that it is seen to move and no other word is passed.
  await page.mouse.move(at.margin, at.y);
  await page.mouse.move(at.x - 2, at.y);
  await page.mouse.move(at.x, at.y);
}

/**
 * Where the first letter of a word stands on the page, and the margin before its line. (It runs in the page and knows
 * nothing from here.)
 * @param {Element} element
 * @param {string} word
 * @returns {{ x: number, y: number, margin: number } | null}
 */
function middleOf(element, word) {
  const found = new RegExp(`\\b${word}\\b`).exec(element.textContent ?? "");
  if (!found) return null;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let start = found.index;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (start < length) {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + 1);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2, margin: element.getBoundingClientRect().x - 10 };
    }
    start -= length;
  }
  return null;
}
