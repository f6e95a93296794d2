/**
 * What Process Memory costs in a real VS Code window: a part of `npm run bench`. How soon the tree shows a stop, how long a
 * hover's evaluation is held up, how soon a crash is explained and the panel shows its picture, and what polling an idle
 * process costs the extension host and the memory server.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { compile } from "../unit/fixtures.ts";
import { debugCommand, setBreakpoint, startDebugging, untilOver, untilStopped } from "../vscode/debugging.ts";
import { serverProcesses } from "../vscode/processes.ts";
import { Window } from "../vscode/window.ts";
import { debugHover, Panel, Tree } from "../vscode/workbench.ts";
import { median, printTable, processorTime } from "./bench.ts";
import { firstPicture, markFirstPicture } from "./firstPicture.ts";

const ROUNDS = 7;
const SECONDS = 20;
const REGIONS = 65_000;
const EXTENSION = "process-memory.process-memory";

const window = new Window();
const tree = new Tree(window);

/** What is kept in the extension host while the benchmark runs. */
interface Observed {
  stops: number[];
  hovers: number[];
  /** When the adapter answered the hovers' evaluations. */
  answers: number[];
  /** When crashes were reported. */
  reports: number[];
}

test("stops and hovers", async () => {
  await observe();
  await tree.open();
  await setBreakpoint(window.host);
  const launch = await treeAfter(() => startDebugging(window.host, "Demo (lldb-dap)"));
  const stops: { first: number; last: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) stops.push(await treeAfter(() => debugCommand(window.host, "continue")));
  const shown: number[] = [];
  for (const word of ["on_stack", "message", "initialised", "zeroed", "heap_small", "anonymous", "guard", "file"]) {
    shown.push(await hoverAfter(word));
  }
  const { hovers } = await observed();
  process.stdout.write(
    "\nFrom the adapter's stopped event to the tree in the page, and a hover's evaluation held up.\n",
  );
  printTable([
    ["", "first change", "complete"],
    ["launch", `${launch.first} ms`, `${launch.last} ms`],
    ["next stops", `${median(stops.map(({ first }) => first))} ms`, `${median(stops.map(({ last }) => last))} ms`],
    ["hover", `median ${median(hovers).toFixed(2)} ms`, `worst ${Math.max(...hovers).toFixed(2)} ms`],
    ["hover in the page", `median ${median(shown)} ms`, `worst ${Math.max(...shown)} ms`],
  ]);
  await debugCommand(window.host, "stop");
  await window.host.call((vscode) => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    return null;
  });
  const activation = await window.host.call(
    (vscode, extension: string) => vscode.extensions.getExtension(extension)?.exports.activationTime as number,
    EXTENSION,
  );
  process.stdout.write(`\nThe extension's activate(): ${activation.toFixed(1)} ms.\n`);
}, 150_000);

test("crashes", async () => {
  const rows = [["", "median", "worst"]];
  for (const type of ["lldb-dap", "gdb"]) {
    const times: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const before = (await observed()).reports.length;
      await startDebugging(window.host, `Demo, following a null pointer (${type})`);
      await untilStopped(window.host);
      await expect.poll(async () => (await observed()).reports.length, { timeout: 30_000 }).toBe(before + 1);
      const { stops, reports } = await observed();
      times.push((reports.at(-1) as number) - (stops.at(-1) as number));
      await debugCommand(window.host, "stop");
      await untilOver(window.host);
    }
    rows.push([type, `${median(times)} ms`, `${Math.max(...times)} ms`]);
  }
  process.stdout.write("\nFrom the adapter's stopped event to the crash's report, the adapter's answers included.\n");
  printTable(rows);
}, 150_000);

