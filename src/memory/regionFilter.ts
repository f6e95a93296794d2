import { parseAddress } from "./address.ts";
import { type AddressSpace, permissionLetters } from "./addressSpace.ts";
import { amountOf } from "./amounts.ts";
import { type Condition, type Filter, type NumberField, type Operator, PATTERN, type TextField } from "./filter.ts";
import { KIND_LABELS, KINDS } from "./kind.ts";
import { regionName } from "./names.ts";

/**
 * The indexes of the regions that a filter lets through, in address order. What has not been read of a region is neither
 * more nor less than a number, nor not so.
 * @param now milliseconds since the epoch: what ages count from
 */
export function filterRegions(space: AddressSpace, filter: Filter, now = Date.now()): Uint32Array {
  const all = Uint32Array.from({ length: space.length }, (_, index) => index);
  return filter.reduce((regions, { isNegated, alternatives }) => {
    const tests = alternatives.map((condition) => testOf(space, condition, now));
    return regions.filter((index) => {
      const holds = anyOf(tests, index);
      return isNegated ? holds === false : holds === true;
    });
  }, all);
}

/** Whether the answer for a region is another one a moment later. */
export function dependsOnTime(filter: Filter): boolean {
  return filter.some(({ alternatives }) => alternatives.some(({ field }) => field === "age"));
}

/** `null`: not known. */
type Test = (index: number) => boolean | null;

function anyOf(tests: readonly Test[], index: number): boolean | null {
  let answer: boolean | null = false;
  for (const test of tests) {
    const holds = test(index);
    if (holds === true) return true;
    if (holds === null) answer = null;
  }
  return answer;
}

function testOf(space: AddressSpace, condition: Condition, now: number): Test {
  switch (condition.field) {
    case "any":
      return wordTest(space, condition.text);
    case "address":
      return addressTest(space, condition);
    case "permissions":
      return permissionsTest(space, condition);
    case "kind":
    case "name":
    case "path":
    case "module":
    case "device":
    case "flags":
      return textTest(space, condition.field, condition);
    default: {
      const { field, operator, number } = condition;
      return (index) => compare(numberOf(space, index, field, now), operator, number);
    }
  }
}

/** The text stands, in any case, in name, path, permissions, kind or address range, or is an address in the region. */
function wordTest(space: AddressSpace, text: string): Test {
  const { kind, path, permissions, module, thread } = space.columns;
  // Of 60,000 regions few differ in these: each text is looked at once.
  const kinds = KINDS.map(
    (each) => each.toLowerCase().includes(text) || KIND_LABELS[each].toLowerCase().includes(text),
  );
  const letters = Array.from({ length: 16 }, (_, bits) => permissionLetters(bits).includes(text));
  const paths = space.paths.map((each) => each.toLowerCase().includes(text));
  const isInRange = rangeTest(space, text);
  const hasOwnName = (index: number) => module[index] !== -1 || thread[index] !== 0;
  return (index) =>
    kinds[kind[index] as number] ||
    letters[permissions[index] as number] ||
    paths[path[index] as number] ||
    isInRange(index) ||
    (hasOwnName(index) && regionName(space, index).toLowerCase().includes(text));
}

/** Whether the text is (part of) a region's range `7f…-7f…`, with `0x` its beginning, or an address within it. */
function rangeTest(space: AddressSpace, text: string): (index: number) => boolean {
  if (!/^(0x)?[0-9a-f]*(-(0x)?[0-9a-f]*)?$/.test(text)) return () => false;
  const isPrefixed = text.startsWith("0x");
  const digits = text.replaceAll("0x", "");
  const address = isPrefixed ? parseAddress(text) : undefined;
  const holder = address === undefined ? -1 : space.indexOf(address);
  const { start, end } = space.columns;
  return (index) => {
    const range = `${(start[index] as number).toString(16)}-${(end[index] as number).toString(16)}`;
    return index === holder || (isPrefixed ? range.startsWith(digits) : range.includes(digits));
  };
}

/** An address: the region around it, or those that start above or below it; a range: the regions that have a part of it. */
function addressTest(space: AddressSpace, { operator, from, to }: Condition & { field: "address" }): Test {
  const { start } = space.columns;
  if (operator !== ":" && operator !== "=") return (index) => compare(BigInt(start[index] as number), operator, from);
  const first = space.indexOf(from) >= 0 ? space.indexOf(from) : space.indexAtOrBelow(from) + 1;
  const last = space.indexAtOrBelow(to);
  return (index) => index >= first && index <= last;
}

/** All the letters, in any order; or exactly those, as `rw-p` and what follows `=` has them. */
function permissionsTest(space: AddressSpace, { text, isExact }: { text: string; isExact: boolean }): Test {
  const isAsWritten = Array.from({ length: 16 }, (_, bits) => {
    const letters = permissionLetters(bits);
    if (PATTERN.test(text)) return letters.startsWith(text);
    const missing = [...letters].filter((letter) => "rwx".includes(letter) && !text.includes(letter));
    return [...text].every((letter) => letters.includes(letter)) && !(isExact && missing.length > 0);
  });
  return (index) => isAsWritten[space.columns.permissions[index] as number] as boolean;
}

function textTest(space: AddressSpace, field: TextField, { text, isExact }: { text: string; isExact: boolean }): Test {
  const { kind, path, module, device, flags } = space.columns;
  const matches = (each: string) => (isExact ? each.toLowerCase() === text : each.toLowerCase().includes(text));
  switch (field) {
    case "kind":
      return asked(kind, (each) => matches(KINDS[each] ?? "") || matches(KIND_LABELS[KINDS[each] ?? "anonymous"]));
    case "path":
      return asked(path, (each) => each >= 0 && matches(space.paths[each] ?? ""));
    case "module":
      return asked(
        module,
        (each) => matches(space.modules[each]?.name ?? "") || matches(space.modules[each]?.path ?? ""),
      );
    case "device":
      return asked(device, (each) => matches(space.devices[each] ?? ""));
    case "flags":
      return asked(flags, (each) => space.flagSets[each]?.some((code) => code === text) ?? null);
    case "name":
      return (index) => matches(regionName(space, index));
  }
}

/** Asks once for each value of a column. */
function asked(column: ArrayLike<number>, test: (value: number) => boolean | null): Test {
  const answers = new Map<number, boolean | null>();
  return (index) => {
    const value = column[index] as number;
    let answer = answers.get(value);
    if (answer === undefined) {
      answer = test(value);
      answers.set(value, answer);
    }
    return answer;
  };
}

function numberOf(space: AddressSpace, index: number, field: NumberField, now: number): number | null {
  const { inode, fileOffset, thread, readAt } = space.columns;
  switch (field) {
    case "size":
      return space.size(index);
    case "age":
      return space.usageOf(index, "rss") === null ? null : now - (readAt[index] as number);
    case "inode":
      return inode[index] as number;
    case "fileOffset":
      return fileOffset[index] as number;
    case "thread":
      return thread[index] as number;
    default:
      return amountOf(space, index, field);
  }
}

function compare<Value extends number | bigint>(value: Value | null, operator: Operator, with_: Value): boolean | null {
  if (value === null) return null;
  switch (operator) {
    case ">":
      return value > with_;
    case ">=":
      return value >= with_;
    case "<":
      return value < with_;
    case "<=":
      return value <= with_;
    default:
      return value === with_;
  }
}
