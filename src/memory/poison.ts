/** What allocators, compilers and debuggers write into memory that is not initialised, or freed. */
import type { Address } from "./address.ts";
import type { Look } from "./look.ts";

/** The pattern that the value is, or lies less than a page above; `null` where it is none. */
export function poisonIn(value: Address): Extract<Look, { what: "poison" }> | null {
  for (const [pattern, meaning] of PATTERNS) {
    const offset = value - pattern;
    if (offset >= 0n && offset < REACH) {
      return { what: "poison", pattern: `0x${pattern.toString(16)}`, meaning, offset: Number(offset) };
    }
  }
  const byte = value & 0xffn;
  if (value !== byte * BYTES || byte === 0n || byte === 0xffn || (byte >= 0x20n && byte <= 0x7en)) return null;
  return { what: "poison", pattern: `0x${value.toString(16)}`, meaning: FILLED, offset: 0 };
}

/** glibc's malloc gives memory filled with the complement of MALLOC_PERTURB_, and fills it with that when it is freed. */
const FILLED = "one byte again and again, as memset and glibc's MALLOC_PERTURB_ leave it";

const REACH = 4096n;
const BYTES = 0x0101_0101_0101_0101n;

/**
 * Words of 32 bits, which stand alone or twice in a pointer. Sources: Microsoft's C run-time library and Windows's heap
 * (also as Wine has it), Go's -clobberfree and -clobberdead (runtime/mgcsweep.go, cmd/compile).
 */
const WORDS: readonly (readonly [word: bigint, meaning: string])[] = [
  [0xdead_beefn, "which many programs, and Go for freed memory, write where nothing shall be read"],
  [0xdead_deadn, "which Go writes over dead variables"],
  [0xbaad_f00dn, "which Windows's and Wine's heap leaves in memory that is not initialised"],
  [0xfeee_feeen, "which Windows's and Wine's heap leaves in freed memory"],
  [0xdead_c0den, "which programs write where nothing shall be read"],
];

/**
 * Bytes that fill memory. Sources: Visual C++ (/RTC, debug_heap.cpp), jemalloc (opt.junk), AddressSanitizer
 * (malloc_fill_byte, free_fill_byte), mimalloc (types.h), gperftools and PartitionAlloc, Clang's and GCC's
 * -ftrivial-auto-var-init=pattern, Zig's undefined.
 */
const FILLS: readonly (readonly [byte: bigint, meaning: string])[] = [
  [0xccn, "which Visual C++ leaves in variables that are not initialised; it is the breakpoint instruction, too"],
  [0xcdn, "which Visual C++ leaves in new memory; gperftools and Chromium leave it in freed memory"],
  [0xddn, "which Visual C++ leaves in freed memory"],
  [0xfdn, "which Visual C++ puts before and behind blocks of memory"],
  [0xabn, "which gperftools and Chromium leave in new memory, and Windows's heap behind blocks"],
  [0xa5n, "which jemalloc leaves in new memory"],
  [0x5an, "which jemalloc leaves in freed memory"],
  [0xben, "which AddressSanitizer leaves in new memory"],
  [0x55n, "which AddressSanitizer leaves in freed memory"],
  [0xd0n, "which mimalloc leaves in new memory"],
  [0xdfn, "which mimalloc leaves in freed memory"],
  [0xaan, "which Zig, and Clang where it is asked to, leave in variables that are not initialised"],
  [0xfen, "which GCC, where it is asked to, leaves in variables that are not initialised"],
];

const PATTERNS: readonly (readonly [pattern: Address, meaning: string])[] = [
  ...WORDS.map(([word, meaning]) => [(word << 32n) | word, meaning] as const),
  ...FILLS.map(([byte, meaning]) => [byte * BYTES, meaning] as const),
  ...WORDS,
  ...FILLS.map(([byte, meaning]) => [byte * (BYTES & 0xffff_ffffn), meaning] as const),
];
