import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Work } from "../../../src/memory/module.ts";
import { TargetError } from "../../../src/memory/target.ts";
import type { Indexing } from "../../../src/protocol/server.ts";
import { LongQuestions } from "../../../src/server/longQuestions.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function collect() {
  const told: Indexing[] = [];
  return { told, questions: new LongQuestions((indexing) => told.push(indexing)) };
}

/** A question of which the test says how far it is, after how many milliseconds, and when it is answered. */
function begin(questions: LongQuestions, name: string, ended?: AbortSignal) {
  let under: Work = {};
  let answer = () => {};
  const asked = questions.ask(
    name,
    (work) => {
      under = work;
      return new Promise<string>((resolve, reject) => {
        answer = () => resolve("answer");
        work.signal?.addEventListener("abort", () => reject(work.signal?.reason));
      });
    },
    ended,
  );
  return {
    asked,
    progress(milliseconds: number, done: number) {
      vi.advanceTimersByTime(milliseconds);
      under.progress?.(done);
    },
    answer() {
      answer();
      return asked;
    },
  };
}

test("of a question that is answered soon nothing is told", async () => {
  const { told, questions } = collect();
  const question = begin(questions, "demo");
  question.progress(100, 0.2);
  question.progress(300, 0.9);
  expect(await question.answer()).toBe("answer");
  expect(told).toEqual([]);
});

test("of a long one it is told how far it is, and when it is done", async () => {
  const { told, questions } = collect();
  const question = begin(questions, "demo");
  question.progress(100, 0.1);
  question.progress(500, 0.6);
  question.progress(100, 0.7);
  await question.answer();
  expect(told).toEqual([
    { file: "demo", done: 0.6 },
    { file: "demo", done: 0.7 },
    { file: null, done: 1 },
  ]);
});

test("of several at once one is told of, and another when that is done", async () => {
  const { told, questions } = collect();
  const first = begin(questions, "first");
  const second = begin(questions, "second");
  first.progress(600, 0.5);
  second.progress(100, 0.1);
  await first.answer();
  second.progress(100, 0.2);
  await second.answer();
  expect(told).toEqual([
    { file: "first", done: 0.5 },
    { file: null, done: 1 },
    { file: "second", done: 0.2 },
    { file: null, done: 1 },
  ]);
});

test("all can be stopped, which they answer with a sentence; later ones are not", async () => {
  const { told, questions } = collect();
  const first = begin(questions, "first");
  const second = begin(questions, "second");
  first.progress(600, 0.5);
  questions.stop();
  await expect(first.asked).rejects.toThrow(TargetError);
  await expect(second.asked).rejects.toThrow("Reading source lines was stopped. Refresh to try again.");
  expect(told.at(-1)).toEqual({ file: null, done: 1 });
  expect(await begin(questions, "third").answer()).toBe("answer");
});

test("one can be ended by who asked it", async () => {
  const { questions } = collect();
  const controller = new AbortController();
  const question = begin(questions, "demo", controller.signal);
  const other = begin(questions, "other");
  controller.abort(new Error("no longer wanted"));
  await expect(question.asked).rejects.toThrow("no longer wanted");
  expect(await other.answer()).toBe("answer");
});
