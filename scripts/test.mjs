// npm test: proves that everything works, and ends with one line, "N passed, N failed".
//   npm test                                  all
//   npm test -- lint | unit | vscode [FILTER] a part; FILTER is part of a file's name, or -t and part of a test's name
//   npm run test:electron                     the suite inside VS Code, in the desktop's VS Code instead of the server's
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { installBrowser } from "./browser.mjs";
import { buildExtension, compileDemo } from "./build.mjs";
import { alone } from "./lock.mjs";
import { BIN, CACHE, NODE, ROOT } from "./places.mjs";
import { cleanlyExit } from "./processes.mjs";
import { StepFailed, say, show, step } from "./progress.mjs";
import { FOR_DEMO, FOR_TESTS, setUp, XVFB } from "./setup.mjs";
import { installServer } from "./vscodeServer.mjs";

const PARTS = ["lint", "unit", "vscode", "electron"];

/** @typedef {{ file: string, what: string }} Failure `file` is empty where it is none of a file's */

/** @typedef {{ passed: number, skipped: number, failures: Failure[] }} Outcome */

await cleanlyExit(async () => {
  const [part = "all", ...filter] = process.argv.slice(2);
  if (part !== "all" && !PARTS.includes(part))
    throw new StepFailed(`A part of the tests is one of ${PARTS.join(", ")}.`);
  const electron = part === "electron";
  const wants = (/** @type {string} */ name) => part === "all" || part === name;

  await setUp([...FOR_DEMO, ...FOR_TESTS, ...(electron ? [XVFB] : [])]);
  if (wants("vscode")) await alone(installServer);
  if (wants("vscode") || wants("unit")) await alone(installBrowser);

  /** @type {Outcome[]} */
  const outcomes = [];
  if (wants("lint")) {
    outcomes.push(await check("Type check", "tsc", ["-p", "."]));
    outcomes.push(await check("Format, lint and import rules", "biome", ["ci", "--colors=off", "."]));
  }
  if (wants("unit")) outcomes.push(await suite("Unit tests", "vitest.config.mts", filter));
  if (wants("vscode") || electron) {
    await compileDemo();
    const notBuilt = await buildExtension("--tests").then(() => null, failed);
    outcomes.push(notBuilt ?? (await insideVSCode(electron, filter)));
  }

  const failures = outcomes.flatMap((outcome) => outcome.failures);
  for (const { what } of failures) say(`✗ ${what}`);
  const total = (/** @type {"passed" | "skipped"} */ field) => outcomes.reduce((sum, each) => sum + each[field], 0);
  if (total("skipped") > 0) say(`${total("skipped")} skipped`);
  say(`${total("passed")} passed, ${failures.length} failed`);
  return failures.length === 0 && total("passed") > 0 ? 0 : 1;
});

/**
 * A check that counts as one test.
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<Outcome>}
 */
function check(title, program, args) {
  return step(title, async () => {
    if ((await show(join(BIN, program), args, { cwd: ROOT })) !== 0) throw new StepFailed(`${title} failed.`);
    return { passed: 1, skipped: 0, failures: [] };
  }).catch(failed);
}

/**
 * @param {unknown} error
 * @returns {Outcome}
 */
function failed(error) {
  const what = error instanceof Error ? error.message : String(error);
  return { passed: 0, skipped: 0, failures: [{ file: "", what }] };
}

/**
 * @param {boolean} electron
 * @param {string[]} filter
 */
function insideVSCode(electron, filter) {
  if (!electron) return suite("The suite inside VS Code", "test/vscode/vitest.config.mts", filter);
  process.env.PROCESS_MEMORY_WINDOW = "electron";
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const launcher = display ? [] : ["xvfb-run", "-a"];
  return suite("The suite inside the desktop's VS Code", "test/vscode/vitest.config.mts", filter, launcher);
}

/**
 * Runs a suite. Its tests wait for real processes and windows, and on a busy machine one of thousands may get lost: where all
 * are run, the few files of which something failed are run once more, and what passes only then is told.
 * @param {string} title
 * @param {string} config
 * @param {string[]} filter
 * @param {string[]} launcher a command before the command
 * @returns {Promise<Outcome>}
 */
async function suite(title, config, filter, launcher = []) {
  const first = await vitest(title, config, filter, launcher);
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (filter.length > 0 || files.length === 0 || files.length > 3 || files.includes("")) return first;
  const again = await vitest(`${title}, what failed once more`, config, files, launcher);
  for (const { what } of first.failures) say(`! failed at first: ${what}`);
  return { ...first, passed: first.passed + first.failures.length - again.failures.length, failures: again.failures };
}

/**
 * @param {string} title
 * @param {string} config
 * @param {string[]} filter
 * @param {string[]} launcher a command before the command
 * @returns {Promise<Outcome>}
 */
async function vitest(title, config, filter, launcher = []) {
  const report = join(CACHE, "reports", `${config.replaceAll("/", "-")}.json`);
  mkdirSync(join(CACHE, "reports"), { recursive: true });
  rmSync(report, { force: true });
  say(`• ${title} …`);
  const [command = NODE, ...args] = [
    ...launcher,
    ...[NODE, join(BIN, "vitest"), "run", "--config", config, "--reporter=default", "--reporter=json"],
    ...[`--outputFile.json=${report}`, ...filter],
  ];
  const code = await show(command, args, { cwd: ROOT });
  return outcomeOf(report, code);
}

/**
 * What vitest reports. What failed outside of any test – a file that cannot be loaded, a hook, a crash – counts as one
 * failed test.
 * @param {string} report
 * @param {number} code vitest's exit code
 * @returns {Outcome}
 */
function outcomeOf(report, code) {
  /** @type {Outcome} */
  const outcome = { passed: 0, skipped: 0, failures: [] };
  try {
    const { numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    outcome.passed = numPassedTests;
    outcome.skipped = numPendingTests + numTodoTests;
    for (const { name, status, message, assertionResults } of testResults) {
      const file = relative(ROOT, name);
      const failures = assertionResults.filter((/** @type {{ status: string }} */ test) => test.status === "failed");
      for (const { fullName, failureMessages } of failures)
        outcome.failures.push({ file, what: `${file}: ${fullName}\n${failureMessages.join("\n")}` });
      if (status === "failed" && failures.length === 0) outcome.failures.push({ file, what: `${file}: ${message}` });
    }
  } catch {
    outcome.failures.push({ file: "", what: `There is no report: vitest ended with ${code}.` });
  }
  if (code !== 0 && outcome.failures.length === 0) {
    const what = `${report}: an error outside of any test, told above; vitest ended with ${code}.`;
    outcome.failures.push({ file: "", what });
  }
  return outcome;
}
