import type { Address } from "../memory/address.ts";

/** A line that should have been an address. */
export interface AddressLine {
  /** The line without the spaces around it, at most some of its characters. */
  readonly text: string;
  readonly address: Address | undefined;
}

/** Reads lines of addresses; gives those that have come in together together, so that whoever waits has its answer. */
export async function* addressLines(input: AsyncIterable<string>): AsyncGenerator<AddressLine[]> {
  let rest = "";
  for await (const chunk of input) {
    const lines = (rest + chunk).split("\n");
    // No address is as long: the rest of an endless line need not be kept.
    rest = (lines.pop() ?? "").slice(0, LONGEST);
    if (lines.length > 0) yield lines.map(lineOf);
  }
  if (rest !== "") yield [lineOf(rest)];
}

/** Reads hexadecimal digits with or without `0x`, in any case; `undefined` for anything else or beyond 64 bits. */
export function parseHex(text: string): Address | undefined {
  const digits = /^(?:0[xX])?0*([0-9a-fA-F]{1,16})$/.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

const LONGEST = 100;

function lineOf(line: string): AddressLine {
  const text = line.slice(0, LONGEST).trim();
  return { text, address: parseHex(text) };
}
