import { expect, test } from "vitest";
import type { CrashNotice } from "../../../src/protocol/panel.ts";
import { demo, eventually, openPanel, rowsOf, textOf } from "./panelTools.ts";

const CRASH: CrashNotice = {
  signal: "SIGSEGV",
  title: "Null dereference: read of 16 bytes past null",
  sentence: "first() reads at 0x10, 16 bytes past null: a member at offset 16 of a structure whose pointer is null.",
  address: "0x10",
};

test("a crash stands above the map until the target goes on", async () => {
  const panel = await openPanel(await demo());
  const notice = panel.page.locator("crash-notice");
  await rowsOf(panel).first().waitFor();
  expect(await textOf(notice)).toBe("");
  panel.crash = CRASH;
  panel.tell("state", panel.state);
  await panel.page.getByRole("status").filter({ hasText: "Null dereference" }).waitFor();
  expect(await textOf(notice)).toContain(CRASH.sentence);
  panel.crash = null;
  panel.tell("state", panel.state);
  await notice.locator(".crash").waitFor({ state: "detached" });
  expect(panel.complaints).toEqual([]);
});

test("its address is chosen by a click, its report opened by the keyboard", async () => {
  const panel = await openPanel(await demo());
  panel.crash = CRASH;
  panel.tell("state", panel.state);
  await panel.page.getByRole("button", { name: "Fault address 0x10" }).click();
  await eventually(
    () => panel.told.select,
    (told) => expect(told.at(-1)).toMatchObject({ address: "0x10" }),
  );
  await panel.page.locator("selection-details").getByText("0x10").first().waitFor();
  await panel.page.keyboard.press("Tab");
  await panel.page.keyboard.press("Enter");
  await eventually(
    () => panel.told.showCrash,
    (told) => expect(told).toEqual([null]),
  );
});

test("without an address there is none to go to, and names from the target are text", async () => {
  const panel = await openPanel(await demo(), { width: 300, theme: "light" });
  panel.crash = { ...CRASH, signal: "SIGABRT", title: "<b>abort</b>", address: null };
  panel.tell("state", panel.state);
  const notice = panel.page.locator("crash-notice");
  await notice.getByText("SIGABRT: <b>abort</b>.").waitFor();
  expect(await notice.getByRole("button").allTextContents()).toEqual(["Show Report"]);
  const { width } = (await notice.boundingBox()) ?? { width: 0 };
  expect(width).toBeLessThanOrEqual(300);
});
