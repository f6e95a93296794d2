import { TargetError } from "../memory/target.ts";
import type { LineScanner } from "./memoryFile.ts";

/** The text of `/proc/PID/smaps` as a table: every number that this kernel prints. Source: proc_pid_smaps(5). */
export interface SmapsTable {
  /** The kernel's names of the numbers, in its order. */
  readonly fields: readonly string[];
  readonly rows: readonly SmapsRow[];
}

export interface SmapsRow {
  /** As the kernel prints them. */
  readonly start: string;
  readonly permissions: string;
  readonly offset: string;
  readonly device: string;
  readonly inode: string;
  readonly path: string;
  /** One for each of the table's fields: KiB, or what has no unit. */
  readonly numbers: readonly number[];
}

/** Makes the table of a text that comes in pieces. */
export class SmapsTableScanner implements LineScanner {
  readonly #fields = new Map<string, number>();
  readonly #rows: (Omit<SmapsRow, "numbers"> & { numbers: number[] })[] = [];

  /** Throws a {@link TargetError} `unreadable` for a line that smaps can't have. */
  scan(bytes: Buffer, from: number, to: number): number {
    const end = bytes.lastIndexOf(NEWLINE, to - 1) + 1;
    if (end <= from) return from;
    for (const line of bytes.toString("utf8", from, end - 1).split("\n")) this.#add(line);
    return end;
  }

  finish(): SmapsTable {
    const fields = [...this.#fields.keys()];
    // A field that was first seen in a later region is 0 in those before.
    for (const { numbers } of this.#rows) while (numbers.length < fields.length) numbers.push(0);
    return { fields, rows: this.#rows };
  }

  #add(line: string): void {
    const number = NUMBER.exec(line);
    const row = this.#rows.at(-1);
    if (number && row) {
      const [, name = "", value] = number;
      row.numbers[this.#indexOf(name)] = Number(value);
      return;
    }
    if (row && FIELD.test(line)) return;
    const region = REGION.exec(line);
    if (!region) {
      const start = line.slice(0, 100);
      throw new TargetError(
        "unreadable",
        `The kernel's list of regions has a line that can't be understood: "${start}".`,
      );
    }
    const [, start = "", permissions = "", offset = "", device = "", inode = "", path = ""] = region;
    const numbers = new Array<number>(this.#fields.size).fill(0);
    this.#rows.push({ start, permissions, offset, device, inode, path, numbers });
  }

  #indexOf(field: string): number {
    let index = this.#fields.get(field);
    if (index === undefined) {
      index = this.#fields.size;
      this.#fields.set(field, index);
    }
    return index;
  }
}

const REGION = /^([0-9a-f]+)-[0-9a-f]+ ([rwxsp-]{4}) ([0-9a-f]+) (\S+) (\d+) *(.*)$/;
const FIELD = /^\w+:/;
const NUMBER = /^(\w+): +(\d+)(?: kB)?$/;
const NEWLINE = 0x0a;
