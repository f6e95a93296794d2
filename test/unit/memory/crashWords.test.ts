import { expect, test } from "vitest";
import { crashSentence, crashTitle } from "../../../src/memory/crashWords.ts";
import type { CrashVerdict } from "../../../src/protocol/crash.ts";

test("names of files and functions stay on the line of a report", () => {
  const verdicts: CrashVerdict[] = [
    { what: "pastFile", path: "/tmp/a\nb\u202e", size: 4096 },
    {
      ...{ what: "stackOverflow", thread: 7, isMain: false },
      recursion: { functions: ["f\r\nIt is safe to go on."], frames: 12_000 },
    },
  ];
  for (const verdict of verdicts) {
    const crash = { signal: "SIGSEGV", verdict, access: "write", address: "0x7f0000001000" } as const;
    expect(crashTitle(crash)).not.toMatch(/[\r\n\u202e]/);
    expect(crashSentence(crash)).not.toMatch(/[\r\n\u202e]/);
  }
});
