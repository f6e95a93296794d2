import type { Segment } from "../memory/module.ts";
import type { Bytes } from "./bytes.ts";
import type { ElfHeader } from "./elfHeader.ts";
import { Fields } from "./fields.ts";

/** A program header. Sizes and offsets are as the file claims: it may be shorter. @see elf(5) */
export interface ProgramHeader extends Segment {
  /** `p_type`: {@link PT_LOAD}, … or another. */
  readonly type: number;
}

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;
const PT_TLS = 7;
export const PT_GNU_RELRO = 0x6474e552;

/** Reads the program headers, as many as the file has of those it claims. */
export function readProgramHeaders(bytes: Bytes, { format, programHeaders: table }: ElfHeader): ProgramHeader[] {
  const fields = new Fields(bytes.read(table.offset, table.count * table.entrySize), format);
  const headers: ProgramHeader[] = [];
  for (let at = 0; at + table.entrySize <= fields.length; at += table.entrySize) {
    const [flags, offset, address, fileSize, memorySize] = format.wide ? [4, 8, 16, 32, 40] : [24, 4, 8, 16, 20];
    const permissions = fields.u32(at + flags);
    headers.push({
      type: fields.u32(at),
      address: fields.address(at + address),
      fileOffset: fields.size(at + offset),
      fileSize: fields.size(at + fileSize),
      memorySize: fields.size(at + memorySize),
      permissions: {
        read: (permissions & PF_R) !== 0,
        write: (permissions & PF_W) !== 0,
        execute: (permissions & PF_X) !== 0,
      },
    });
  }
  return headers;
}

/** The address of the template of thread-local memory; 0 where there is none. */
export function threadLocalTemplate(programs: readonly ProgramHeader[]): number {
  for (const { type, address } of programs) if (type === PT_TLS) return Number(address);
  return 0;
}

const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
