/** Runs the programs of test/fixtures/crashes in a debugger up to their crash. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import type { CrashFacts, CrashSignal } from "../../../src/protocol/crash.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/crashes");

/** What differs between debuggers. */
interface Dialect {
  readonly command: readonly string[];
  readonly setUp: readonly string[];
  readonly run: (argument: string) => string[];
  readonly resume: string;
  readonly facts: string;
  readonly end: string;
}

const DIALECTS = {
  gdb: {
    command: ["gdb", "-nx", "-q", "-iex", "set debuginfod enabled off"],
    setUp: ["set confirm off", "set pagination off", "set width 0", `source ${FIXTURES}/gdb_facts.py`],
    run: (argument) => [`run ${argument}`],
    resume: "continue",
    facts: "python facts()",
    end: "kill",
  },
  lldb: {
    command: ["lldb-19", "--no-lldbinit", "--no-use-colors"],
    // It would give what is typed while the program runs to the program.
    setUp: [
      "settings set auto-confirm true",
      "script lldb.debugger.SetAsync(False)",
      `command script import ${FIXTURES}/lldb_facts.py`,
    ],
    run: (argument) => [`process launch -i /dev/null -- ${argument}`],
    resume: "process continue",
    facts: "script lldb_facts.facts()",
    end: "process kill",
  },
} as const satisfies Record<string, Dialect>;

export type DebuggerName = keyof typeof DIALECTS;

/** A debugger with one program, which it runs again and again. */
export class Debugger {
  readonly #child: ChildProcess;
  readonly #dialect: Dialect;
  #output = "";
  #wake: () => void = () => undefined;
  #marks = 0;

  constructor(name: DebuggerName, program: string) {
    this.#dialect = DIALECTS[name];
    const [command = "", ...options] = this.#dialect.command;
    this.#child = spawn(command, [...options, program], { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
  }

  setUp(): Promise<string> {
    return this.#do(this.#dialect.setUp);
  }

  /** Runs the program up to its own SIGTRAP. Answers its pid and which address it is going to use. */
  async run(argument: string): Promise<{ pid: number; address: bigint }> {
    const output = await this.#do(this.#dialect.run(argument));
    const facts = await this.#facts();
    // What the program has written may come after what the debugger says.
    const [, address = "0"] = /@address (0x[0-9a-f]+|\(nil\))/.exec(output + this.#output) ?? [];
    return { pid: facts.pid, address: address === "(nil)" ? 0n : BigInt(address) };
  }

  /** Lets it crash. */
  async crash(): Promise<CrashFacts> {
    await this.#do([this.#dialect.resume]);
    const { pid: _, ...facts } = await this.#facts();
    return facts;
  }

  async end(): Promise<void> {
    await this.#do([this.#dialect.end]);
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #facts(): Promise<CrashFacts & { pid: number }> {
    const output = await this.#do([this.#dialect.facts]);
    const [, json = ""] = /@facts (\{.*\})/.exec(output) ?? [];
    if (json === "") throw new Error(`The debugger tells nothing: ${output}`);
    const told = JSON.parse(json);
    const names = Object.entries(constants.signals);
    const signal = names.find(([, number]) => number === told.signal)?.[0] as CrashSignal;
    return { ...told, signal };
  }

  /** Gives the commands, and answers what the debugger and the program wrote until they were done. */
  async #do(commands: readonly string[]): Promise<string> {
    const mark = `@done ${++this.#marks}`;
    this.#output = "";
    const echo = this.#dialect.command[0] === "gdb" ? `echo \\n${mark}\\n` : `script print("\\n${mark}")`;
    this.#child.stdin?.write(`${[...commands, echo].join("\n")}\n`);
    for (let waits = 0; !this.#output.includes(`\n${mark}\n`); waits++) {
      if (this.#child.exitCode !== null || waits > MOST_WAITS)
        throw new Error(`The debugger stays away: ${this.#output}`);
      const isWoken = await this.#waitForOutput();
      // What it has not written out yet comes with the next command.
      if (!isWoken) this.#child.stdin?.write(`${echo}\n`);
    }
    return this.#output;
  }

  /** Answers whether it came, or it has been silent for a while. */
  #waitForOutput(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), SILENCE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

/** Milliseconds. */
const SILENCE = 5000;
const MOST_WAITS = 1000;
