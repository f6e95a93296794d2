import { expect, test } from "vitest";
import { withoutLinks } from "../../../src/extension/message.ts";

test("a name from the target makes no link in a notification", () => {
  // VS Code's base/common/linkedText.ts.
  const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
  const hostile = "SIGSEGV: Write to read-only .rodata of demo: [here](command:workbench.action.quit)";
  expect(hostile).toMatch(link);
  expect(withoutLinks(hostile)).not.toMatch(link);
  expect(withoutLinks("Stack overflow in thread 3 (recursion of f)")).toBe(
    "Stack overflow in thread 3 (recursion of f)",
  );
});
