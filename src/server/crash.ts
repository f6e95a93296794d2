/** The report of a crash: gathers what the target tells beside the adapter, and puts it in words. */
import { type Address, parseAddress, toHex } from "../memory/address.ts";
import { EXECUTE } from "../memory/addressSpace.ts";
import { accessOf, type CrashEvidence, faultOf, verdictOfCrash } from "../memory/crash.ts";
import { crashSentence, crashTitle, nextSteps } from "../memory/crashWords.ts";
import {
  decodeInstruction,
  type Instruction,
  processorOf,
  type Registers,
  registersOf,
} from "../memory/instruction.ts";
import { toExplanationMessage } from "../memory/messages.ts";
import type { Module } from "../memory/module.ts";
import { runAddress } from "../memory/modules.ts";
import { placeLabel } from "../memory/names.ts";
import { signalInText } from "../memory/stopText.ts";
import type { TargetMemory } from "../memory/target.ts";
import { wordSizeOf } from "../memory/telescope.ts";
import { takeApart } from "../memory/virtualAddress.ts";
import type { CrashFacts, CrashLink, CrashReport } from "../protocol/crash.ts";
import { explanationOf } from "./explanations.ts";
import type { LiveTarget } from "./liveTarget.ts";
import { countFrames } from "./stackFrames.ts";

/** Throws a TargetError where the target's regions cannot be read. */
export async function crashReport(target: LiveTarget, facts: CrashFacts): Promise<CrashReport> {
  const evidence = await evidenceOf(target, facts);
  const { pc, stackPointer, registers, instruction, signal, thread } = evidence;
  const { paging } = target.memory;
  const fault = faultOf(evidence, (address) => paging === null || takeApart(address, paging).canonical);
  const explanation = fault.address === null ? null : await explanationOf(target, fault.address);
  const verdict = verdictOfCrash(evidence, fault, explanation, target.revision.space);
  const access = accessOf(evidence, fault, explanation);
  const address = fault.address === null ? null : toHex(fault.address);
  const words = { signal, verdict, access, address };
  const frame = ownFrame(target, facts.frames);
  const makers = (fault.operand?.registers ?? []).flatMap((name) => {
    const value = registers.get(name);
    return value === undefined ? [] : [{ name, value }];
  });
  const links = [
    { name: "fault address", address: fault.address },
    ...makers.map(({ name, value }) => ({ name, address: value })),
    { name: "program counter", address: pc },
    { name: "stack pointer", address: stackPointer },
  ];
  return {
    signal,
    title: crashTitle(words),
    sentence: crashSentence(words),
    verdict,
    address,
    addressBy: fault.by,
    access,
    explanation: explanation && toExplanationMessage(explanation),
    instruction:
      pc === null ? null : { address: toHex(pc), bytes: instruction && bytesInWords(target, pc, instruction) },
    thread,
    frame,
    links: (await Promise.all(links.map((link) => linkTo(target, link)))).filter((link) => link !== null),
    next: nextSteps(words, (frame === null ? null : facts.frames[frame]?.source) ?? null, makers),
  };
}

/** The innermost that has a line: of the program's own code rather than of a library of the system. */
function ownFrame({ revision: { space } }: LiveTarget, frames: CrashFacts["frames"]): number | null {
  const isOwn = ({ pc, source }: CrashFacts["frames"][number]) => {
    const path = space.path(space.indexOf(addressOf(pc) ?? 0n));
    return source !== null && !OF_THE_SYSTEM.test(source.file) && !(path !== null && OF_THE_SYSTEM.test(path));
  };
  const own = frames.findIndex(isOwn);
  const first = own < 0 ? frames.findIndex(({ source }) => source !== null) : own;
  return first < 0 ? null : first;
}

async function evidenceOf(target: LiveTarget, facts: CrashFacts): Promise<CrashEvidence> {
  const { signal, frames, totalFrames } = facts;
  const inText = signalInText(facts.text ?? "");
  const [frame] = frames;
  const told = registersOf(facts.registers);
  const counter = told.get("rip") ?? told.get("pc") ?? null;
  const atFrame = addressOf(frame?.pc ?? null);
  // Registers of another frame would make addresses that were never used.
  const registers: Registers = counter !== null && atFrame !== null && counter !== atFrame ? new Map() : told;
  const pc = atFrame ?? counter;
  const toldPointer = told.get("rsp") ?? told.get("sp") ?? null;
  const thread = facts.thread ?? (toldPointer === null ? null : await threadAt(target, toldPointer));
  const stackPointer =
    registers.get("rsp") ?? registers.get("sp") ?? (thread === null ? null : target.memory.readStackPointer(thread));
  const isAtCode = pc !== null && isExecutable(target, pc);
  const instruction = isAtCode ? instructionAt(target, pc, registers) : null;
  return {
    ...{ signal, code: facts.code ?? inText.code, told: addressOf(facts.faultAddress) ?? inText.address },
    ...{ pc, isAtCode, stackPointer, registers, instruction },
    target: instruction && jumpTarget(target.memory, instruction),
    divisor: instruction && divisorOf(target.memory, instruction),
    ...{ pid: target.info.pid, thread, isMainThread: thread === target.info.pid, frames, totalFrames },
    countedFrames: signal === "SIGSEGV" ? countedFrames(target.memory, registers, frames) : null,
    abortMessage: signal === "SIGABRT" ? await abortMessage(target) : null,
  };
}

