/** Turns an ELF file into one of the other byte order, as a compiler for another machine would have written it. */

/** Swaps every number of the headers, the symbols and the notes of a little-endian file. Code and data stay. */
export function bigEndian(original: Buffer): Buffer {
  const elf = Buffer.from(original);
  const wide = elf[4] === 2;
  const word = wide ? 8 : 4;
  const offsetAt = (at: number) => (wide ? Number(original.readBigUInt64LE(at)) : original.readUInt32LE(at));
  const swap = (at: number, ...sizes: number[]) => {
    for (const size of sizes) {
      elf.subarray(at, at + size).reverse();
      at += size;
    }
  };
  elf[5] = 2;
  swap(16, 2, 2, 4, word, word, word, 4, 2, 2, 2, 2, 2, 2);

  const programs = offsetAt(wide ? 32 : 28);
  const sections = offsetAt(wide ? 40 : 32);
  const counts = wide ? 56 : 44;
  for (let i = 0; i < original.readUInt16LE(counts); i++) {
    if (wide) swap(programs + i * 56, 4, 4, 8, 8, 8, 8, 8, 8);
    else swap(programs + i * 32, 4, 4, 4, 4, 4, 4, 4, 4);
  }
  for (let i = 0; i < original.readUInt16LE(counts + 4); i++) {
    const header = sections + i * (wide ? 64 : 40);
    swap(header, 4, 4, word, word, word, word, 4, 4, word, word);
    const type = original.readUInt32LE(header + 4);
    const start = offsetAt(header + (wide ? 24 : 16));
    const size = offsetAt(header + (wide ? 32 : 20));
    const isSymbols = type === 2 || type === 11;
    for (let at = start; isSymbols && at < start + size; at += wide ? 24 : 16) {
      if (wide) swap(at, 4, 1, 1, 2, 8, 8);
      else swap(at, 4, 4, 4, 1, 1, 2);
    }
    for (let at = start; type === 7 && at < start + size; ) {
      swap(at, 4, 4, 4);
      at += 12 + Math.ceil(original.readUInt32LE(at) / 4) * 4 + Math.ceil(original.readUInt32LE(at + 4) / 4) * 4;
    }
  }
  return elf;
}
