/** What the pages of a target are like. */
import { paging } from "../linux/paging.ts";
import type { Address } from "../memory/address.ts";
import { toPageDetails, toPagesAnswer } from "../memory/pageMessages.ts";
import { TargetError } from "../memory/target.ts";
import type { PageDetails, PagesAnswer } from "../protocol/pages.ts";
import type { LiveTarget } from "./liveTarget.ts";

export interface PagesWanted {
  start: Address;
  end: Address;
  cells: number;
}

/** Throws a {@link TargetError}, and what the signal was ended with. */
export async function pagesOf(
  target: LiveTarget,
  { start, end, cells }: PagesWanted,
  signal: AbortSignal,
): Promise<PagesAnswer> {
  throwIfUnreadable(target);
  if (!(cells >= 1 && cells <= MOST_CELLS)) {
    throw new TargetError("unreadable", `A picture of pages has from 1 to ${MOST_CELLS} cells, not ${cells}.`);
  }
  const { space } = target.revision;
  return toPagesAnswer(await target.pages.readCells(space, start, end, Math.floor(cells), { signal }));
}

/** Throws a {@link TargetError}, and what the signal was ended with. */
export async function pageOf(target: LiveTarget, address: Address, signal: AbortSignal): Promise<PageDetails> {
  throwIfUnreadable(target);
  return toPageDetails(await target.pages.readPage(target.revision.space, address, { signal }), paging());
}

/** Throws a {@link TargetError} `unreadable` where the kernel cannot tell what is written since. */
export async function markPages(target: LiveTarget): Promise<null> {
  throwIfUnreadable(target);
  await target.pages.mark();
  return null;
}

function throwIfUnreadable({ ended }: LiveTarget): void {
  if (ended) throw new TargetError(ended.problem, ended.message);
}

/** More than a screen has pixels for. */
const MOST_CELLS = 1 << 16;
