/** Writes ELF files with debug information that no compiler would write: 64 bit, little-endian, DWARF 5. */

/** The code of these files. */
export const TEXT = { address: 0x1000, size: 0x100000 };

/** An ELF file with code (that takes no room in it) and these sections. */
export function elfWith(sections: Readonly<Record<string, Uint8Array>>): Buffer {
  const entries = [
    { name: "", type: 0, flags: 0, address: 0, bytes: Buffer.alloc(0), size: 0 },
    { name: ".text", type: 8, flags: 6, address: TEXT.address, bytes: Buffer.alloc(0), size: TEXT.size },
    ...Object.entries(sections).map(([name, bytes]) => ({
      name,
      type: 1,
      flags: 0,
      address: 0,
      bytes,
      size: bytes.length,
    })),
  ];
  const names = Buffer.from(`${[...entries.map(({ name }) => name), ".shstrtab"].join("\0")}\0`);
  entries.push({ name: ".shstrtab", type: 3, flags: 0, address: 0, bytes: names, size: names.length });
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(entries.length, 60);
  header.writeUInt16LE(entries.length - 1, 62);
  const parts: Uint8Array[] = [header];
  let at = header.length;
  let nameAt = 0;
  const table = entries.map(({ name, type, flags, address, bytes, size }) => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(nameAt, 0);
    entry.writeUInt32LE(type, 4);
    entry.writeBigUInt64LE(BigInt(flags), 8);
    entry.writeBigUInt64LE(BigInt(address), 16);
    entry.writeBigUInt64LE(BigInt(at), 24);
    entry.writeBigUInt64LE(BigInt(size), 32);
    nameAt += name.length + 1;
    at += bytes.length;
    parts.push(bytes);
    return entry;
  });
  header.writeBigUInt64LE(BigInt(at), 40);
  return Buffer.concat([...parts, ...table]);
}

/** Numbers below 256 are bytes, texts end with a zero. */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "number" ? Buffer.of(part) : typeof part === "string" ? Buffer.from(`${part}\0`) : part,
    ),
  );
}

export function uleb(value: number): Buffer {
  const digits: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    digits.push((value % 128) | (rest > 0 ? 0x80 : 0));
    value = rest;
  } while (value > 0);
  return Buffer.from(digits);
}

export function sleb(value: number): Buffer {
  const digits: number[] = [];
  for (let rest = value; ; ) {
    const digit = rest & 0x7f;
    rest >>= 7;
    const isLast = rest === (digit & 0x40 ? -1 : 0);
    digits.push(isLast ? digit : digit | 0x80);
    if (isLast) return Buffer.from(digits);
  }
}

export function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

/** The same bytes many times. */
export function times(count: number, part: Uint8Array): Buffer {
  const all = Buffer.alloc(count * part.length);
  for (let at = 0; at < all.length; at += part.length) all.set(part, at);
  return all;
}

/** What follows with its length before it. */
export function withLength(body: Uint8Array): Buffer {
  return bytes(u32(body.length), body);
}

/** A compilation unit of DWARF 5. @see DWARF 5 §7.5.1.1 */
export function unit(entries: Uint8Array, abbreviations = 0): Buffer {
  return withLength(bytes(u16(5), 1, 8, u32(abbreviations), entries));
}

/** The bytes of {@link unit} before its entries. */
export const UNIT_HEADER = 12;

/** An abbreviation; its attributes are pairs of names and forms. @see DWARF 5 §7.5.3 */
export function abbreviation(code: number, tag: number, hasChildren: boolean, attributes: readonly number[]): Buffer {
  return bytes(uleb(code), uleb(tag), hasChildren ? 1 : 0, Buffer.concat(attributes.map(uleb)), 0, 0);
}

/** A line table with a program, for files of which the first is `main.c`. @see DWARF 5 §6.2.4 */
export function lineTable(program: Uint8Array, fileCount = 1): Buffer {
  const names = bytes(1, 1, 8, uleb(1), "/src", 1, 1, 8, uleb(fileCount), times(fileCount, bytes("main.c")));
  const parameters = bytes(1, 1, 1, 0xfb, 14, 13, Buffer.from([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]), names);
  return withLength(bytes(u16(5), 8, 0, u32(parameters.length), parameters, program));
}
