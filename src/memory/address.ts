/**
 * Addresses of a target, 64 bit unsigned.
 *
 * At the edges an address is a `bigint`: `0xffffffffff600000` (vsyscall) is no safe integer. In messages and JSON it is
 * a string, `"0x7f…"`. In hot tables region boundaries are plain doubles: they are multiples of a page, at least 4,096,
 * so that a 64-bit boundary has at most 52 significant bits and a double (53) holds it exactly.
 */
export type Address = bigint;

/** An address as it stands in messages and JSON: `0x` and lower-case hexadecimal digits, no leading zeros. */
export type HexAddress = `0x${string}`;

const LARGEST = 0xffff_ffff_ffff_ffffn;

/** `0x` and the fewest lower-case hexadecimal digits. Throws a RangeError outside 0 … 2⁶⁴-1. */
export function toHex(address: Address): HexAddress {
  if (address < 0n || address > LARGEST) throw new RangeError(`${address} is not a 64-bit address.`);
  return `0x${address.toString(16)}`;
}

/** Reads `0x…` (any case, leading zeros allowed) or decimal digits; `undefined` for anything else or beyond 64 bits. */
export function parseAddress(text: string): Address | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,32}|[0-9]{1,20})$/.test(text)) return undefined;
  const address = BigInt(text);
  return address > LARGEST ? undefined : address;
}
