/** The whole story of the README, with each of the debuggers that Debian and npm have. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ExtensionUnderTest } from "../../src/extension/extension.ts";
import type { HexAddress } from "../../src/memory/address.ts";
import type { Row } from "../../src/protocol/server.ts";
import { debugCommand, setBreakpoint, startDebugging, untilOver, untilRunning, untilStopped } from "./debugging.ts";
import { Window } from "./window.ts";
import { altHover, debugHover, languageHover, Panel, statusBar, Tree } from "./workbench.ts";

const GROUPS = ["Program", "Libraries", "Heap", "Stacks", "Anonymous", "Shared memory", "Files", "Kernel"];

/** The local variables of the stopped frame that hold an address, each with what is explained of it. */
function pointersIn(window: Window): Promise<{ name: string; address: string; region: Row | null }[]> {
  return window.host.call(async (vscode) => {
    const { server, targets }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    const session = vscode.debug.activeDebugSession;
    const item = vscode.debug.activeStackItem;
    const target = targets.active?.id;
    if (!session || !item || !("frameId" in item) || !target) throw new Error("Nothing is stopped.");
    const { scopes } = await session.customRequest("scopes", { frameId: item.frameId });
    const { variablesReference } = scopes[0];
    const { variables } = await session.customRequest("variables", { variablesReference });
    const addresses = (variables as { name: string; value: string }[]).flatMap(({ name, value }) => {
      const [address] = /^0x[0-9a-f]+/.exec(value) ?? [];
      return address ? [{ name, address: address as HexAddress }] : [];
    });
    return Promise.all(
      addresses.map(async ({ name, address }) => {
        const { region } = await server.request("processMemory/explain", { target, address });
        return { name, address, region };
      }),
    );
  });
}

function isWithin(line: string, address: bigint): boolean {
  const [start, end] = (line.split(" ")[0] ?? "").split("-").map((digits) => BigInt(`0x${digits}`));
  return start !== undefined && end !== undefined && address >= start && address < end;
}

