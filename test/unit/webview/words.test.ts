import { expect, test } from "vitest";
import { ageText, markText } from "../../../src/webview/components/words.ts";

test("ages are told in seconds, then in minutes", () => {
  expect([0, 999, 1000, 12_400, 119_000, 120_000, 600_000].map(ageText)).toEqual([
    "just read",
    "just read",
    "1 s old",
    "12 s old",
    "119 s old",
    "2 min old",
    "10 min old",
  ]);
});

test("marks are told with how often", () => {
  expect(markText(["stop", 1])).toBe("stopped");
  expect(markText(["continue", 1200])).toBe("continued 1,200 times");
  expect(markText(["fork", 1])).toBe("1 new child");
  expect(markText(["fork", 2])).toBe("2 new children");
  expect(markText(["threadStart", 3])).toBe("3 threads started");
  expect(markText(["threadExit", 1])).toBe("1 thread ended");
});
