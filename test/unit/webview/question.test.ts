import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Question } from "../../../src/webview/data/question.ts";

/** A question whose answers are given by hand. */
function asked() {
  const open: { question: number; answer: (text: string) => void; refuse: (error: unknown) => void }[] = [];
  const heard: string[] = [];
  const question = new Question<number, string>(
    (number) => new Promise((answer, refuse) => open.push({ question: number, answer, refuse })),
    (answer) => heard.push(answer),
    (message) => heard.push(`failed: ${message}`),
  );
  return { open, heard, question };
}

test("while an answer is awaited only the newest further question is asked", async () => {
  const { open, heard, question } = asked();
  for (const number of [1, 2, 3, 4]) question.ask(number);
  expect(open.map((each) => each.question)).toEqual([1]);
  open[0]?.answer("one");
  await turn();
  expect(open.map((each) => each.question)).toEqual([1, 4]);
  open[1]?.answer("four");
  await turn();
  expect(heard).toEqual(["one", "four"]);
});

test("answers to what is forgotten are dropped, and new questions do not wait for them", async () => {
  const { open, heard, question } = asked();
  question.ask(1);
  question.forget();
  question.ask(2);
  open[1]?.answer("two");
  open[0]?.answer("one");
  await turn();
  question.ask(3);
  open[2]?.answer("three");
  await turn();
  expect(heard).toEqual(["two", "three"]);
});

test("a failure is told in its words, and the next question is asked all the same", async () => {
  const { open, heard, question } = asked();
  question.ask(1);
  question.ask(2);
  open[0]?.refuse({ message: "The process has ended." });
  await turn();
  open[1]?.refuse(undefined);
  await turn();
  expect(heard).toEqual(["failed: The process has ended.", "failed: The memory server gave no answer."]);
});
