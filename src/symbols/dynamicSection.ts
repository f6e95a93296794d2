import type { Elf } from "./elf.ts";
import { Fields } from "./fields.ts";
import { type ProgramHeader, PT_DYNAMIC, PT_LOAD } from "./programHeaders.ts";

/** What a file tells the dynamic linker; it is there without a section table too. @see elf(5), "Dynamic tags" */
export class DynamicSection {
  readonly #values = new Map<number, bigint>();
  readonly #programs: readonly ProgramHeader[];

  constructor({ bytes, header, programs }: Elf) {
    this.#programs = programs.filter(({ type }) => type === PT_LOAD).slice(0, MOST_SEGMENTS);
    const segment = programs.find(({ type }) => type === PT_DYNAMIC);
    if (segment === undefined) return;
    const word = header.format.wide ? 8 : 4;
    const size = Math.min(segment.fileSize, MOST_ENTRIES * 2 * word);
    const fields = new Fields(bytes.read(segment.fileOffset, size), header.format);
    for (let at = 0; at + 2 * word <= fields.length; at += 2 * word) {
      const tag = fields.flags(at);
      if (tag === DT_NULL) break;
      if (!this.#values.has(tag)) this.#values.set(tag, fields.address(at + word));
    }
  }

  /** The number of a tag; 0 where it is absent. */
  number(tag: number): number {
    return Number(this.#values.get(tag) ?? 0n);
  }

  /** Where in the file the address of a tag is; 0 where it is absent or the file has nothing there. */
  offset(tag: number): number {
    const address = this.#values.get(tag) ?? 0n;
    const segment = this.#programs.find((segment) => {
      const offset = address - segment.address;
      return offset >= 0n && offset < BigInt(Math.trunc(segment.fileSize));
    });
    return segment === undefined ? 0 : segment.fileOffset + Number(address - segment.address);
  }
}

const DT_NULL = 0;
export const DT_HASH = 4;
export const DT_STRTAB = 5;
export const DT_SYMTAB = 6;
export const DT_STRSZ = 10;
export const DT_GNU_HASH = 0x6ffffef5;
export const DT_VERSYM = 0x6ffffff0;
export const DT_VERDEF = 0x6ffffffc;
export const DT_VERNEED = 0x6ffffffe;

/** Real files have some thirty, and some ten segments. */
const MOST_ENTRIES = 1 << 12;
const MOST_SEGMENTS = 64;
