/** Asks the user for a memory breakpoint, from its sort to its amount. */
import * as vscode from "vscode";
import { KINDS } from "../memory/kind.ts";
import { amountOf, COUNTER_LABELS, FAULT_LABELS, quantityInWords, withAmount } from "../memory/memoryBreakpoint.ts";
import { formatBytes } from "../memory/size.ts";
import type { MemoryCondition, TreeNode } from "../protocol/server.ts";
import type { Target } from "./targets.ts";

/** @param target whose numbers are shown to choose by; `null` for none */
export async function askCondition(target: Target | null): Promise<MemoryCondition | undefined> {
  const sort = await choose(SORTS, "Pause when…");
  if (!sort) return undefined;
  const condition = await sort.ask(target);
  return condition && askAmount(condition, "");
}

/** Of a region: what shall not happen to it unnoticed. */
export async function askChangeOf({ name, start, end }: TreeNode): Promise<MemoryCondition | undefined> {
  if (!start || !end) return undefined;
  const sorts = [
    { label: "It is unmapped", when: "unmapped" as const },
    { label: "Its protection changes", when: "protected" as const },
    { label: "Something else is mapped in its place", when: "mapped" as const },
  ];
  const sort = await choose(sorts, `Pause when this happens to ${name}, or to a part of it`);
  return sort && { when: sort.when, start, end };
}

/** The condition with the amount that the user typed. */
export async function askAmount(
  condition: MemoryCondition,
  value = amountOf(condition),
): Promise<MemoryCondition | undefined> {
  const { title, prompt, placeHolder } = questionOf(condition);
  const validateInput = (text: string) => (withAmount(condition, text) ? null : prompt);
  const text = await vscode.window.showInputBox({ title, prompt, placeHolder, value, validateInput });
  return text === undefined ? undefined : (withAmount(condition, text) ?? undefined);
}

function questionOf(condition: MemoryCondition): { title: string; prompt: string; placeHolder: string } {
  if ("start" in condition) {
    return {
      title: RANGE_TITLES[condition.when],
      prompt: "Write the range as 0x…-0x… or 0x…+64K; an address alone stands for its page.",
      placeHolder: "0x7ffff7dd5000+64K",
    };
  }
  if (condition.when === "faults") {
    return {
      title: `Pause when: ${FAULT_LABELS[condition.what]} pass`,
      prompt: "How many a second?",
      placeHolder: "10000",
    };
  }
  const does = condition.when === "passes" ? "passes" : "grows between stops by";
  return {
    title: `Pause when: ${quantityInWords(condition.what)} ${does}`,
    prompt: "Write how much as 4096, 64K or 1.5M.",
    placeHolder: "200M",
  };
}

const RANGE_TITLES = {
  mapped: "Pause when: something is mapped in a range",
  unmapped: "Pause when: something of a range is unmapped",
  protected: "Pause when: the protection of something in a range changes",
} as const;

interface Sort extends vscode.QuickPickItem {
  /** What else is to be chosen, with any amount. */
  ask(target: Target | null): Promise<MemoryCondition | undefined>;
}

const EVERYTHING = { start: "0x0", end: "0x1000" } as const;

const SORTS: readonly Sort[] = [
  {
    label: "Memory passes a limit",
    detail: "Resident, swapped or virtual memory, or what is mapped of a kind",
    ask: async (target) => {
      const what = (await chooseQuantity(target))?.what;
      return what && { when: "passes", what, bytes: 0 };
    },
  },
  {
    label: "Memory grows between stops",
    detail: "By so much since the program stood still last",
    ask: async (target) => {
      const what = (await chooseQuantity(target))?.what;
      return what && { when: "grows", what, bytes: 0 };
    },
  },
  {
    label: "Page faults pass a rate",
    detail: "All of them, or those that load from a device",
    ask: async () => {
      const items = (["all", "major"] as const).map((what) => ({ label: FAULT_LABELS[what], what }));
      const what = (await choose(items, "Which page faults?"))?.what;
      return what && { when: "faults", what, rate: 0 };
    },
  },
  {
    label: "A range is mapped",
    detail: "Something begins to be there, or something else takes its place",
    ask: async () => ({ when: "mapped", ...EVERYTHING }),
  },
  {
    label: "A range is unmapped",
    detail: "Something that was there is no more",
    ask: async () => ({ when: "unmapped", ...EVERYTHING }),
  },
  {
    label: "A range changes protection",
    detail: "What may be done with something there is something else, as after mprotect",
    ask: async () => ({ when: "protected", ...EVERYTHING }),
  },
];

/** With how much there is, where the last reading tells. */
function chooseQuantity(target: Target | null) {
  const sample = target?.changed?.sample;
  const counters = (Object.keys(COUNTER_LABELS) as (keyof typeof COUNTER_LABELS)[]).map((what) => {
    const now = sample?.[what] ?? null;
    return { label: COUNTER_LABELS[what], description: now === null ? "" : `now ${formatBytes(now)}`, what };
  });
  const kinds = KINDS.map((what) => ({ label: quantityInWords(what), description: "", what }));
  return choose<vscode.QuickPickItem & { what: (typeof counters | typeof kinds)[number]["what"] }>(
    [...counters, ...kinds],
    "Which memory?",
  );
}

function choose<Item extends vscode.QuickPickItem>(items: readonly Item[], title: string): Thenable<Item | undefined> {
  return vscode.window.showQuickPick(items, { title, matchOnDetail: true });
}
