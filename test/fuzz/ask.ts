/** Asks an ELF file everything that the product ever asks. */
import { openSync } from "node:fs";
import type { ElfSource } from "../../src/memory/module.ts";
import { openElf } from "../../src/symbols/elfFile.ts";

/** Answers how much came back: so that nothing can be left out unnoticed. */
export async function askAll(path: string, debugFolders: readonly string[] = []): Promise<number> {
  const elf = await openElf({ descriptor: openSync(path, "r"), path }, { demangle: true, debugFolders });
  if (elf === null) return 0;
  try {
    return await ask(elf);
  } finally {
    elf.close();
  }
}

async function ask(elf: ElfSource): Promise<number> {
  const { sections, segments } = elf.layout;
  let answers = 0;
  const code: bigint[] = [];
  const data: bigint[] = [];
  const spread = (start: bigint, size: number, into: bigint[]) => {
    const step = Math.max(1, Math.ceil(size / PLACES));
    for (let at = 0; at < Math.min(size, step * PLACES); at += step) into.push(start + BigInt(at));
  };
  for (const { address, size, executable } of sections.slice(0, 60)) spread(address, size, executable ? code : data);
  // Where the section table is lost, and of object files, whose sections have no address yet.
  for (const { address, fileSize } of segments.slice(0, 8)) spread(address, fileSize, code);
  spread(0n, 400, code);
  code.push(0xffff_ffff_ffff_ffffn, 1n << 63n, 0xffff_ffffn);

  const frames = await elf.framesAt(code);
  const sources = await elf.sourcesOf([...code, ...data]);
  answers += frames.flat().length + sources.filter((source) => source !== null).length;
  for (const address of [...data, ...code.slice(0, 20)]) {
    if ((await elf.variableAt(address)) !== null) answers++;
    if ((await elf.symbolAt(address)) !== null) answers++;
  }
  const files = new Set(frames.flatMap((chain) => chain.map(({ source }) => source?.file ?? "program.c")));
  for (const file of [...files].slice(0, 3)) {
    for (const line of [1, 45, 4_000_000]) answers += (await elf.addressesOf(file, line)).length;
  }
  answers += (await elf.definitionsIn([...files])).length;
  const symbols = (await elf.allSymbols(100_000)) ?? [];
  answers += symbols.length;
  for (const name of ["main", "shapes::Circle::draw", "", symbols[5]?.name ?? "x"]) {
    answers += (await elf.symbolsNamed(name)).length;
  }
  for (const section of sections.slice(0, 60)) {
    for (const order of ["size", "address"] as const) {
      answers += (await elf.symbolsOf(section, order, 0, 50)).symbols.length;
    }
  }
  const { path, refused } = await elf.origin();
  return answers + refused.length + (path === null ? 0 : 1);
}

/** In each section. */
const PLACES = 25;