/** The thread whose stack pointer it is: gdb's adapters tell numbers of their own. `null` where none tells. */
async function threadAt(target: LiveTarget, stackPointer: Address): Promise<number | null> {
  const threads = await target.threads();
  return threads.find(({ tid }) => target.memory.readStackPointer(tid) === stackPointer)?.tid ?? null;
}

function isExecutable({ revision: { space } }: LiveTarget, pc: Address): boolean {
  const index = space.indexOf(pc);
  return index >= 0 && ((space.columns.permissions[index] as number) & EXECUTE) !== 0;
}

/** `null` where the instruction is not known. */
function instructionAt(target: LiveTarget, pc: Address, registers: Registers): Instruction | null {
  const own = wordSizeOf(target.revision.space) === 8 ? PROCESSORS[process.arch] : null;
  const processor = processorOf(registers) ?? own ?? null;
  return processor && decodeInstruction(processor, bytesAt(target.memory, pc, LONGEST_INSTRUCTION), pc, registers);
}

function jumpTarget(memory: TargetMemory, { target, operands }: Instruction): Address | null {
  if (target !== "operand") return target;
  const [operand] = operands;
  return operand?.address ? wordAt(memory, operand.address) : null;
}

function divisorOf(memory: TargetMemory, { division, operands }: Instruction): bigint | null {
  const [operand] = operands;
  if (!division || division.divisor !== null || !operand?.address) return division?.divisor ?? null;
  const bytes = bytesAt(memory, operand.address, operand.size);
  if (bytes.length < operand.size) return null;
  const value = bytes.reduceRight((rest, byte) => (rest << 8n) | BigInt(byte), 0n);
  return division.isSigned ? BigInt.asIntN(operand.size * 8, value) : value;
}

function countedFrames(memory: TargetMemory, registers: Registers, frames: CrashFacts["frames"]): number | null {
  try {
    return countFrames(memory, registers, frames);
  } catch {
    // Its memory may not be read: the rest of the report stands.
    return null;
  }
}

/**
 * What glibc keeps of why it ends the program, for debuggers to read: `__abort_msg` points to a size and the text.
 * @see glibc include/stdlib.h, struct abort_msg_s
 */
async function abortMessage(target: LiveTarget): Promise<string | null> {
  const libraries = target.revision.space.modules.filter(({ name, isProgram }) => isProgram || /^libc[.-]/.test(name));
  for (const module of libraries) {
    const place = await symbolNamed(target, module, "__abort_msg");
    const message = place === null ? null : wordAt(target.memory, place);
    if (!message || target.revision.space.indexOf(message) < 0) continue;
    const bytes = bytesAt(target.memory, message + 4n, LONGEST_MESSAGE);
    const end = bytes.indexOf(0);
    const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
    if (text) return text;
  }
  return null;
}

async function symbolNamed(target: LiveTarget, module: Module, name: string): Promise<Address | null> {
  const [symbol] =
    (await target
      .elf(module)
      ?.symbolsNamed(name)
      .catch(() => [])) ?? [];
  return symbol ? runAddress(module, symbol.address) : null;
}

async function linkTo(
  target: LiveTarget,
  { name, address }: { name: string; address: Address | null },
): Promise<CrashLink | null> {
  if (address === null) return null;
  const explanation = await explanationOf(target, address);
  const isFreed = explanation.verdict.what === "mapped" && explanation.verdict.isFreed;
  return { name, address: toHex(address), place: `${placeLabel(explanation)}${isFreed ? ", in a freed block" : ""}` };
}

function bytesInWords(target: LiveTarget, pc: Address, { length }: Instruction): string {
  return Array.from(bytesAt(target.memory, pc, length), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function wordAt(memory: TargetMemory, address: Address): Address | null {
  const bytes = bytesAt(memory, address, 8);
  return bytes.length < 8 ? null : new DataView(bytes.buffer).getBigUint64(0, true);
}

/** As many as can be read. */
function bytesAt(memory: TargetMemory, address: Address, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  try {
    return bytes.subarray(0, memory.readMemory(address, bytes));
  } catch {
    // It may not be read, or has ended: the rest of the report stands.
    return bytes.subarray(0, 0);
  }
}

function addressOf(text: string | null): Address | null {
  return text === null ? null : (parseAddress(text) ?? null);
}

/** By Node's names of them: the target runs here. */
const PROCESSORS: Partial<Record<NodeJS.Architecture, "x86-64" | "aarch64">> = { x64: "x86-64", arm64: "aarch64" };
/** Libraries, headers and sources that distributions install, and Rust's own. */
const OF_THE_SYSTEM = /^(?:\/usr\/|\/lib|\/rustc\/)|\/rustlib\/src\//;
const LONGEST_INSTRUCTION = 15;
const LONGEST_MESSAGE = 1024;
