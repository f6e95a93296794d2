import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { Address } from "../../../src/memory/address.ts";
import { decodeInstruction, processorOf, type Registers, registersOf } from "../../../src/memory/instruction.ts";

const NAMES = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
/** Each register has bits of its own, so that no two addresses are alike. */
const REGISTERS: Registers = new Map([
  ...NAMES.map((name, i): [string, bigint] => [name, (BigInt(i) + 1n) << 40n]),
  ["fs_base", 0x77n << 48n],
  ["gs_base", 0x99n << 48n],
  ["rip", 0n],
]);

interface Line {
  readonly pc: Address;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** What objdump says of a file's code, at most so many instructions. */
function disassembled(file: string, from: string, to: string): Line[] {
  const text = execFileSync(
    "objdump",
    ["-d", "-w", "--no-show-raw-insn", "-z", `--start-address=${from}`, `--stop-address=${to}`, file],
    { encoding: "utf8", maxBuffer: 2 ** 30 },
  );
  const raw = execFileSync("objdump", ["-d", "-w", "-z", `--start-address=${from}`, `--stop-address=${to}`, file], {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const bytes = new Map<string, Uint8Array>();
  for (const [, pc = "", hex = ""] of raw.matchAll(/^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+)/gm)) {
    bytes.set(
      pc,
      Uint8Array.from(hex.trim().split(" "), (byte) => Number.parseInt(byte, 16)),
    );
  }
  return Array.from(text.matchAll(/^ *([0-9a-f]+):\t(.*)$/gm), ([, pc = "", words = ""]) => ({
    ...{ pc: BigInt(`0x${pc}`), bytes: bytes.get(pc) ?? new Uint8Array() },
    text: words,
  }));
}

const OPERAND = /(?:%([fg]s):)?(-?0x[0-9a-f]+)?\((%\w+)?(?:,(%\w+),(\d))?\)|%([fg]s):(0x[0-9a-f]+)/;

/** The address that objdump's text stands for; `null` where it has none. */
function addressIn(text: string, end: Address): Address | null {
  const parts = OPERAND.exec(text.replace(/#.*/, ""));
  if (!parts) return null;
  const [, segment, displacement = "0x0", base, index, scale = "1", alone, absolute] = parts;
  if (alone !== undefined) return BigInt.asUintN(64, registerValue(`%${alone}_base`) + BigInt(absolute ?? "0"));
  const offset = displacement.startsWith("-") ? -BigInt(displacement.slice(1)) : BigInt(displacement);
  const from = base === undefined ? 0n : base === "%rip" ? end : registerValue(base);
  const by = index === undefined ? 0n : registerValue(index) * BigInt(scale);
  const add = segment === undefined ? 0n : registerValue(`%${segment}_base`);
  return BigInt.asUintN(64, add + BigInt.asUintN(64, from + by + offset));
}

function registerValue(register: string): bigint {
  if (register === "%riz") return 0n;
  const value = REGISTERS.get(register.slice(1));
  if (value === undefined) throw new RangeError(`${register} is not expected.`);
  return value;
}

const READERS =
  /^(?:rep[nz]* |lock |data16 |notrack |bnd |cs |ds |es |ss |rex\S* )*(?:cmp(?!xchg)|test|bt[bwlq]? |bt |call|jmp|push|mul|imul|div|idiv|f(?!i?st|nst|nsave|xsave|nsave|bstp)|ldmxcsr|vldmxcsr|fxrstor|xrstor|lgdt|lidt|verr|verw|scas|ucomi|comi|ltr|lldt|lmsw|invlpg|clflush|cldemote|clwb|prefetch|nop|vmptrld|vmclear|umonitor|cmpxchg8b_)/;

/** Whether the operand in memory is the one that is written: AT&T's syntax has it last. */
function isWritten(text: string): boolean {
  const plain = text.replace(/#.*|<.*/g, "").trim();
  const isLast = /(?:\)|%[fg]s:0x[0-9a-f]+)(?:\{%k\d\})?(?:\{z\})?$/.test(plain);
  return isLast && !READERS.test(plain);
}

const LIBRARIES = [
  ["/lib/x86_64-linux-gnu/libc.so.6", "0x26000", "0x180000"],
  ["/lib/x86_64-linux-gnu/libm.so.6", "0x1000", "0xf0000"],
  ["/lib/x86_64-linux-gnu/libcrypto.so.3", "0x100000", "0x132000"],
] as const;

for (const [file, from, to] of LIBRARIES) {
  test.skipIf(process.arch !== "x64" || !existsSync(file))(
    `x86-64: lengths, addresses and accesses are objdump's, in all of ${file}`,
    { timeout: 120_000 },
    () => {
      const wrong: string[] = [];
      let [count, unknown, computed] = [0, 0, 0];
      for (const { pc, bytes, text } of disassembled(file, from, to)) {
        // Prefixes that stand alone, bytes between functions, and fwait before x87's stores.
        if (
          /\(bad\)|^fst[cs]w|^(?:data16|cs|ds|es|ss|fs|gs|rex\S*|lock|repz?|repnz) *$/.test(text) ||
          bytes.length === 0
        )
          continue;
        count++;
        const decoded = decodeInstruction("x86-64", bytes, pc, REGISTERS);
        if (!decoded) {
          unknown++;
          continue;
        }
        const say = (what: string) => wrong.push(`${pc.toString(16)} ${text}: ${what}`);
        if (decoded.length !== bytes.length) say(`has ${decoded.length} bytes`);
        if (
          /^(?:nop|prefetch|lea|xchg +%ax|data16|endbr|bnd|cs nop|fwait)|nop[wl] |\(%dx\)|[xyz]mm\d+,\d\)|\*?%?e[a-z]{2}[,)]\d?/.test(
            text,
          )
        )
          continue;
        const address = addressIn(text, pc + BigInt(bytes.length));
        const [operand] = decoded.operands;
        if (address === null || (/%[re]?[sd]i\)|%[de]s:/.test(text) && /movs|stos|lods|scas|cmps/.test(text))) continue;
        if (!operand) say("has no operand");
        else if (operand.address === null) unknown++;
        else {
          computed++;
          if (operand.address !== address) say(`is at ${operand.address.toString(16)}, not ${address.toString(16)}`);
          if ((operand.access === "write") !== isWritten(text)) say(operand.access);
        }
      }
      expect(wrong.slice(0, 40)).toEqual([]);
      expect(computed).toBeGreaterThan(5000);
      expect(unknown / count).toBeLessThan(0.01);
    },
  );
}

function x86(...bytes: number[]) {
  return decodeInstruction("x86-64", Uint8Array.from(bytes), 0x1000n, REGISTERS);
}

test("x86-64: the stack and strings are operands, too", () => {
  const rsp = REGISTERS.get("rsp") ?? 0n;
  expect(x86(0xe8, 0, 0, 0, 0)?.operands).toEqual([
    { address: rsp - 8n, access: "write", size: 8, registers: ["rsp"] },
  ]);
  expect(x86(0x55)?.operands).toMatchObject([{ address: rsp - 8n, access: "write" }]);
  expect(x86(0xc3)?.operands).toMatchObject([{ address: rsp, access: "read" }]);
  expect(x86(0xf3, 0xa4)?.operands).toMatchObject([
    { address: REGISTERS.get("rsi"), access: "read", size: 1 },
    { address: REGISTERS.get("rdi"), access: "write", size: 1 },
  ]);
  // call *(%rax)
  expect(x86(0xff, 0x10)?.operands).toMatchObject([
    { address: REGISTERS.get("rax"), access: "read" },
    { address: rsp - 8n, access: "write" },
  ]);
  expect(x86(0xff, 0x10)?.target).toBe("operand");
  expect(x86(0xc3)?.target).toBe("operand");
  expect(x86(0xff, 0xd1)?.target).toBe(REGISTERS.get("rcx"));
  expect(x86(0xe8, 0, 0, 0, 0)?.target).toBeNull();
});

test("x86-64: what is divided by, what has to be aligned, and what ends the program on purpose", () => {
  const registers = new Map([["rcx", 0xffff_ffffn]]);
  const divide = (...bytes: number[]) => decodeInstruction("x86-64", Uint8Array.from(bytes), 0n, registers)?.division;
  expect(divide(0xf7, 0xf9)).toMatchObject({ divisor: -1n });
  expect(divide(0xf7, 0xf1)).toMatchObject({ divisor: 0xffff_ffffn });
  expect(divide(0x48, 0xf7, 0xf9)).toMatchObject({ divisor: 0xffff_ffffn });
  expect(divide(0xf6, 0xfd)).toMatchObject({ divisor: -1n });
  expect(divide(0xf7, 0xfb)).toMatchObject({ divisor: null });
  expect(divide(0xf7, 0x39)).toMatchObject({ divisor: null });
  expect(divide(0x01, 0xc8)).toBeNull();
  // movaps, movups, vmovaps of 32 bytes, paddd and its form of MMX
  expect(x86(0x0f, 0x28, 0x00)?.alignment).toBe(16);
  expect(x86(0x0f, 0x10, 0x00)?.alignment).toBe(1);
  expect(x86(0xc5, 0xfc, 0x28, 0x00)?.alignment).toBe(32);
  expect(x86(0x66, 0x0f, 0xfe, 0x00)?.alignment).toBe(16);
  expect(x86(0x0f, 0xfe, 0x00)?.alignment).toBe(1);
  expect(x86(0x0f, 0x0b)?.isTrap).toBe(true);
  expect(x86(0x90)?.isTrap).toBe(false);
});

test("x86-64: what is cut off or no instruction is not known", () => {
  expect(x86()).toBeNull();
  expect(x86(0x8b)).toBeNull();
  expect(x86(0x8b, 0x80, 1, 2)).toBeNull();
  expect(x86(0x06)).toBeNull();
  expect(x86(0x62, 0x00, 0x00)).toBeNull();
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      const decoded = x86(first, second, 0x45, 0x84, 0x24, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa);
      if (decoded) expect(decoded.length).toBeLessThanOrEqual(15);
    }
  }
});

