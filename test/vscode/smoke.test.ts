import { afterAll, beforeAll, expect, test } from "vitest";
import { openWindow, type Window } from "./window.ts";

let window: Window;
beforeAll(async () => {
  window = await openWindow();
});
afterAll(() => window.close());

test("the extension host answers", async () => {
  expect(await window.host.call((vscode, a: number) => vscode.version + a, 1)).toMatch(/^1\./);
  console.log(
    await window.host.call((vscode) =>
      vscode.extensions.all.map((e) => e.id).filter((id) => !id.startsWith("vscode.")),
    ),
  );
  await window.page.screenshot({ path: "/tmp/hs/shot.png" });
});
test("a debugger stops", async () => {
  await window.host.call(async (vscode) => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (!folder) throw new Error("no folder");
    const source = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, "demo.c"));
    const line = source.positionAt(source.getText().indexOf("/* BREAKPOINT")).line;
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(source.uri, new vscode.Position(line, 0))),
    ]);
    await vscode.debug.startDebugging(folder, "Demo (gdb)");
  });
  await window.page.locator(".debug-top-stack-frame-column, .debug-top-stack-frame-line").first().waitFor();
  await window.page.screenshot({ path: "/tmp/hs/shot2.png" });
});
