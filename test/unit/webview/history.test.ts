import { expect, test } from "vitest";
import type { Sample } from "../../../src/protocol/server.ts";
import { History, joined, MOST_SAMPLES, marked } from "../../../src/webview/data/history.ts";

const sample = (time: number, minorFaults = 0, majorFaults = 0): Sample => ({
  time,
  rss: time,
  rssAnon: null,
  rssFile: null,
  rssShmem: null,
  swap: null,
  vsz: 0,
  minorFaults,
  majorFaults,
  threads: 1,
});

test("samples that are told twice are kept once", () => {
  const first = joined([], [sample(1), sample(2)]);
  expect(joined(first, [sample(2), sample(3)]).map(({ time }) => time)).toEqual([1, 2, 3]);
});

test("where there are too many samples they are asked for anew, and those told meanwhile stay", async () => {
  const asked: number[] = [];
  let answer: (samples: Sample[]) => void = () => {};
  const history = new History((_method, params) => {
    asked.push((params as { since: number }).since);
    return new Promise((resolve) => {
      answer = (samples) => resolve({ samples } as never);
    });
  });
  const tell = (time: number) =>
    history.receive({ sample: sample(time), sampleBefore: time - 1 } as Parameters<History["receive"]>[0]);
  history.look("1:1");
  answer(Array.from({ length: MOST_SAMPLES }, (_, index) => sample(1 + index)));
  await expect.poll(() => history.samples).toHaveLength(MOST_SAMPLES);
  tell(MOST_SAMPLES + 1);
  expect(asked).toEqual([0, 0]);
  const thinned = [sample(1), sample(MOST_SAMPLES)];
  answer(thinned);
  await expect.poll(() => history.samples.map(({ time }) => time)).toEqual([1, MOST_SAMPLES, MOST_SAMPLES + 1]);
  tell(MOST_SAMPLES + 2);
  expect(asked).toHaveLength(2);
});

test("every sample's marks are told with how often, the rare ones first", () => {
  const samples: Sample[] = [
    sample(1000),
    { ...sample(2000), marks: { threadStart: 3, stop: 1 } },
    { ...sample(3000), marks: { exit: 1 } },
  ];
  expect(marked(samples)).toEqual([
    {
      time: 2,
      marks: [
        ["stop", 1],
        ["threadStart", 3],
      ],
    },
    { time: 3, marks: [["exit", 1]] },
  ]);
});

test("what is read of a stop after its sample was told takes that sample's place", async () => {
  const history = new History(() => Promise.resolve({ samples: [sample(1000)] } as never));
  const tell = (told: Sample) =>
    history.receive({ sample: told, sampleBefore: 1000 } as Parameters<History["receive"]>[0]);
  history.look("1:1");
  await expect.poll(() => history.samples).toHaveLength(1);
  const stop = { ...sample(2000), marks: { stop: 1 } };
  tell(stop);
  tell({ ...stop, kinds: { heap: 4096 } });
  expect(history.samples).toEqual([sample(1000), { ...stop, kinds: { heap: 4096 } }]);
});
