/**
 * Damages files for as long as one likes: `npm run fuzz -- --minutes 10 --seed 1`. What fails is kept in test/fuzz/failures,
 * where it stays a test.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { seeds } from "./seeds.ts";

const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = Number(values.minutes ?? 1);
process.stdout.write(`Seed ${seed}, ${minutes} minutes.\n`);
const { files, answers, memory, failures } = await fuzz(
  seeds(),
  seed,
  minutes * 60_000,
  join(import.meta.dirname, "failures"),
);
process.stdout.write(`${files} files, ${answers} answers, ${memory >> 20} MiB at most, ${failures.length} failures.\n`);
for (const { name, what } of failures) process.stdout.write(`\n${name}: ${what}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