const ARM_REGISTERS: Registers = new Map([
  ...Array.from({ length: 31 }, (_, i): [string, bigint] => [`x${i}`, (BigInt(i) + 1n) << 32n]),
  ["sp", 0x7f00_0000_0000n],
  ["pc", 0x1000n],
]);
const x = (number: number) => ARM_REGISTERS.get(`x${number}`) ?? 0n;
const SP = 0x7f00_0000_0000n;

/** Assembled by llvm-mc: the words, and what they do. */
const ARM: readonly (readonly [text: string, word: number, Address | null, "read" | "write" | null, size: number])[] = [
  ["ldr x0, [x1]", 0xf9400020, x(1), "read", 8],
  ["ldr w0, [x1, #16]", 0xb9401020, x(1) + 16n, "read", 4],
  ["str x0, [sp, #-16]!", 0xf81f0fe0, SP - 16n, "write", 8],
  ["ldr x0, [x1], #8", 0xf8408420, x(1), "read", 8],
  ["ldrb w0, [x1, x2]", 0x38626820, x(1) + x(2), "read", 1],
  ["strh w0, [x1, w2, sxtw #1]", 0x7822d820, x(1), "write", 2],
  ["ldr q0, [x1, #32]", 0x3dc00820, x(1) + 32n, "read", 16],
  ["stp x29, x30, [sp, #-32]!", 0xa9be7bfd, SP - 32n, "write", 16],
  ["ldp x0, x1, [x2], #16", 0xa8c10440, x(2), "read", 16],
  ["ldp q0, q1, [x2, #64]", 0xad420440, x(2) + 64n, "read", 32],
  ["ldpsw x0, x1, [x2, #8]", 0x69410440, x(2) + 8n, "read", 8],
  ["ldr x0, #64", 0x58000200, 0x1040n, "read", 8],
  ["ldrsw x0, [x1, #4]", 0xb9800420, x(1) + 4n, "read", 4],
  ["ldur x0, [x1, #-3]", 0xf85fd020, x(1) - 3n, "read", 8],
  ["stur w0, [x1, #5]", 0xb8005020, x(1) + 5n, "write", 4],
  ["ldxr x0, [x1]", 0xc85f7c20, x(1), "read", 8],
  ["stxr w2, x0, [x1]", 0xc8027c20, x(1), "write", 8],
  ["ldar w0, [x1]", 0x88dffc20, x(1), "read", 4],
  ["stlr x0, [x1]", 0xc89ffc20, x(1), "write", 8],
  ["cas x0, x2, [x1]", 0xc8a07c22, x(1), "write", 8],
  ["casp x0, x1, x2, x3, [x4]", 0x48207c82, x(4), "write", 16],
  ["ldaxp x0, x1, [x4]", 0xc87f8480, x(4), "read", 16],
  ["ldadd w0, w1, [x2]", 0xb8200041, x(2), "write", 4],
  ["swp x0, x1, [x2]", 0xf8208041, x(2), "write", 8],
  ["ldapr x0, [x2]", 0xf8bfc040, x(2), "read", 8],
  ["ld1 {v0.16b}, [x1]", 0x4c407020, x(1), "read", 64],
  ["st1 {v0.16b, v1.16b}, [x1], #32", 0x4c9fa020, x(1), "write", 64],
  ["prfm pldl1keep, [x1]", 0xf9800020, null, null, 0],
  ["str d0, [x1, x2, lsl #3]", 0xfc227820, x(1) + (x(2) << 3n), "write", 8],
  ["strb wzr, [x5, #7]", 0x39001cbf, x(5) + 7n, "write", 1],
  ["add x0, x1, x2", 0x8b020020, null, null, 0],
  ["ret", 0xd65f03c0, null, null, 0],
  ["blr x3", 0xd63f0060, null, null, 0],
  ["udf #0", 0x00000000, null, null, 0],
];

test("AArch64: addresses and accesses of loads and stores", () => {
  for (const [text, word, address, access, size] of ARM) {
    const bytes = new Uint8Array(new Uint32Array([word]).buffer);
    const decoded = decodeInstruction("aarch64", bytes, 0x1000n, ARM_REGISTERS);
    const [operand] = decoded?.operands ?? [];
    expect([text, operand?.address ?? null, operand?.access ?? null, operand?.size ?? 0]).toEqual([
      text,
      address,
      access,
      size,
    ]);
  }
});

test("registers are known by the names of all adapters", () => {
  expect(registersOf({ RIP: "0x10", $rax: "0x20" })).toEqual(
    new Map([
      ["rip", 0x10n],
      ["rax", 0x20n],
    ]),
  );
  expect(registersOf({ fp: "0x1", lr: "0x2" }).get("x30")).toBe(2n);
  expect(processorOf(REGISTERS)).toBe("x86-64");
  expect(processorOf(ARM_REGISTERS)).toBe("aarch64");
  expect(processorOf(registersOf({ eip: "0x1" }))).toBeNull();
});
