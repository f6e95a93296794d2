/** What `procmem sharers` prints for people. */
import { printable } from "../memory/names.ts";
import {
  nobodyInWords,
  objectInWords,
  rangesInWords,
  relationInWords,
  type Sharers,
  sharedPagesInWords,
  unreadableInWords,
} from "../memory/sharers.ts";
import { formatBytes } from "../memory/size.ts";
import { table } from "./text.ts";

export function sharersText(answer: Sharers): string {
  const { region, object, sharers } = answer;
  const title = `${region.start}-${region.end} ${region.permissions}  ${objectInWords(object)}`;
  const rows = sharers.map((sharer) => [
    `${sharer.pid}`,
    printable(sharer.command),
    sharer.user,
    relationInWords(sharer.relation) || "–",
    formatBytes(sharer.overlap),
    [rangesInWords(answer, sharer), ...(sharer.pages ? [sharedPagesInWords(answer, sharer.pages)] : [])].join("; "),
  ]);
  const found =
    rows.length > 0
      ? table(["PID", "COMMAND", "USER", "RELATION", "SAME", "WHERE"], rows, [0, 4])
      : [nobodyInWords(object)];
  const unreadable = unreadableInWords(answer);
  return [title, ...found, ...(unreadable ? [unreadable] : [])].join("\n");
}
