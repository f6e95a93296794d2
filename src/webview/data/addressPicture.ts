/** What the picture shows: the part of the address axis in view, and the server's stretches for it. */
import { type Address, type HexAddress, toHex } from "../../memory/address.ts";
import { KINDS, type Kind } from "../../memory/kind.ts";
import { unpackPicture } from "../../memory/pictureMessage.ts";
import type {
  Measure,
  Parts,
  PartsQuery,
  Picture,
  PictureMessage,
  PictureQuery,
  Stretch,
  TargetId,
} from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type PlacedPart, placedParts } from "./placedParts.ts";
import { Pointed } from "./pointed.ts";
import { type Ask, Question } from "./question.ts";
import { addressIn, positionIn, stretchAt, stretchHolding } from "./stretches.ts";
import { around, panned, revealing, type View, zoomed } from "./view.ts";

export class AddressPicture extends Observed {
  /** What is under the pointer. */
  readonly pointed: Pointed;
  readonly #wholeQuestion: Question<PictureQuery, Picture>;
  readonly #detailQuestion: Question<PictureQuery, Picture>;
  readonly #partsQuestion: Question<PartsQuery, Parts>;
  #target: TargetId | null = null;
  #at: number | null = null;
  #pixels = 0;
  #whole: Picture | null = null;
  #detail: Picture | null = null;
  #parts: Parts | null = null;
  /** Where the parts lie in a picture. */
  #placed: { readonly parts: Parts; readonly picture: Picture; readonly places: readonly PlacedPart[] } | null = null;
  #measure: Measure = "rss";
  #peak = 0;
  /** `null`: the whole axis, whatever its length becomes. */
  #view: View | null = null;
  #selected: HexAddress | null = null;
  /** Whether the view moves to what was chosen once that is known, unless it is moved before. */
  #reveal = false;
  #kinds: readonly Kind[] = [];
  #problem: string | null = null;

