import { existsSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "./client.ts";
import { Debugger, type DebuggerName } from "./crashing.ts";
import { expectTrue, LANGUAGES, PROGRAMS, TRUTHS } from "./crashTruths.ts";

const DEBUGGERS: Record<DebuggerName, string> = { gdb: "/usr/bin/gdb", lldb: "/usr/bin/lldb-19" };

for (const [name, path] of Object.entries(DEBUGGERS)) {
  for (const language of LANGUAGES) {
    test.skipIf(process.arch !== "x64" || !existsSync(path))(
      `${language}: what ${name} tells of a crash gives its true verdict`,
      { timeout: 300_000 },
      async () => {
        const session = new Debugger(name as DebuggerName, PROGRAMS[language]());
        onTestFinished(() => session.close());
        await session.setUp();
        const server = await startServer();
        await server.tell("processMemory/settings", { interval: 0 });
        const wrong: unknown[] = [];
        for (const [crash, truth] of Object.entries(TRUTHS[language])) {
          const { pid, address } = await session.run(crash);
          const { target } = await server.attach(pid);
          await server.tell("processMemory/stopped", { target });
          await server.ask("processMemory/refresh", { target });
          await server.tell("processMemory/continued", { target });
          const facts = await session.crash();
          await server.tell("processMemory/stopped", { target });
          const report = await server.ask("processMemory/crash", { target, facts });
          await server.ask("processMemory/detach", { target });
          await session.end();
          if (report.verdict.what === "unknown" && truth.unknownTo === name) continue;
          try {
            expectTrue({ report, facts }, truth, address);
          } catch (error) {
            wrong.push([crash, String(error).slice(0, 300), report.title, facts.text, facts.code, facts.faultAddress]);
          }
        }
        expect(wrong).toEqual([]);
      },
    );
  }
}
