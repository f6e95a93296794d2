/** What two processes still have in common of private memory after a fork. */

import type { Work } from "../memory/module.ts";
import { EXCLUSIVE, FILE, PRESENT } from "../memory/pages.ts";
import type { SharedPages } from "../memory/sharers.ts";
import { TimeSlice } from "../memory/timeSlice.ts";
import { Frames } from "./frames.ts";
import { Pagemap } from "./pagemap.ts";
import { pageSize } from "./pageSize.ts";
import type { ProcessDirectory } from "./processDirectory.ts";

/**
 * Compares the anonymous pages of both processes in [start, end), multiples of a page: of a mapped file those that were
 * written. With the right to see page frames (CAP_SYS_ADMIN) those are counted that are the same; without it all that both
 * have and neither has alone. Throws what the kernel says.
 */
export async function compareSharedPages(
  ours: ProcessDirectory,
  theirs: ProcessDirectory,
  start: number,
  end: number,
  work: Work,
): Promise<SharedPages> {
  const our = await anonymousPages(ours, start, end, work);
  const their = await anonymousPages(theirs, start, end, work);
  const zeros = new Frames();
  const slice = new TimeSlice(work);
  try {
    let shared = 0;
    let exact = true;
    for (const [page, frame] of our.frames.entries()) {
      if (frame === NO_FRAME || frame !== their.frames[page]) continue;
      const isZero = frame === 0 ? null : zeros.isZero(frame);
      if (isZero === null) exact = false;
      if (!isZero) shared++;
      if (slice.isOver) await slice.next();
    }
    return { shared, present: our.present, counted: end - start, exact };
  } finally {
    zeros.close();
  }
}

/** How many there are, and for each page of the range the frame, where others may have it too; 0 where it may not be seen. */
async function anonymousPages(
  directory: ProcessDirectory,
  start: number,
  end: number,
  work: Work,
): Promise<{ present: number; frames: Float64Array }> {
  const pagemap = new Pagemap(directory);
  const frames = new Float64Array((end - start) / pageSize()).fill(NO_FRAME);
  let present = 0;
  try {
    const visit = (from: number, pages: number, state: number, frame: number) => {
      if ((state & (PRESENT | FILE)) !== PRESENT) return;
      present += pages;
      // Those that may be shared come one by one.
      const page = (from - start) / pageSize();
      if (!(state & EXCLUSIVE)) frames.fill(frame, page, page + pages);
    };
    await pagemap.read(start, end, visit, work);
    return { present, frames };
  } finally {
    pagemap.close();
  }
}

const NO_FRAME = -1;
