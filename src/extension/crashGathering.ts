/**
 * Asks an adapter for what its stop does not tell of a crash. Nothing is asked that calls functions of the debuggee, or
 * that would change what VS Code was told: lldb-dap's `scopes` would, since its references are always those of the frame
 * that was asked for last.
 */
import type { HexAddress } from "../memory/address.ts";
import type { CrashFacts } from "../protocol/crash.ts";
import {
  type CrashStop,
  crashSignal,
  frameOf,
  numberIn,
  readRegisterText,
  readSignalInfo,
  registersOf,
  type SignalInfo,
  totalOf,
} from "./crashFacts.ts";
import { type Fields, fieldsOf, numberOf, textOf } from "./dap.ts";

/** Sends a request; an answer without success is empty. */
export type AskAdapter = (command: string, args: Fields) => Promise<Fields>;

/** What is known of the session. */
export interface CrashedSession {
  readonly type: string;
  readonly configuration: Fields;
}

/** Frames that VS Code was told, from the innermost on. */
export interface ToldFrames {
  readonly frames: readonly Fields[];
  readonly total: number | null;
  /** There are no others. */
  readonly isWhole: boolean;
}

/** `null` where it turns out to be no crash. */
export async function gatherFacts(
  session: CrashedSession,
  stop: CrashStop,
  told: ToldFrames,
  ask: AskAdapter,
): Promise<CrashFacts | null> {
  const { frames, total, isWhole } = await completeFrames(stop.threadId, told, ask);
  const frameId = numberOf(frames[0]?.id);
  const { registers, thread, ...answer } = LLDB.has(session.type)
    ? await askLldb(session, stop, frameId, ask)
    : await askGdb(session, stop, frameId, ask);
  const info = isOfStop(answer.info, stop) ? answer.info : UNTOLD;
  const signal = info.signal === null ? stop.signal : crashSignal(info.signal);
  // Words alone may be an exception of the language.
  if (signal === null || (info.signal === null && !stop.isNamed)) return null;
  return {
    signal,
    code: info.code,
    faultAddress: info.address,
    text: stop.text,
    thread,
    registers,
    frames: frames.map(frameOf),
    totalFrames: totalOf(total, frames.length, isWhole),
  };
}

/** Where lldb has run an expression in the thread since it stopped, its siginfo is of that: it tells SIGTRAP. */
function isOfStop({ signal }: SignalInfo, stop: CrashStop): boolean {
  return signal === null || !stop.isNamed || crashSignal(signal) === stop.signal;
}

/** The frames that VS Code has not asked for yet, up to {@link FRAMES}. */
async function completeFrames(threadId: number, told: ToldFrames, ask: AskAdapter): Promise<ToldFrames> {
  if (told.isWhole || told.frames.length >= ENOUGH_FRAMES) return told;
  const startFrame = told.frames.length;
  const levels = FRAMES - startFrame;
  const answer = await ask("stackTrace", { threadId, startFrame, levels });
  return withFrames(told, { startFrame, levels }, answer);
}

/** What was told before, with another answer to `stackTrace`. */
export function withFrames(told: ToldFrames, asked: Fields, answer: Fields): ToldFrames {
  const start = numberOf(asked.startFrame) ?? 0;
  const levels = numberOf(asked.levels) ?? 0;
  const more = listOf(answer.stackFrames);
  if (start > told.frames.length) return told;
  const frames = [...told.frames.slice(0, start), ...more, ...told.frames.slice(start + more.length)];
  const total = numberOf(answer.totalFrames) ?? told.total;
  const isWhole = told.isWhole || (answer.stackFrames !== undefined && (levels === 0 || more.length < levels));
  return { frames, total, isWhole };
}

export const NO_FRAMES: ToldFrames = { frames: [], total: null, isWhole: false };

interface Told {
  readonly info: SignalInfo;
  readonly registers: Record<string, HexAddress> | null;
  readonly thread: number | null;
}

/** lldb-dap and CodeLLDB run lldb's commands. */
async function askLldb(
  session: CrashedSession,
  stop: CrashStop,
  frameId: number | null,
  ask: AskAdapter,
): Promise<Told> {
  const isCodeLldb = session.type === "lldb";
  const prefix = isCodeLldb ? "" : (textOf(session.configuration.commandEscapePrefix) ?? "`");
  const context = isCodeLldb ? "_command" : "repl";
  const run = async (command: string) => {
    const answer = await ask("evaluate", { expression: `${prefix}${command}`, ...inFrame(frameId), context });
    return textOf(answer.result) ?? "";
  };
  const { thread, ...info } = readSignalInfo(await run("thread siginfo"));
  // Of another thread it would be another story.
  const isOther = thread !== null && thread !== stop.threadId;
  return {
    info: isOther ? UNTOLD : info,
    registers: readRegisterText(await run("register read")),
    thread: stop.threadId,
  };
}

/** Adapters over gdb: its own, cdt-gdb-adapter, cppdbg. */
async function askGdb(
  session: CrashedSession,
  stop: CrashStop,
  frameId: number | null,
  ask: AskAdapter,
): Promise<Told> {
  const value = async (expression: string) => {
    const answer = await ask("evaluate", { expression, ...inFrame(frameId), context: "hover" });
    return numberIn(textOf(answer.result) ?? "");
  };
  const signal = signed(await value("$_siginfo.si_signo"));
  if (signal !== null && crashSignal(signal) === null && !stop.isNamed)
    return { info: { ...UNTOLD, signal }, registers: null, thread: null };
  const info = {
    signal,
    code: signed(await value("$_siginfo.si_code")),
    address: await value("$_siginfo._sifields._sigfault.si_addr"),
  };
  // gdb's own numbers of threads are not the kernel's; cppdbg passes those on.
  const thread = session.type === "cppdbg" ? stop.threadId : null;
  return { info, registers: frameId === null ? null : await askRegisters(frameId, ask), thread };
}

async function askRegisters(frameId: number, ask: AskAdapter): Promise<Record<string, HexAddress> | null> {
  const { scopes } = await ask("scopes", { frameId });
  const scope = listOf(scopes).find(
    ({ name, presentationHint }) => presentationHint === "registers" || /^registers$/i.test(textOf(name) ?? ""),
  );
  const variables = async ({ variablesReference }: Fields) =>
    listOf((await ask("variables", { variablesReference, format: { hex: true } })).variables);
  if (!scope) return null;
  const listed = await variables(scope);
  const group = listed.find(({ name }) => /^(?:cpu|general)\b/i.test(textOf(name) ?? ""));
  return registersOf(group && (numberOf(group.variablesReference) ?? 0) > 0 ? await variables(group) : listed);
}

function inFrame(frameId: number | null): Fields {
  return frameId === null ? {} : { frameId };
}

function signed(value: HexAddress | null): number | null {
  return value === null ? null : Number(BigInt.asIntN(64, BigInt(value)));
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

const UNTOLD: SignalInfo = { signal: null, code: null, address: null };

/** Debug types of adapters over lldb: lldb-dap, under its old name too, and CodeLLDB. */
const LLDB = new Set(["lldb-dap", "lldb-vscode", "lldb"]);

/** Functions that call each other show among so many; VS Code asks for as many itself. */
const ENOUGH_FRAMES = 20;
const FRAMES = 50;
