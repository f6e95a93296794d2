/**
 * How a list of any length scrolls in an element of bounded height. Browsers lay out some 33 million pixels at most
 * (Chromium; others half of that): beyond {@link MOST_PIXELS} a pixel of the scroll bar stands for more than one.
 */
export const MOST_PIXELS = 8_000_000;

export interface Scrolling {
  readonly rows: number;
  /** CSS pixels of a row, and of what is in view. */
  readonly rowHeight: number;
  readonly viewHeight: number;
}

/** CSS pixels that the scrolled element is to be high. */
export function scrolledHeight({ rows, rowHeight }: Scrolling): number {
  return Math.min(rows * rowHeight, MOST_PIXELS);
}

/** The first row in view and where its upper edge stands in the scrolled element, at this scroll position. */
export function firstRow(scrolling: Scrolling, scrollTop: number): { row: number; top: number } {
  const { rows, rowHeight } = scrolling;
  const position = Math.max(0, scrollTop) * stretch(scrolling);
  const row = Math.max(0, Math.min(rows - 1, Math.floor(position / rowHeight)));
  return { row, top: scrollTop - (position - row * rowHeight) };
}

/** The scroll position that has the row as the first in view, or the nearest to it. */
export function scrollTopOf(scrolling: Scrolling, row: number): number {
  const most = Math.max(0, scrolledHeight(scrolling) - scrolling.viewHeight);
  return Math.min(most, (row * scrolling.rowHeight) / stretch(scrolling));
}

/** The rows that are wholly in view. */
export function rowsInView({ rowHeight, viewHeight }: Scrolling): number {
  return Math.max(1, Math.floor(viewHeight / rowHeight));
}

/** Pixels of the list for a pixel of the scroll bar. */
function stretch(scrolling: Scrolling): number {
  const real = scrolling.rows * scrolling.rowHeight - scrolling.viewHeight;
  const scrolled = scrolledHeight(scrolling) - scrolling.viewHeight;
  return scrolled > 0 ? Math.max(1, real / scrolled) : 1;
}
