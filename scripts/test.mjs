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

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** What failed, and why, told once more at the end. @type {string[]} */
const failures = [];

await cleanlyExit(async () => {
  const [part = "all", ...filter] = process.argv.slice(2);
  if (part !== "all" && !PARTS.includes(part))
    throw new StepFailed(`A part of the tests is one of ${PARTS.join(", ")}.`);
  const electron = part === "electron";
  const wants = (/** @type {string} */ name) => part === "all" || part === name;

  await setUp([...FOR_DEMO, ...FOR_TESTS, ...(electron ? [XVFB] : [])]);
  if (wants("vscode")) await alone(installServer);
  if (wants("vscode") || wants("unit")) await alone(installBrowser);

  /** @type {Counts[]} */
  const counts = [];
  if (wants("lint")) {
    counts.push(await check("Type check", "tsc", ["-p", "."]));
    counts.push(await check("Format, lint and import rules", "biome", ["ci", "--colors=off", "."]));
  }
  if (wants("unit")) counts.push(await vitest("Unit tests", "vitest.config.mts", filter));
  if (wants("vscode") || electron) {
    await compileDemo();
    const built = await buildExtension("--tests").then(() => true, report);
    if (built) counts.push(await insideVSCode(electron, filter));
    else counts.push({ passed: 0, failed: 1, skipped: 0 });
  }

  for (const failure of failures) say(`✗ ${failure}`);
  const total = (/** @type {keyof Counts} */ field) => counts.reduce((sum, count) => sum + count[field], 0);
  if (total("skipped") > 0) say(`${total("skipped")} skipped`);
  say(`${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") === 0 && total("passed") > 0 ? 0 : 1;
});

/**
 * A check that counts as one test.
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<Counts>}
 */
async function check(title, program, args) {
  const passed = await step(title, async () => {
    if ((await show(join(BIN, program), args, { cwd: ROOT })) !== 0) throw new StepFailed(`${title} failed.`);
    return true;
  }).catch(report);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

/** @param {unknown} error */
function report(error) {
  failures.push(error instanceof Error ? error.message : String(error));
  return false;
}

/**
 * @param {boolean} electron
 * @param {string[]} filter
 */
function insideVSCode(electron, filter) {
  if (!electron) return vitest("The suite inside VS Code", "test/vscode/vitest.config.mts", filter);
  process.env.PROCESS_MEMORY_WINDOW = "electron";
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const launcher = display ? [] : ["xvfb-run", "-a"];
  return vitest("The suite inside the desktop's VS Code", "test/vscode/vitest.config.mts", filter, launcher);
}

/**
 * @param {string} title
 * @param {string} config
 * @param {string[]} filter
 * @param {string[]} launcher a command before the command
 * @returns {Promise<Counts>}
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
  return counted(report, code);
}

/**
 * The counts of vitest's report. What failed outside of any test – a file that cannot be loaded, a hook, a crash –
 * counts as one failed test.
 * @param {string} report
 * @param {number} code vitest's exit code
 * @returns {Counts}
 */
function counted(report, code) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    counts.passed = numPassedTests;
    counts.skipped = numPendingTests + numTodoTests;
    const brokenFiles = testResults.filter(
      (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
        file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
    );
    counts.failed = numFailedTests + brokenFiles.length;
    for (const { name, message } of brokenFiles) failures.push(`${relative(ROOT, name)}: ${message}`);
    for (const { name, assertionResults } of testResults)
      for (const { status, fullName, failureMessages } of assertionResults)
        if (status === "failed") failures.push(`${relative(ROOT, name)}: ${fullName}\n${failureMessages.join("\n")}`);
  } catch {
    failures.push(`There is no report: vitest ended with ${code}.`);
  }
  if (code !== 0 && counts.failed === 0) {
    counts.failed = 1;
    failures.push(`${report}: an error outside of any test, told above; vitest ended with ${code}.`);
  }
  return counts;
}
