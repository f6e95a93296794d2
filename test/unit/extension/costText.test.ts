import { expect, test } from "vitest";
import { costTitle, costTooltip } from "../../../src/extension/costText.ts";
import type { Cost } from "../../../src/protocol/costs.ts";

const LUT: Cost = {
  ...{ name: "lut", type: "variable", line: 8, copies: 1, size: 4 << 20, start: "0x4000", section: ".bss" },
  ...{ library: null, pages: { total: 1024, present: 37, swapped: 0, zero: 0 } },
};
const page = { total: 1, present: 0, swapped: 0, zero: 0 };

test.each<[Partial<Cost>, string]>([
  [{}, "lut: 4 MiB .bss, 37 of 1,024 pages present"],
  [
    { pages: { total: 1024, present: 37, swapped: 1000, zero: 0 } },
    "lut: 4 MiB .bss, 37 of 1,024 pages present, 1,000 swapped out",
  ],
  [{ size: 4, pages: { ...page, present: 1 } }, "lut: 4 B .bss, its page present"],
  [{ size: 4, pages: { ...page, swapped: 1 } }, "lut: 4 B .bss, its page swapped out"],
  [{ size: 4, pages: page }, "lut: 4 B .bss, its page not present"],
  [{ pages: null }, "lut: 4 MiB .bss"],
  [{ section: null, pages: null }, "lut: 4 MiB"],
  [{ library: "libshop.so", pages: null }, "lut: 4 MiB .bss of libshop.so"],
  [{ copies: 3, size: 240, section: ".text", pages: page }, "lut: 3 copies, 240 B .text, its page not present"],
  [{ start: null, size: 8, section: ".tbss", pages: null }, "lut: 8 B .tbss for each thread"],
])("a cost is told in one line: %o", (difference, title) => {
  expect(costTitle({ ...LUT, ...difference })).toBe(title);
});

test.each<[Partial<Cost>, string]>([
  [{}, "Other variables may lie in the same pages. Click to show it in the panel."],
  [{ type: "function", pages: page }, "Other functions may lie in the same pages."],
  [{ pages: { ...page, present: 1, zero: 1 } }, "1 page was only read and never written"],
  [{ pages: { total: 9, present: 5, swapped: 0, zero: 5 } }, "5 pages were only read and never written"],
  [{ pages: null }, "Its pages cannot be read: the process has ended"],
  [{ start: null, pages: null }, "Each thread has one of its own, in its own memory."],
  [{ copies: 2 }, "lut is there 2 times: the bytes and pages are those of all."],
])("what there is to say besides: %o", (difference, sentence) => {
  expect(costTooltip({ ...LUT, ...difference })).toContain(sentence);
});