test("polling an idle process", async () => {
  const target = spawn(compile("vmas.c", "vmas"), ["1000"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(target.stdout, "data");
    const host = await window.host.call(() => process.pid);
    await tree.open();
    await sleep(5000);
    const before = await processorTime(host, SECONDS);
    await window.host.call(
      (vscode, extension: string, pid: number) =>
        vscode.extensions
          .getExtension(extension)
          ?.activate()
          .then((api) => api.targets.attach(pid, null))
          .then(() => null),
      EXTENSION,
      target.pid as number,
    );
    await expect.poll(() => tree.lines()).toContainEqual(expect.stringMatching(/^vmas/));
    await new Panel(window).show();
    await sleep(5000);
    const [server] = await serverProcesses(window.host);
    if (server === undefined) throw new Error("There is no memory server.");
    const [serverTime, hostTime] = await Promise.all([processorTime(server, SECONDS), processorTime(host, SECONDS)]);
    process.stdout.write(`\nProcessor time a second; an idle process of 1,000 regions in tree and panel.\n`);
    printTable([
      ["", "without a target", "polling each second", "of a core"],
      ["memory server", "–", `${serverTime.toFixed(1)} ms`, `${(serverTime / 10).toFixed(2)} %`],
      ["extension host", `${before.toFixed(1)} ms`, `${hostTime.toFixed(1)} ms`, `${(hostTime / 10).toFixed(2)} %`],
    ]);
  } finally {
    target.kill("SIGKILL");
  }
}, 150_000);

test("the first picture of many regions", async () => {
  const target = spawn(compile("vmas.c", "vmas"), [String(REGIONS)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(target.stdout, "data");
    await window.page.context().addInitScript(markFirstPicture);
    await window.host.call(
      async (vscode, extension: string, pid: number) => {
        const api = await vscode.extensions.getExtension(extension)?.activate();
        api?.targets.activate((await api.targets.attach(pid, null)).id);
      },
      EXTENSION,
      target.pid as number,
    );
    await tree.open();
    await expect.poll(() => tree.lines()).toContainEqual(expect.stringMatching(/^vmas/));
    const pictures: { command: number; script: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await window.host.call((vscode) =>
        vscode.commands.executeCommand("workbench.action.closeAllEditors").then(() => null),
      );
      await sleep(3000);
      const asked = Date.now();
      const panel = new Panel(window);
      await panel.show();
      const frame = await (await panel.page.locator("body").elementHandle())?.ownerFrame();
      if (!frame) throw new Error("The panel has no frame.");
      const { fromScript, time } = await firstPicture(frame);
      pictures.push({ command: time - asked, script: fromScript });
    }
    process.stdout.write(
      `\nThe panel's first picture of a running process of ${REGIONS.toLocaleString("en")} regions.\n`,
    );
    const row = (title: string, times: number[]) => [
      title,
      `${median(times).toFixed(0)} ms`,
      `${Math.max(...times).toFixed(0)} ms`,
    ];
    printTable([
      ["", "median", "worst"],
      row(
        "after the panel's script is there",
        pictures.map(({ script }) => script),
      ),
      row(
        "after the command",
        pictures.map(({ command }) => command),
      ),
    ]);
  } finally {
    target.kill("SIGKILL");
  }
}, 150_000);

/**
 * Puts a tracker before the extension's own and a listener behind its hover's: what lies between is what the extension
 * does with an adapter's message before VS Code has it.
 */
async function observe(): Promise<void> {
  await window.host.call((vscode, extension: string) => {
    const seen: Observed & { begun: number; listening: boolean } = {
      stops: [],
      hovers: [],
      answers: [],
      reports: [],
      begun: 0,
      listening: false,
    };
    Object.assign(globalThis, { seen });
    const hovers = new Set<number>();
    vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker: () => ({
        onWillReceiveMessage: (message) => {
          if (message.command === "evaluate" && message.arguments?.context === "hover") hovers.add(message.seq);
        },
        onDidSendMessage: (message) => {
          if (message.event === "stopped") seen.stops.push(Date.now());
          seen.begun = performance.now();
          const api = vscode.extensions.getExtension(extension)?.exports;
          if (!api || seen.listening) return;
          seen.listening = true;
          api.crashes.onDidReport(() => seen.reports.push(Date.now()));
          api.sessions.onDidAnswer(({ raw }: { raw: { request_seq?: number } }) => {
            if (raw.request_seq !== undefined && hovers.delete(raw.request_seq)) {
              seen.hovers.push(performance.now() - seen.begun);
              seen.answers.push(Date.now());
            }
          });
        },
      }),
    });
  }, EXTENSION);
}

function observed(): Promise<Observed> {
  return window.host.call(() => {
    const { stops, hovers, answers, reports } = (globalThis as unknown as { seen: Observed }).seen;
    return { stops, hovers, answers, reports };
  });
}

/** Milliseconds from the adapter's answer to the region in the page. */
async function hoverAfter(word: string): Promise<number> {
  await window.page.evaluate(() => {
    const times: number[] = [];
    Object.assign(globalThis, { times });
    new MutationObserver(() => {
      if (document.querySelector(".debug-hover-widget")?.textContent?.includes("→")) times.push(Date.now());
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  const before = (await observed()).answers.length;
  expect(await debugHover(window.page, `*${word} = `, word)).toContain("→");
  const answered = (await observed()).answers[before] as number;
  const times = await window.page.evaluate(() => (globalThis as unknown as { times: number[] }).times);
  return (times.find((time) => time >= answered) ?? Number.NaN) - answered;
}

/** Milliseconds from the stop that follows to the first and the last change of the tree. */
async function treeAfter(begin: () => Promise<void>): Promise<{ first: number; last: number }> {
  const before = (await observed()).stops.length;
  await tree.view.evaluate((view) => {
    const changes: number[] = [];
    const observer = new MutationObserver(() => changes.push(Date.now()));
    observer.observe(view, { subtree: true, childList: true, characterData: true });
    Object.assign(globalThis, { changes });
  });
  await begin();
  await expect.poll(async () => (await observed()).stops.length, { timeout: 60_000 }).toBe(before + 1);
  await untilStopped(window.host);
  await sleep(1500);
  const stop = (await observed()).stops.at(-1) as number;
  const changes = await tree.view.evaluate(() => (globalThis as unknown as { changes: number[] }).changes);
  const after = changes.filter((time) => time >= stop).map((time) => time - stop);
  return { first: after[0] ?? Number.NaN, last: after.at(-1) ?? Number.NaN };
}
