/** What is known of pages in the shapes of the protocol: addresses as strings, columns as lists. */
import type { PageDetails, PagesAnswer } from "../protocol/pages.ts";
import { type HexAddress, toHex } from "./address.ts";
import { EXCLUSIVE, FILE, HUGE, type Page, type PagesReading, PRESENT, SWAPPED, WRITTEN, ZERO } from "./pages.ts";
import { type Paging, takeApart } from "./virtualAddress.ts";

export function toPagesAnswer({ cells, time, told, notes }: PagesReading): PagesAnswer {
  const { start, pageSize, pagesPerCell, length } = cells;
  const column = (state: number) => Array.from(cells.column(state));
  const columnIfTold = (state: number) => (told & state ? column(state) : null);
  return {
    start: hexOf(start),
    end: hexOf(start + length * pagesPerCell * pageSize),
    pageSize,
    pagesPerCell,
    time,
    present: column(PRESENT),
    swapped: column(SWAPPED),
    file: column(FILE),
    exclusive: column(EXCLUSIVE),
    huge: columnIfTold(HUGE),
    zero: columnIfTold(ZERO),
    written: columnIfTold(WRITTEN),
    notes: [...notes],
  };
}

/** @param paging how the machine finds pages; without it the address is not taken apart */
export function toPageDetails(page: Page, paging: Paging | null): PageDetails {
  const { address, state, told, frame, nodes, notes } = page;
  const isIn = (bit: number) => (state & bit) !== 0;
  const ifTold = (bit: number) => (told & bit ? isIn(bit) : null);
  const parts = paging && takeApart(address, paging);
  return {
    address: toHex(address),
    present: isIn(PRESENT),
    swapped: isIn(SWAPPED),
    file: isIn(FILE),
    exclusive: isIn(PRESENT) ? isIn(EXCLUSIVE) : null,
    huge: ifTold(HUGE),
    zero: ifTold(ZERO),
    written: ifTold(WRITTEN),
    frame: frame && { ...frame, flags: [...frame.flags] },
    nodes: nodes.map((node) => ({ ...node })),
    tables: parts?.tables.map((table) => ({ ...table })) ?? [],
    offset: parts?.offset ?? 0,
    notes: [...notes, ...(parts?.canonical === false ? ["The CPU takes it for no address: it is not canonical."] : [])],
  };
}

/** The last cell may reach beyond all addresses. */
function hexOf(boundary: number): HexAddress {
  const address = BigInt(boundary);
  return toHex(address < LAST_PAGE ? address : LAST_PAGE);
}

const LAST_PAGE = 0xffff_ffff_ffff_f000n;
