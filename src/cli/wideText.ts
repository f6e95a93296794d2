import type { SmapsTable } from "../linux/smapsTable.ts";
import { printable } from "../memory/names.ts";
import { table } from "./text.ts";

/** What `procmem map --wide` prints: the columns of `pmap -X`, in KiB, and their sums. */
export function wideText(title: string, { fields, rows }: SmapsTable): string {
  const shown = fields.flatMap((field, index) => (LEFT_OUT.has(field) ? [] : [index]));
  const header = [...PLACES, ...shown.map((index) => fields[index] as string), "Mapping"];
  const cells = rows.map(({ start, permissions, offset, device, inode, path, numbers }) => [
    ...[start, permissions, offset, device, inode],
    ...shown.map((index) => String(numbers[index])),
    printable(path),
  ]);
  const sums = shown.map((index) => String(rows.reduce((sum, { numbers }) => sum + (numbers[index] as number), 0)));
  const widths = shown.map((index, column) =>
    rows.reduce(
      (width, { numbers }) => Math.max(width, String(numbers[index]).length),
      Math.max((fields[index] as string).length, (sums[column] as string).length),
    ),
  );
  const lines = [
    ...cells,
    [...PLACES.map(() => ""), ...widths.map((width) => "=".repeat(width)), ""],
    [...PLACES.map(() => ""), ...sums, "KB"],
  ];
  return [printable(title), ...table(header, lines, [...header.keys()])].join("\n");
}

const PLACES = ["Address", "Perm", "Offset", "Device", "Inode"];

/** As pmap leaves them out. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...["KernelPageSize", "MMUPageSize", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty"],
  "AnonHugePages",
]);
