/** Each crash of test/fixtures/crashes in a real VS Code: what the user is told of it is compared with what is true. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../scripts/processes.mjs";
import type { ExtensionUnderTest } from "../../src/extension/extension.ts";
import type { CrashFacts, CrashReport } from "../../src/protocol/crash.ts";
import type { DebuggerName } from "../unit/server/crashing.ts";
import { expectTrue, LANGUAGES, PROGRAMS, TRUTHS } from "../unit/server/crashTruths.ts";
import { Window } from "./window.ts";

const CRASHES = LANGUAGES.flatMap((language) =>
  Object.entries(TRUTHS[language]).map(([crash, truth]) => [language, crash, truth] as const),
);
const DEBUGGERS: readonly [type: string, name: DebuggerName][] = [
  ["lldb-dap", "lldb"],
  ["gdb", "gdb"],
];

// The programs are made of instructions of x86-64.
describe.skipIf(process.arch !== "x64").each(DEBUGGERS)("with %s", (type, name) => {
  const window = new Window();

  afterEach(() => window.host.call(endSessions), 60_000);

  test.each(CRASHES)("%s: %s", { timeout: 120_000 }, async (language, crash, truth) => {
    const program = PROGRAMS[language]();
    const output = join(temporaryFolder(), "output");
    const run = await window.host.call(runToCrash, type, program, crash, output);
    const { report, facts, process, document } = run;
    expect(document.text).toContain(`${report.title}\n`);
    expect(document.text.replaceAll(/\s+/g, " ")).toContain(report.sentence.replaceAll(/\s+/g, " "));
    expect(document.text).toContain(`${report.signal} in ${process}`);
    if (report.address !== null) expect(document.links).toContain(report.address);
    if (report.verdict.what === "unknown" && truth.unknownTo === name) return;
    const [, told] = /@address (0x[0-9a-f]+|\(nil\))/.exec(readFileSync(output, "utf8")) ?? [];
    expectTrue({ report, facts }, truth, told === undefined ? null : told === "(nil)" ? 0n : BigInt(told));
  });
});

interface Run {
  readonly report: CrashReport;
  readonly facts: CrashFacts;
  /** As the report names it. */
  readonly process: string;
  /** The report as a document, and the texts of its links. */
  readonly document: { readonly text: string; readonly links: string[] };
}

/**
 * Debugs the program up to its crash and opens the report. `output` is the file it shall write to: cdt-gdb-adapter does not
 * pass on what a program writes. Runs in the extension host; where it takes too long it fails with what the adapter told.
 */
async function runToCrash(
  vscode: typeof import("vscode"),
  type: string,
  program: string,
  crash: string,
  output: string,
): Promise<Run> {
  const told: string[] = [];
  let session: import("vscode").DebugSession | undefined;
  const tracking = vscode.debug.registerDebugAdapterTrackerFactory(type, {
    createDebugAdapterTracker: (tracked) => {
      session = tracked;
      return {
        onDidSendMessage: ({ event, body, success, command, message }) => {
          if (event !== undefined) told.push(`${event} ${JSON.stringify(body ?? {})}`);
          else if (success === false) told.push(`${command} failed: ${message}`);
        },
      };
    },
  });
  const end = Date.now() + 90_000;
  const until = async <Value>(step: string, value: () => Value | null | undefined | false): Promise<Value> => {
    for (;;) {
      const found = value();
      if (found) return found;
      if (Date.now() > end) throw new Error(`${crash}: no ${step}. The adapter told: ${told.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    const how = type === "gdb" ? { arguments: `${crash} ${output}` } : { args: [crash, output] };
    await vscode.debug.startDebugging(undefined, { name: crash, type, request: "launch", program, ...how });
    const { sessions, crashes }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    await until("stop before the crash", () => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame && item.session.id === session?.id;
    });
    // What goes after it is told of only if it was read.
    const { id } = await until("reading at the stop", () => {
      const target = session && sessions.get(session)?.target;
      return target?.changed?.state === "stopped" && target;
    });
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    const { report, facts, process } = await until("report", () => crashes.of(id));
    await vscode.commands.executeCommand("processMemory.explainCrash", id);
    const document = await until("document of the report", () => {
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.scheme === "process-memory-crash" && shown.getText().includes(`in ${process}`) && shown;
    });
    const found: import("vscode").DocumentLink[] = await vscode.commands.executeCommand(
      "vscode.executeLinkProvider",
      document.uri,
    );
    const links = found.map(({ range }) => document.getText(range));
    return { report, facts, process, document: { text: document.getText(), links } };
  } finally {
    tracking.dispose();
  }
}

/** Ends what is debugged. Runs in the extension host; kills a process whose session does not end, and fails. */
async function endSessions(vscode: typeof import("vscode")): Promise<void> {
  const { sessions }: ExtensionUnderTest =
    (await vscode.extensions.getExtension("process-memory.process-memory")?.activate()) ?? {};
  void vscode.debug.stopDebugging();
  for (const end = Date.now() + 30_000; sessions.all.length > 0; ) {
    if (Date.now() > end) {
      const left = sessions.all.map(({ session, target }) => ({ name: session.name, pid: target?.info.pid }));
      for (const { pid } of left) if (pid !== undefined) process.kill(pid, "SIGKILL");
      throw new Error(`The session does not end: ${JSON.stringify(left)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