  /** `askLater` asks for what the first picture does without. */
  constructor(ask: Ask, askLater: Ask) {
    super();
    this.pointed = new Pointed(ask);
    const send = async (query: PictureQuery) => unpackPicture(await ask("picture", query));
    const failed = (message: string) => {
      this.#problem = message;
      this.changed();
    };
    this.#wholeQuestion = new Question(send, (picture, query) => this.#receiveWhole(picture, query), failed);
    this.#detailQuestion = new Question(send, (picture) => this.#receiveDetail(picture), failed);
    this.#partsQuestion = new Question(
      (query) => askLater("parts", query),
      (parts) => this.#receiveParts(parts),
      // Symbols that cannot be read are missed by nobody who looks at the whole: the picture is right without them.
      () => this.#receiveParts(null),
    );
  }

  /** The whole axis, as fine as the picture is wide; `null` before the first answer. */
  get whole(): Picture | null {
    return this.#whole;
  }

  /** The part in view and its surroundings, fine enough to draw; `null` while the whole is in view. */
  get detail(): Picture | null {
    return this.#detail;
  }

  /** Sections and symbols in the part in view and its surroundings, as far as they are known yet. */
  get parts(): readonly PlacedPart[] {
    const picture = this.#detail ?? this.#whole;
    if (!this.#parts || !picture) return [];
    if (this.#placed?.parts !== this.#parts || this.#placed.picture !== picture) {
      this.#placed = { parts: this.#parts, picture, places: placedParts(this.#parts, picture) };
    }
    return this.#placed.places;
  }

  /** What the heights stand for. */
  get measure(): Measure {
    return this.#measure;
  }

  /** The largest value of a stretch of the whole. */
  get peak(): number {
    return this.#peak;
  }

  /** The chosen address. */
  get address(): HexAddress | null {
    return this.#selected;
  }

  /** Whether something of the whole has not been read by the measure. */
  get isPartial(): boolean {
    return this.#whole?.stretches.some(({ kind, value }) => kind !== null && value === null) ?? false;
  }

  /** Where the chosen address is in its region; `null` where that is its start, or it is in none. */
  get marker(): number | null {
    const { region } = this;
    if (!region || !this.#selected || region.start === this.#selected) return null;
    return positionIn(region, BigInt(this.#selected));
  }

  /** The kinds that are to be seen, in the order of the list. */
  get kinds(): readonly Kind[] {
    return this.#kinds;
  }

  get view(): View {
    return this.#view ?? { from: 0, to: this.#whole?.length ?? 1 };
  }

  /** As it is saved: `null` for the whole. */
  get zoom(): View | null {
    return this.#view;
  }

  get selected(): { from: number; to: number } | null {
    return this.region;
  }

  /** The chosen region, once it is known. */
  get region(): NonNullable<Picture["selected"]> | null {
    return (this.#selected && this.#whole?.selected) || null;
  }

  /** Why there is no newer picture, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Shows another target, whole or as it was left. */
  look(target: TargetId | null, zoom: View | null): void {
    this.#target = target;
    this.#whole = null;
    this.#detail = null;
    this.#parts = null;
    this.#view = zoom;
    this.#selected = null;
    this.#problem = null;
    this.#forget();
    this.changed();
    this.refresh();
  }

  /** Takes the answer to a question that was not asked, where it is what is waited for. */
  offer(query: PictureQuery, picture: PictureMessage): void {
    const isWanted = query.target === this.#target && query.measure === this.#measure && this.#at === null;
    if (isWanted && this.#whole === null) this.#receiveWhole(unpackPicture(picture), query);
  }

  /** Shows the target as it was at that time, in milliseconds since the epoch; `null`: as it is. */
  lookAt(at: number | null): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#forget();
    this.refresh();
  }

  /** Heights stand for another measure. */
  measureBy(measure: Measure): void {
    if (measure === this.#measure) return;
    this.#measure = measure;
    this.refresh();
  }

  /** The regions changed, or the canvas did. */
  refresh(): void {
    this.#ask(this.#wholeQuestion, 0, null, this.#pixels);
    this.#askDetail();
  }

  /** The canvas is so many device pixels wide. */
  resize(pixels: number): void {
    if (pixels === this.#pixels) return;
    this.#pixels = pixels;
    this.refresh();
  }

  /** Outlines the region that holds the address; `reveal` moves the view so that it is seen, unless it is moved first. */
  select(address: HexAddress | null, reveal: boolean): void {
    this.#selected = address;
    this.#reveal = reveal && address !== null;
    this.#ask(this.#wholeQuestion, 0, null, this.#pixels);
  }

  /** The pointer is on a stretch, at an address of it; `null`: on none. */
  point(stretch: Stretch | null, address: Address | null): void {
    if (this.#target === null || !stretch || stretch.kind === null || address === null) {
      this.pointed.point(null);
      return;
    }
    const { start, end } = stretch;
    this.pointed.point({ target: this.#target, at: this.#at, start, end, address: toHex(address) });
  }

  zoomBy(factor: number, at: number): void {
    if (this.#whole) this.#show(zoomed(this.view, this.#whole.length, at, factor, this.#narrowest(at)));
  }

  /** Moves by a share of what is in view; negative: to lower addresses. */
  panBy(share: number): void {
    const { from, to } = this.view;
    if (this.#whole) this.#show(panned(this.view, this.#whole.length, share * (to - from)));
  }

  /** Shows a stretch with a little of its neighbours. */
  zoomTo(stretch: View): void {
    if (this.#whole) this.#show(around(stretch, this.#whole.length, 0.05));
  }

  /** Moves and zooms no more than it takes to see the stretch. */
  reveal(stretch: View): void {
    if (this.#whole) this.#show(revealing(this.view, this.#whole.length, stretch, LEAST_SHARE));
  }

  showWhole(): void {
    if (this.#whole) this.#show({ from: 0, to: this.#whole.length });
  }

  /** So few bytes fill the picture, or as many as positions can tell apart, which are doubles. */
  #narrowest(at: number): number {
    const finest = (this.#detail && stretchAt(this.#detail, at)) ?? (this.#whole && stretchAt(this.#whole, at));
    if (!finest || finest.kind === null) return 0.5;
    return Math.max(((finest.to - finest.from) * LEAST_BYTES) / finest.size, at * 2 ** -40);
  }

  #show(view: View): void {
    const isWhole = this.#whole !== null && view.from === 0 && view.to === this.#whole.length;
    this.#view = isWhole ? null : view;
    this.#reveal = false;
    if (isWhole) {
      this.#detail = null;
      this.#detailQuestion.forget();
    }
    this.#askDetail();
    this.changed();
  }

  #forget(): void {
    for (const question of [this.#wholeQuestion, this.#detailQuestion, this.#partsQuestion]) question.forget();
  }

  /** Half a picture more on both sides, so that a pan has something to show until the answer is there. */
  #askDetail(): void {
    if (this.#target === null || !this.#whole || this.#pixels === 0) return;
    const { view } = this;
    const { from, to } = around(view, this.#whole.length, 0.5);
    const pixels = Math.round((this.#pixels * (to - from)) / (view.to - view.from));
    if (this.#view) this.#ask(this.#detailQuestion, from, to, pixels);
    this.#partsQuestion.ask({ target: this.#target, at: this.#at, from, to, pixels });
  }

  #ask(question: Question<PictureQuery, Picture>, from: number, to: number | null, pixels: number): void {
    if (this.#target === null || this.#pixels === 0) return;
    const [target, at, measure, selected] = [this.#target, this.#at, this.#measure, this.#selected];
    question.ask({ target, at, measure, from, to, pixels, selected });
  }

  #receiveWhole(picture: Picture, query: PictureQuery): void {
    const first = this.#whole === null;
    this.#whole = picture;
    this.#peak = picture.stretches.reduce((peak, { value }) => Math.max(peak, value ?? 0), 0);
    this.#problem = null;
    if (this.#view && this.#view.to > picture.length) this.#view = panned(this.#view, picture.length, 0);
    if (this.#reveal && picture.selected && query.selected === this.#selected) {
      this.reveal(picture.selected);
      return;
    }
    this.#kinds = kindsIn([this.#whole, this.#detail]);
    if (first) this.#askDetail();
    this.changed();
  }

  #receiveDetail(picture: Picture): void {
    this.#view = this.#view && this.#kept(this.#view, picture);
    this.#detail = picture;
    this.#kinds = kindsIn([this.#whole, this.#detail]);
    this.#problem = null;
    this.changed();
  }

  #receiveParts(parts: Parts | null): void {
    if (parts === null && this.#parts === null) return;
    this.#parts = parts;
    this.changed();
  }

  /** The view moved with the memory in its middle, where regions that came or went before it moved everything. */
  #kept(view: View, picture: Picture): View {
    const middle = (view.from + view.to) / 2;
    const before = this.#detail && this.#detail.revision !== picture.revision && stretchAt(this.#detail, middle);
    if (!before || before.kind === null) return view;
    const address = addressIn(before, middle);
    const now = stretchHolding(picture, address);
    return now ? panned(view, picture.length, positionIn(now, address) - middle) : view;
  }
}

function kindsIn(pictures: (Picture | null)[]): readonly Kind[] {
  const present = new Set<Kind | null>();
  for (const picture of pictures) for (const { kind } of picture?.stretches ?? []) present.add(kind);
  return KINDS.filter((kind) => present.has(kind));
}

/** A line of a processor's cache across the whole picture: closer there is nothing to see. */
const LEAST_BYTES = 64;
/** Of the picture's width, that a region takes at least when it is shown because it was chosen elsewhere. */
const LEAST_SHARE = 0.02;
