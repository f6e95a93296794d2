/** What the page grid shows: a part of the chosen region, in cells of a power of two of pages, and one page in detail. */
import { type HexAddress, toHex } from "../../memory/address.ts";
import type { PageDetails, PagesAnswer, PagesQuery, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import type { Range } from "./pageCells.ts";
import { type Ask, Question, sentenceOf } from "./question.ts";

export interface PageRegion extends Range {
  readonly name: string;
}

/** What of a region is in view, as it is kept while the panel is hidden. */
export interface PageZoom {
  /** The region's. */
  readonly start: HexAddress;
  /** A power of two; `null`: the whole region. */
  readonly pagesPerCell: number | null;
  /** Pages, counted from the region's start. */
  readonly first: number;
  /** The page that is shown in detail. */
  readonly chosen: number | null;
}

export class PageGrid extends Observed {
  readonly #ask: Ask;
  readonly #pagesQuestion: Question<PagesQuery, PagesAnswer>;
  readonly #pageQuestion: Question<{ target: TargetId; address: Range["start"] }, PageDetails>;
  #target: TargetId | null = null;
  #region: PageRegion | null = null;
  /** The most cells that fit. */
  #capacity = 0;
  #isVisible = false;
  /** What is to be in view of a region that is not shown yet. */
  #kept: PageZoom | null = null;
  /** `null`: the whole region, whatever its size becomes. */
  #pagesPerCell: number | null = null;
  /** The first page in view, counted from the region's start, as all pages here. */
  #first = 0;
  #cursor = 0;
  #answer: PagesAnswer | null = null;
  #chosen: number | null = null;
  #details: PageDetails | null = null;
  #problem: string | null = null;
  #refusal: string | null = null;

  constructor(ask: Ask) {
    super();
    this.#ask = ask;
    const failed = (message: string) => {
      this.#problem = message;
      this.changed();
    };
    this.#pagesQuestion = new Question(
      (query) => ask("pages", query),
      (answer) => {
        this.#answer = answer;
        this.#problem = null;
        this.changed();
      },
      failed,
    );
    this.#pageQuestion = new Question(
      (query) => ask("page", query),
      (details) => {
        this.#details = details;
        this.changed();
      },
      failed,
    );
  }

  get region(): PageRegion | null {
    return this.#region;
  }

  /** The cells in view, or those that were before the answer comes; `null` before the first. */
  get answer(): PagesAnswer | null {
    return this.#answer;
  }

  /** What is known of the chosen page. */
  get details(): PageDetails | null {
    return this.#details;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Why there is nothing newer, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Why the last mark could not be set, in words. */
  get refusal(): string | null {
    return this.#refusal;
  }

  get isWhole(): boolean {
    return this.#pagesPerCell === null;
  }

  get pagesPerCell(): number {
    return this.#pagesPerCell ?? this.#wholePagesPerCell;
  }

  get pageSize(): number {
    return this.#answer?.pageSize ?? USUAL_PAGE;
  }

  /** What to keep; `null` while there is no region. */
  get zoom(): PageZoom | null {
    if (!this.#region) return this.#kept;
    return { start: this.#region.start, pagesPerCell: this.#pagesPerCell, first: this.#first, chosen: this.#chosen };
  }

  /** Shows the region that is shown next as it was left, where it is the one that was kept. */
  restore(kept: PageZoom | null): void {
    this.#kept = kept;
  }

  /** Shows another region, whole; one that grew or shrank stays as it is in view. */
  show(target: TargetId | null, region: PageRegion | null): void {
    const isSame = target === this.#target && region?.start === this.#region?.start;
    if (isSame && region?.end === this.#region?.end) return;
    // It may come back: a past moment has no pages.
    if (!region) this.#kept = target === this.#target ? this.zoom : null;
    this.#target = target;
    this.#region = region;
    if (isSame) {
      this.#look(this.#pagesPerCell, this.#first);
      return;
    }
    this.#pagesQuestion.forget();
    this.#pageQuestion.forget();
    const kept = region && region.start === this.#kept?.start ? this.#kept : null;
    if (region) this.#kept = null;
    this.#pagesPerCell = kept?.pagesPerCell ?? null;
    this.#first = kept?.first ?? 0;
    this.#chosen = kept?.chosen ?? null;
    this.#cursor = this.#chosen ?? this.#first;
    this.#answer = null;
    this.#details = null;
    this.#problem = null;
    this.#refusal = null;
    this.changed();
    this.refresh();
  }

  /** So many cells fit at the most. */
  resize(capacity: number): void {
    if (capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#look(this.#pagesPerCell, this.#first);
  }

  /** Out of sight nothing is asked for. */
  set isVisible(isVisible: boolean) {
    if (isVisible === this.#isVisible) return;
    this.#isVisible = isVisible;
    this.refresh();
  }

  /** Asks for what is in view, and for the chosen page. */
  refresh(): void {
    const target = this.#target;
    if (target === null || !this.#region || !this.#isVisible || this.#cells === 0) return;
    const to = Math.min(this.#pages, this.#first + this.#cells * this.pagesPerCell);
    const [start, end] = [this.#addressOf(this.#first), this.#addressOf(to)];
    // One more than are shown, should the first not begin where a cell does.
    this.#pagesQuestion.ask({ target, start, end, cells: this.#capacity });
    if (this.#chosen !== null) this.#pageQuestion.ask({ target, address: this.#addressOf(this.#chosen) });
  }

  /** Halves the cells' pages so often (negative: doubles), so that the page stays where it is on the screen. */
  zoomBy(halvings: number, page: number): void {
    const before = this.pagesPerCell;
    const after = Math.min(Math.max(before / 2 ** halvings, 1), this.#wholePagesPerCell);
    if (after === before) return;
    const cell = Math.floor((page - this.#first) / before);
    this.#cursor = page;
    this.#look(after, page - cell * after);
  }

  /** Closer, down to single pages around the one that is given. */
  zoomTo(page: number): void {
    this.#cursor = page;
    this.#look(1, page - Math.floor(this.#cells / 2));
  }

  showWhole(): void {
    this.#look(null, 0);
  }

  /** Moves what is in view by so many cells; negative: to lower addresses. */
  panBy(cells: number): void {
    this.#look(this.#pagesPerCell, this.#first + cells * this.pagesPerCell);
  }

  /** Moves the cursor by so many cells, and what is in view (by whole rows) where it would leave that. */
  moveBy(cells: number, columns: number): void {
    this.moveTo(this.#cursor + cells * this.pagesPerCell);
    const row = columns * this.pagesPerCell;
    const last = this.#first + this.#cells * this.pagesPerCell - 1;
    const below = this.#first - this.#cursor;
    const above = this.#cursor - last;
    if (below > 0) this.#look(this.#pagesPerCell, this.#first - Math.ceil(below / row) * row);
    else if (above > 0) this.#look(this.#pagesPerCell, this.#first + Math.ceil(above / row) * row);
  }

  moveTo(page: number): void {
    this.#cursor = Math.min(Math.max(page, 0), this.#pages - 1);
    this.changed();
  }

  /** Shows a page in detail; `null`: none. */
  choose(page: number | null): void {
    this.#chosen = page;
    if (page === null) this.#details = null;
    else this.#cursor = page;
    this.#pageQuestion.forget();
    this.changed();
    if (page !== null && this.#target !== null) {
      this.#pageQuestion.ask({ target: this.#target, address: this.#addressOf(page) });
    }
  }

  /** From now on the pages that are written are told. */
  async mark(): Promise<void> {
    const target = this.#target;
    if (target === null) return;
    let refusal: string | null = null;
    try {
      await this.#ask("markPages", { target });
    } catch (error) {
      refusal = sentenceOf(error);
    }
    if (target !== this.#target) return;
    this.#refusal = refusal;
    this.changed();
    this.refresh();
  }

  get #pages(): number {
    const { start, end } = this.#region ?? { start: "0x0", end: "0x0" };
    return Math.ceil(Number(BigInt(end) - BigInt(start)) / this.pageSize);
  }

  get #cells(): number {
    return Math.max(0, this.#capacity - 1);
  }

  get #wholePagesPerCell(): number {
    if (this.#cells === 0) return 1;
    return 2 ** Math.max(0, Math.ceil(Math.log2(this.#pages / this.#cells)));
  }

  #look(pagesPerCell: number | null, first: number): void {
    // Without room nothing is known of what fits: what was in view stays.
    if (this.#cells === 0) return;
    const isWhole = pagesPerCell === null || pagesPerCell >= this.#wholePagesPerCell;
    this.#pagesPerCell = isWhole ? null : pagesPerCell;
    const size = this.pagesPerCell;
    const most = Math.ceil(this.#pages / size) - this.#cells;
    this.#first = isWhole ? 0 : Math.max(0, Math.min(Math.floor(first / size), most)) * size;
    this.changed();
    this.refresh();
  }

  #addressOf(page: number): Range["start"] {
    const { start, end } = this.#region ?? { start: "0x0", end: "0x0" };
    const address = BigInt(start) + BigInt(page) * BigInt(this.pageSize);
    return address < BigInt(end) ? toHex(address) : end;
  }
}

/** Bytes, until the kernel's is known. */
const USUAL_PAGE = 4096;
