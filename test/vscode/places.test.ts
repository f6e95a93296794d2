/** Wherever an address stands while debugging: what it is, in Variables and Watch, the palette, terminals and logs. */
import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { compile } from "../unit/fixtures.ts";
import {
  debugCommand,
  debugProgram,
  setBreakpoint,
  standsAt,
  startDebugging,
  untilOver,
  untilStopped,
} from "./debugging.ts";
import { Window } from "./window.ts";
import {
  AddressPick,
  altHover,
  chooseFromMenu,
  followLink,
  notifications,
  Panel,
  runCommand,
  turnRow,
  viewRow,
} from "./workbench.ts";

describe.each(["lldb-dap", "gdb"])("where addresses stand, with %s", (debug) => {
  const window = new Window();
  const pick = new AddressPick(window);
  const panel = new Panel(window);

  /** Where a variable of the demo points. */
  const pointed = async (name: string) => {
    // A step ends before VS Code shows where.
    await untilStopped(window.host);
    return window.host.call(async (vscode, expression: string) => {
      const item = vscode.debug.activeStackItem;
      if (!(item instanceof vscode.DebugStackFrame)) throw new Error("Nothing stands still.");
      const { frameId, session } = item;
      const { result } = await session.customRequest("evaluate", { expression, frameId, context: "watch" });
      return /0x[0-9a-f]+/i.exec(result)?.[0] ?? "";
    }, name);
  };

  /** What the panel tells of the address that is chosen, if it has the text. */
  const chosen = (text: string) => panel.page.locator("selection-details", { hasText: text });

  /** Opens the registers of the frame that is shown, in Variables. */
  const openRegisters = async () => {
    // With room for a dozen rows.
    await window.page.setViewportSize({ width: 1600, height: 2000 });
    const isGrouped = debug === "lldb-dap";
    // After a step VS Code draws the view anew, when it likes, and opens the first scope again.
    const opened = async () => {
      await turnRow(viewRow(window, "Variables", isGrouped ? "Locals" : "Local"), "false");
      await turnRow(viewRow(window, "Variables", "Registers"), "true");
      if (isGrouped) await turnRow(viewRow(window, "Variables", "General Purpose Registers"), "true");
      await viewRow(window, "Variables", "rax").waitFor({ timeout: 2000 });
      return true;
    };
    await expect.poll(() => opened().catch(() => false), { timeout: 30_000 }).toBe(true);
  };

  /**
   * Chooses from the menu of a register's row until one sees what comes of it: the view may be drawn anew once more, and
   * VS Code, busy after a step, may move the focus late, which closes menus and picks.
   */
  const chooseOfRegister = async (register: string, name: string, seen: Locator) => {
    const row = viewRow(window, "Variables", register);
    const choose = async () => {
      await openRegisters();
      await row.waitFor({ timeout: 2000 });
      await chooseFromMenu(window, row, name);
      await seen.waitFor({ timeout: 5000 });
      return true;
    };
    await expect.poll(() => choose().catch(() => false), { timeout: 100_000 }).toBe(true);
  };

  /** "Explain Address…" of the palette, and what is typed there. */
  const explain = async (text: string) => {
    await runCommand(window, "Process Memory: Explain Address…");
    const input = window.page.locator(".quick-input-widget input").filter({ visible: true });
    await expect.poll(() => input.getAttribute("placeholder")).toContain("main+0x10");
    await input.fill(text);
    await input.press("Enter");
  };

  test("with the setting on, pointers in Variables have their region", async () => {
    await window.host.call(async (vscode) => {
      const settings = vscode.workspace.getConfiguration("processMemory");
      await settings.update("variables.showRegion", true, vscode.ConfigurationTarget.Global);
      await settings.update("inlineValues", true, vscode.ConfigurationTarget.Global);
      await vscode.commands.executeCommand("workbench.view.debug");
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: () => ({
          onWillReceiveMessage: ({ command, arguments: query }) => {
            asked.push(`${command} ${query?.context ?? ""}`);
          },
        }),
      });
    });
    await setBreakpoint(window.host);
    await startDebugging(window.host, `Demo (${debug})`);
    await untilStopped(window.host);
    const row = (name: string) => viewRow(window, "Variables", name).textContent();
    await expect.poll(() => row("zeroed")).toMatch(/0x[0-9a-f]+ → \.bss demo: scratch\+0x0/);
    expect(await row("on_stack")).toContain("→ [stack] rw-p");
    expect(await row("message")).toMatch(/→ \.rodata demo: greeting\+0x0 .*"Hello, memory!"$/);
    expect(await row("local")).not.toContain("→");
  });

  test("beside the current line stands where its pointers point", async () => {
    const line = window.page.locator(".view-line", { hasText: "BREAKPOINT" });
    const besides = () =>
      line.evaluate((element) =>
        Array.from(element.querySelectorAll("span"), (span) => getComputedStyle(span, "::after").content).join(""),
      );
    await expect.poll(besides).toContain("on_stack → [stack] rw-p, message → .rodata demo: greeting+0x0");
    expect(await besides()).not.toContain("guard →");
    // All that is known from what VS Code asked for.
    const asked = await window.host.call(() => (globalThis as unknown as { asked: string[] }).asked);
    expect(asked.filter((request) => request.startsWith("variables")).length).toBe(1);
    expect(asked.filter((request) => request.startsWith("evaluate"))).toEqual([]);
  });

  test("the menu of a variable explains where it points, and a choice shows what it leads to", async () => {
    await chooseFromMenu(window, viewRow(window, "Variables", "message"), "Explain Address");
    const lines = await pick.lines("declared at demo.c:28");
    for (const part of [
      "Fine to read, not to write or execute.",
      "greeting",
      '"Hello, memory!"',
      "r--p",
      "build/demo",
    ]) {
      expect(lines).toContain(part);
    }
    expect(await pick.title.textContent()).toMatch(/^message: 0x5/);
    await pick.row("declared at").click();
    const source = () => window.host.call((vscode) => vscode.window.activeTextEditor?.selection.active.line ?? -1);
    await expect.poll(source).toBe(27);
  });

  test("of a number that is no pointer the menu says what it would be, and a register is explained too", async () => {
    await chooseFromMenu(window, viewRow(window, "Variables", "local"), "Explain Address");
    expect(await pick.lines("past null")).toContain("7 bytes past null");
    await pick.close();
    await explain("$rsp");
    expect(await pick.lines("above the stack pointer")).toContain("0 B above the stack pointer");
    await pick.close();
  });

  test("Watch has the region and the menu too", async () => {
    await window.host.call(async (vscode) => {
      await vscode.commands.executeCommand("workbench.debug.action.focusWatchView");
      await vscode.commands.executeCommand("workbench.debug.viewlet.action.addWatchExpression");
    });
    await window.page.keyboard.type("memory->large");
    await window.page.keyboard.press("Enter");
    const row = viewRow(window, "Watch", "memory->large");
    await expect.poll(() => row.textContent()).toContain("→ anonymous rw-p");
    await chooseFromMenu(window, row, "Explain Address");
    expect(await pick.lines("Fine to read and write")).toContain("anonymous rw-p");
    await pick.close();
  });

  test("the frame and the local variable are told, once the debugger has told where that is", async () => {
    await window.host.call(async (vscode) => {
      const source = vscode.window.activeTextEditor;
      const place = source?.document.positionAt(source.document.getText().indexOf("int local = 7"));
      if (place) source?.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenter);
    });
    await altHover(window.page, "int local = 7", "local");
    await explain("on_stack");
    await expect.poll(() => pick.lines("Stack")).toContain("in frame #0 look, local local");
    await pick.close();
    expect(await altHover(window.page, "int *on_stack", "on_stack")).toContain("in frame #0 look, local local");
  });

  test("the palette explains what is typed: an address, a symbol, an expression", async () => {
    await explain(await pointed("zeroed"));
    await pick.lines("scratch");
    await pick.close();
    await explain("scratch");
    expect(await pick.lines("scratch")).toContain("256 KiB");
    await pick.close();
    await explain("memory->blocks");
    expect(await pick.lines("[heap]")).toContain("Leads to");
    await pick.row("Leads to").click();
    await expect.poll(() => pick.title.textContent()).toMatch(/^0x[0-9a-f]+$/);
    await pick.close();
    await explain("nothing_is_called_so");
    await expect
      .poll(async () => (await notifications(window)).join())
      .toContain("nothing that is called “nothing_is_called_so”");
  });

  test("an address in a terminal is a link", async () => {
    const address = await pointed("message");
    await window.host.call(async (vscode, text: string) => {
      const settings = vscode.workspace.getConfiguration("terminal.integrated");
      await settings.update("gpuAcceleration", "off", vscode.ConfigurationTarget.Global);
      const terminal = vscode.window.createTerminal({ name: "log", shellPath: "/bin/cat" });
      terminal.show(true);
      terminal.sendText(`at ${text} failed`);
    }, address);
    await followLink(window, ".xterm-rows > div", address, pick.row("greeting"));
    await pick.close();
  });

  test("an address in a log is a link, one in a source is none", async () => {
    const address = await pointed("message");
    const links = (language: string) =>
      window.host.call(
        async (vscode, language: string, content: string) => {
          const document = await vscode.workspace.openTextDocument({ language, content });
          await vscode.window.showTextDocument(document);
          const found = await vscode.commands.executeCommand<{ tooltip?: string }[]>(
            "vscode.executeLinkProvider",
            document.uri,
          );
          return found.map(({ tooltip }) => tooltip ?? "");
        },
        language,
        `read(${address}) = -1`,
      );
    expect(await links("c")).toEqual([]);
    expect(await links("log")).toEqual(["→ .rodata demo: greeting+0x0. Explain address"]);
    await followLink(window, ".view-line", address, pick.row("greeting"));
  });

  test("of the hex editor's memory the byte that is chosen is explained, and the clipboard keeps what it has", async () => {
    await window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const address = await pointed("zeroed");
    await pick.close();
    const clipboard = await window.host.call(async (vscode, address: string) => {
      await vscode.env.clipboard.writeText("kept");
      const authority = vscode.debug.activeDebugSession?.id ?? "";
      const uri = vscode.Uri.from({ scheme: "vscode-debug-memory", authority, path: `/${address}/memory.bin` });
      await vscode.commands.executeCommand("vscode.openWith", uri, "hexEditor.hexedit");
      await vscode.commands.executeCommand("processMemory.explainAddress", { webview: "hexEditor.hexedit" });
      return vscode.env.clipboard.readText();
    }, address);
    await expect.poll(() => pick.title.textContent()).toBe(`0x${(BigInt(address) + 16n).toString(16)}`);
    expect(await pick.lines("scratch")).toContain("scratch + 0x10");
    expect(clipboard).toBe("kept");
  });

  test("Show in Process Memory chooses it in the panel", async () => {
    await pick.row("Show in Process Memory").click();
    await panel.page.getByText("scratch").first().waitFor();
  });

  test("after a step it is told again", async () => {
    await window.host.call((vscode) => {
      return vscode.commands.executeCommand("workbench.action.debug.stepOver").then(() => null);
    });
    await expect.poll(() => standsAt(window.host)).toContain("sum += ");
    await expect.poll(() => viewRow(window, "Variables", "zeroed").textContent()).toContain("→ .bss demo: scratch+0x0");
  });

  test("the menu of a register explains where it points, and shows it in the panel", { timeout: 240_000 }, async () => {
    await chooseOfRegister("rsp", "Explain Address", pick.row("above the stack pointer"));
    expect(await pick.lines("above the stack pointer")).toContain("of the main thread, 0 B above the stack pointer");
    expect(await pick.title.textContent()).toMatch(/rsp: 0x7ff/);
    await pick.close();
    await chooseOfRegister("rsp", "Show in Process Memory", chosen("of the main thread, 0 B above the stack pointer"));
  });

  test("the frame is told where the registers of it and of its caller are open", async () => {
    const address = await pointed("on_stack");
    await openRegisters();
    await window.host.call((vscode) => {
      return vscode.commands.executeCommand("workbench.action.debug.callStackDown").then(() => null);
    });
    await expect.poll(() => pointed("memory.blocks")).toMatch(/^0x/);
    // A closed scope stays closed, an open one is asked for in this frame too.
    await viewRow(window, "Variables", "Registers").waitFor();
    const stack = async () => {
      await explain(address);
      const lines = await pick.lines("Stack");
      await pick.close();
      return lines;
    };
    await expect.poll(stack, { timeout: 30_000 }).toMatch(/in frame #0 look$/m);
  });

  test("an address in a crash report is a link that shows it in the panel", async () => {
    await debugCommand(window.host, "stop");
    await untilOver(window.host);
    const program = compile("crashes.c", "crashes", ["-g", "-O0", "-w", "-pthread", "-lm"]);
    await debugProgram(window.host, debug, program, ["write_rodata"]);
    // It stands on a signal of its own before it crashes.
    await untilStopped(window.host);
    await debugCommand(window.host, "continue");
    const crashes = () => notifications(window).catch(() => []);
    await expect
      .poll(crashes, { timeout: 30_000 })
      .toContainEqual(expect.stringMatching(/SIGSEGV: Write to read-only/));
    const report = await window.host.call(async (vscode) => {
      await vscode.commands.executeCommand("processMemory.explainCrash");
      return vscode.window.activeTextEditor?.document.getText() ?? "";
    });
    const [, address = ""] = /Write to (0x[0-9a-f]+)/.exec(report) ?? [];
    await followLink(window, ".view-line", address, chosen("msg"));
  });
});