describe.each(["lldb-dap", "gdb"])("debugging the demo with %s", (debug) => {
  const window = new Window();
  const tree = new Tree(window);
  const panel = new Panel(window);

  /** The pid of the process that the tree shows. */
  const shownPid = async () => Number(/^demo \((\d+)\)/.exec((await tree.lines())[0] ?? "")?.[1]);

  test("it stops at the breakpoint", async () => {
    await setBreakpoint(window.host);
    await startDebugging(window.host, `Demo (${debug})`);
    await untilStopped(window.host);
  });

  test("the tree shows the process with its groups, and how much of each is resident", async () => {
    await tree.open();
    await expect.poll(() => tree.lines()).toHaveLength(GROUPS.length + 1);
    const [process, ...groups] = await tree.lines();
    expect(process).toMatch(/^demo \(\d+\).*iB, .*iB resident$/);
    expect(groups.map((line) => line.replace(/[\d.]+ [KM]?i?B, [\d.]+ [KM]?i?B resident$/, ""))).toEqual(GROUPS);
  });

  test("the tree opens down to a symbol", async () => {
    await tree.expand("Program");
    await tree.expand("demo .bss");
    await tree.expand(".bss");
    await tree.row("scratch").first().waitFor();
    expect(await tree.row("scratch").first().textContent()).toContain("256 KiB");
    await tree.collapse("Program");
  });

  test("the panel shows every region that the kernel names", async () => {
    await panel.show();
    const pid = await shownPid();
    await panel.heading(`pid ${pid}`).waitFor();
    const maps = readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n");
    await panel.page
      .getByRole("status")
      .filter({ hasText: `${maps.length} regions` })
      .waitFor();
    const starts = maps.map((line) => BigInt(`0x${line.split("-")[0]}`));
    const shown = (await panel.addresses()).map(BigInt);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown).toEqual(starts.slice(0, shown.length));
  });

  test("the panel's header names the process, its totals and its faults", async () => {
    expect(await panel.heading("demo").textContent()).toMatch(/stopped.*build\/demo/s);
    const totals = await panel.totals.textContent();
    for (const part of ["RSS", "PSS", "USS", "VSZ", "Minor faults", "MiB"]) expect(totals).toContain(part);
  });

  test("the panel draws the address space, a colour for each kind", async () => {
    await expect.poll(() => panel.colours()).toBeGreaterThan(10);
  });

  test("what is chosen in the panel is chosen in the tree", async () => {
    await panel.filter("heap");
    await expect.poll(() => panel.names()).toEqual(["[heap]"]);
    await panel.rows.first().click();
    await expect.poll(() => tree.row("[heap]").getAttribute("aria-selected")).toBe("true");
    await panel.filter("");
    await tree.collapse("Heap");
  });

  test("what is chosen in the tree is chosen in the panel", async () => {
    await tree.expand("Stacks");
    await tree.row("[stack]").click();
    const chosen = panel.rows.and(panel.page.locator("[aria-selected=true]"));
    await expect.poll(() => chosen.textContent()).toContain("[stack]");
    await tree.collapse("Stacks");
  });

  test.each([
    ["int *on_stack", "on_stack", "→ [stack] rw-p"],
    ["char *message", "message", "→ .rodata demo: greeting+0x0"],
    ["int *initialised", "initialised", "→ .data demo: answers+0x4"],
    ["char *zeroed", "zeroed", "→ .bss demo: scratch+0x0"],
    ["struct block *heap_small", "heap_small", "→ [heap] rw-p"],
    ["int *heap_large", "heap_large", "→ anonymous rw-p"],
    ["char *guard", "guard", "→ guard ---p"],
    ["int *thread_stack", "thread_stack", "→ stack of thread"],
    ["char *file =", "file", "→ demo.c r--s"],
    ["int *shared_sysv", "shared_sysv", "→ System V shared memory"],
    ["int *shared_posix", "shared_posix", "→ POSIX shared memory"],
    ["int *shared_memfd", "shared_memfd", "→ memfd"],
    ["int *shared = ", "shared", "→ shared anonymous rw-s"],
    ["FILE *library", "library", "→ .data libc.so.6: _IO_2_1_stdout_+0x0"],
    ["int *null", "null", "→ not mapped"],
  ])("the debug hover of the declaration %s tells where %s points: %s", async (line, word, place) => {
    expect(await debugHover(window.page, line, word)).toContain(place);
  });

  test("every pointer of the run is explained by the region that the kernel has there", async () => {
    const pointers = await pointersIn(window);
    const maps = readFileSync(`/proc/${await shownPid()}/maps`, "utf8")
      .trimEnd()
      .split("\n");
    for (const { name, address, region } of pointers) {
      const [range, permissions] = maps.find((line) => isWithin(line, BigInt(address)))?.split(" ") ?? [];
      const [start, end] = (range?.split("-") ?? []).map((digits) => BigInt(`0x${digits}`));
      const kernels = permissions === undefined ? null : { start, end, permissions };
      const ours = region && { start: BigInt(region.start), end: BigInt(region.end), permissions: region.permissions };
      expect(ours, name).toEqual(kernels);
    }
    expect(pointers.filter(({ region }) => region).length).toBeGreaterThan(10);
    expect(pointers.filter(({ region }) => !region).length).toBeGreaterThan(0);
  });

  test("the text that the debugger adds to a value is not lost", async () => {
    expect(await debugHover(window.page, "char *message", "message")).toContain('"Hello, memory!"');
  });

  test("with Alt held, the hover tells all that is known", async () => {
    const text = await altHover(window.page, "char *message", "message");
    for (const part of ["points to", "greeting", ".rodata", "demo", "r--p", "KiB", "resident", "above", "Stored at"]) {
      expect(text).toContain(part);
    }
  });

  test("the status bar shows resident memory and faults", async () => {
    expect(await statusBar(window.page).textContent()).toMatch(/[\d.]+ MiB.*\d+\/s/);
  });

  test("while it runs, the hover tells what was known at the stop", async () => {
    await debugCommand(window.host, "continue");
    await untilRunning(window.host);
    expect(await languageHover(window.page, "char *message", "message")).toContain("greeting");
  });

  test("it stops again, with a larger heap", async () => {
    const heap = async () =>
      Number.parseFloat(/^Heap.*, ([\d.]+) KiB/.exec((await tree.line("Heap")) ?? "")?.[1] ?? "0");
    const before = await heap();
    await untilStopped(window.host);
    await expect.poll(heap).toBeGreaterThan(before);
  });

  test("a restart is followed to the new process", async () => {
    const before = await shownPid();
    await debugCommand(window.host, "restart");
    await expect.poll(shownPid, { timeout: 30_000 }).not.toBe(before);
    await untilStopped(window.host);
    expect(await debugHover(window.page, "struct block *heap_small", "heap_small")).toContain("→ [heap] rw-p");
  });

  test("when it has exited, the last picture stays and says so", async () => {
    await debugCommand(window.host, "stop");
    await untilOver(window.host);
    await startDebugging(window.host, `Demo, a short run (${debug})`);
    await untilStopped(window.host);
    await debugCommand(window.host, "continue");
    await untilOver(window.host);
    await expect.poll(() => tree.view.textContent()).toMatch(/ended|exited/);
  });
});
