/** Damaged files are answered in part or not at all, without an exception, a hang, a crash or too much memory. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Asker, failureOf, fuzz } from "../../fuzz/fuzz.ts";
import { seeds } from "../../fuzz/seeds.ts";

const FAILURES = join(import.meta.dirname, "../../fuzz/failures");
const SECONDS = 30;

/** The same damage each time, and another. `npm run fuzz` does it for longer. */
test.each([1, Date.now() % 1_000_000])(
  "files that are damaged by the seed %i are survived",
  async (seed) => {
    const { files, answers, failures } = await fuzz(seeds(), seed, SECONDS * 1000, FAILURES);
    expect(failures).toEqual([]);
    expect(files).toBeGreaterThan(20);
    expect(answers).toBeGreaterThan(files);
  },
  (SECONDS + 120) * 1000,
);

test("files that once failed are survived", async () => {
  const folder = mkdtempSync(join(tmpdir(), "failures-"));
  const asker = new Asker();
  try {
    for (const name of existsSync(FAILURES) ? readdirSync(FAILURES) : []) {
      for (const file of readdirSync(folder)) rmSync(join(folder, file));
      for (const file of readdirSync(join(FAILURES, name))) {
        writeFileSync(join(folder, file.replace(/\.gz$/, "")), gunzipSync(readFileSync(join(FAILURES, name, file))));
      }
      expect(failureOf(await asker.ask(join(folder, "program")), folder), name).toBeNull();
    }
  } finally {
    asker.end();
    rmSync(folder, { recursive: true });
  }
}, 300_000);
