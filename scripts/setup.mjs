// Installs what is missing and nothing else: the machine's programs with apt, the packages with npm.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { alone } from "./lock.mjs";
import { findProgram, headers, NODE, path, ROOT } from "./places.mjs";
import { run, StepFailed, say, step } from "./progress.mjs";

/**
 * A program of the machine: the names under which it may be found, and the Debian packages that have it, of which the
 * first that this distribution knows is installed. What is optional is left out where the distribution knows none. A name
 * may be a path too, for what is no program.
 * @typedef {{ what: string, names: string[], packages: string[], optional?: true }} Program
 */

const LLDB_VERSIONS = ["19", "20", "21", "22", "18"];

/** @type {Program[]} */
const COMPILERS = [
  { what: "a C compiler", names: ["cc"], packages: ["gcc"] },
  { what: "a C++ compiler", names: ["g++"], packages: ["g++"] },
  { what: "make", names: ["make"], packages: ["make"] },
  { what: "Python", names: ["python3"], packages: ["python3"] },
];

/** @type {Program[]} */
export const DEBUGGERS = [
  {
    what: "lldb-dap",
    names: ["lldb-dap", ...LLDB_VERSIONS.map((version) => `lldb-dap-${version}`)],
    packages: LLDB_VERSIONS.map((version) => `lldb-${version}`),
    optional: true,
  },
  { what: "gdb", names: ["gdb"], packages: ["gdb"] },
];

/** What `npm start` needs: a compiler (for the demo and for packages with a native part) and a debugger. */
export const FOR_DEMO = [...COMPILERS, ...DEBUGGERS];

/** @type {Program} */
export const CHROMIUM = {
  what: "Chromium",
  names: ["chromium", "google-chrome", "google-chrome-stable"],
  packages: ["chromium"],
  optional: true,
};

/**
 * What the tests of debug information compile with and compare with. They are left out where it is missing.
 * @type {Program[]}
 */
const SYMBOLIZERS = [
  { what: "Clang 19", names: ["clang++-19"], packages: ["clang-19"], optional: true },
  { what: "llvm-symbolizer 19", names: ["llvm-symbolizer-19"], packages: ["llvm-19"], optional: true },
  { what: "LLD 19", names: ["ld.lld-19"], packages: ["lld-19"], optional: true },
  { what: "elfutils", names: ["eu-addr2line"], packages: ["elfutils"], optional: true },
  { what: "dwz", names: ["dwz"], packages: ["dwz"], optional: true },
  { what: "32-bit libraries", names: ["/usr/lib32/libstdc++.so.6"], packages: ["g++-multilib"], optional: true },
  { what: "Rust", names: ["rustc"], packages: ["rustc"], optional: true },
  { what: "Go", names: ["go"], packages: ["golang-go"], optional: true },
  { what: "xz", names: ["xz"], packages: ["xz-utils"], optional: true },
];

/** What `npm test` needs beside that. */
export const FOR_TESTS = [CHROMIUM, ...SYMBOLIZERS];

/** @type {Program} */
export const XVFB = { what: "a display", names: ["xvfb-run"], packages: ["xvfb"] };

/**
 * Installs the programs and then the packages, where they are missing.
 * @param {Program[]} programs
 */
export async function setUp(programs) {
  if (process.platform !== "linux") throw new StepFailed("Process Memory looks at Linux processes: run this on Linux.");
  await alone(async () => {
    await installPrograms(programs);
    await installPackages();
  });
  process.env.PATH = path();
}

/** @param {Program[]} programs */
async function installPrograms(programs) {
  const missing = programs.filter(({ names }) => findProgram(names) === null);
  if (missing.length === 0) return;
  const list = missing.map(({ what }) => what).join(", ");
  if (findProgram(["apt-get"]) === null) throw new StepFailed(`Missing: ${list}. Install them and run this again.`);
  const root = process.getuid?.() === 0;
  const apt = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  if (root) await step("Updating apt's lists", () => run("apt-get", ["update"], apt));
  const packages = missing.flatMap(aptPackage);
  if (packages.length === 0) return;
  if (!root) {
    say(`Missing: ${list}. Please run this, and then the same command again:\n`);
    say(`  sudo apt-get update && sudo apt-get install -y ${packages.join(" ")}\n`);
    throw new StepFailed("Without these programs it cannot go on.");
  }
  await step(`Installing ${packages.join(", ")}`, () =>
    run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], apt),
  );
}

/**
 * The first of a program's packages that apt can install here.
 * @param {Program} program
 * @returns {string[]} one, or none for an optional program that there is not
 */
function aptPackage({ what, packages, optional }) {
  const known = packages.find((name) => {
    const { stdout } = spawnSync("apt-cache", ["policy", name], { encoding: "utf8" });
    return /Candidate: (?!\(none\))/.test(stdout ?? "");
  });
  if (known !== undefined) return [known];
  if (optional !== true) return packages.slice(0, 1);
  say(`• This distribution has no package for ${what}: going on without it.`);
  return [];
}

async function installPackages() {
  if (packagesAreInstalled()) return;
  // Packages with a native part are compiled: with the headers of the Node that runs this, where it has them.
  const nodedir = process.env.npm_config_nodedir ?? headers(process.execPath);
  const env = { ...process.env, ...(nodedir === null ? {} : { npm_config_nodedir: nodedir }) };
  await step("Installing the npm packages", () => run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: ROOT, env }));
  if (!packagesAreInstalled())
    throw new StepFailed("npm ci ended well, but packages of package-lock.json are missing.");
}

/**
 * npm writes down at the end of an installation what it has installed; package-lock.json says what should be. Optional
 * packages may be missing: they are for other systems.
 */
function packagesAreInstalled() {
  const done = lockedPackages(join(ROOT, "node_modules", ".package-lock.json"));
  const wanted = lockedPackages(join(ROOT, "package-lock.json"));
  if (done === null || wanted === null || !existsSync(NODE)) return false;
  return Object.entries(wanted).every(
    ([place, { version, optional }]) =>
      place === "" || (done[place] === undefined ? optional === true : done[place].version === version),
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version: string, optional?: boolean }> | null}
 */
function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : null;
}
