import { expect, test } from "vitest";
import { debugInfoSentence } from "../../../src/memory/debugInfo.ts";

const MODULE = "/usr/bin/demo";

test("of a module with its own debug information nothing need be said", () => {
  expect(debugInfoSentence({ path: MODULE, refused: [] }, MODULE)).toBeNull();
});

test("another file that has it is named", () => {
  const origin = { path: "/usr/lib/debug/demo.debug", refused: [{ path: "/x", reason: "It is of another build." }] };
  expect(debugInfoSentence(origin, MODULE)).toBe("Debug information from /usr/lib/debug/demo.debug");
});

test("where there is none it is said why, and what to do", () => {
  expect(debugInfoSentence({ path: null, refused: [] }, MODULE)).toContain("Compile it with -g");
  const refused = [{ path: "/usr/lib/debug/demo.debug", reason: "Its build-id is another." }];
  const sentence = debugInfoSentence({ path: null, refused }, MODULE);
  expect(sentence).toBe("No source lines: /usr/lib/debug/demo.debug does not belong to it. Its build-id is another.");
});
