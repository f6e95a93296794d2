/** All that the panel shows, and the one place where the selection is kept. */
import type { HexAddress } from "../../memory/address.ts";
import type { SourceLocation } from "../../memory/module.ts";
import type { PanelNotifications, PanelState } from "../../protocol/panel.ts";
import type { Changed, ChangeNote, FoundPlace, Measure, TargetId } from "../../protocol/server.ts";
import { AddressPicture } from "./addressPicture.ts";
import { History } from "./history.ts";
import { Observed } from "./observed.ts";
import { PageGrid } from "./pageGrid.ts";
import { PlaceFinder } from "./placeFinder.ts";
import type { Ask } from "./question.ts";
import { RegionRows } from "./regionRows.ts";
import { SelectionDetails } from "./selectionDetails.ts";
import { StopList } from "./stopList.ts";
import { TimeView } from "./timeView.ts";
import { SizeTreemap, WHOLE } from "./treemap.ts";
import { type Layout, readViewState, type ViewState } from "./viewState.ts";

/** The extension, as the panel sees it. */
export interface Extension {
  ask: Ask;
  tell<M extends keyof PanelNotifications>(method: M, params: PanelNotifications[M]): void;
}

export class PanelModel extends Observed {
  readonly picture: AddressPicture;
  readonly treemap: SizeTreemap;
  readonly finder: PlaceFinder;
  readonly rows: RegionRows;
  readonly history: History;
  readonly timeView: TimeView;
  readonly stops: StopList;
  readonly details: SelectionDetails;
  readonly pages: PageGrid;
  readonly #extension: Extension;
  #saved: ViewState;
  #state: PanelState | null = null;
  #changed: Changed | null = null;
  #lastChange: Changed | null = null;
  #selected: HexAddress | null = null;
  #moment: number | null = null;
  #layout: Layout;
  #measure: Measure;
  #hasCounters: boolean;
  #problem: string | null = null;
  #pictured: () => void = () => {};

  /** `saved` is what {@link viewState} gave before the panel was hidden or reloaded. */
  constructor(extension: Extension, saved: unknown) {
    super();
    this.#extension = extension;
    this.#saved = readViewState(saved);
    this.#layout = this.#saved.layout;
    this.#measure = this.#saved.measure;
    this.#hasCounters = this.#saved.counters;
    const ask: Ask = (method, params) => extension.ask(method, params);
    // All that is asked for at once comes later than the one thing that is waited for.
    const pictured = new Promise<void>((resolve) => {
      this.#pictured = resolve;
    });
    const askLater: Ask = (method, params) => pictured.then(() => extension.ask(method, params));
    this.picture = new AddressPicture(ask, askLater);
    this.treemap = new SizeTreemap(ask);
    this.finder = new PlaceFinder(ask, (place) => this.#go(place));
    this.rows = new RegionRows(ask);
    this.history = new History(askLater);
    this.timeView = new TimeView(this.history, this.#saved.time);
    this.stops = new StopList(askLater, this.#saved.stops);
    this.details = new SelectionDetails(ask);
    this.pages = new PageGrid(ask);
    this.picture.measureBy(this.#measure);
    this.treemap.measureBy(this.#measure);
    this.picture.listen(() => this.#showPages());
    this.rows.sortBy(this.#saved.order);
    this.rows.groupBy(this.#saved.grouping);
    this.rows.showColumns(this.#saved.columns);
    this.rows.filterBy(this.#saved.filter);
  }

  /** What the extension last said; `null` before its first answer. */
  get state(): PanelState | null {
    return this.#state;
  }

  /** The last notice of the shown target. */
  get last(): Changed | null {
    return this.#changed;
  }

  /** Whether there is an address to tell of. */
  get hasSelection(): boolean {
    return this.#selected !== null;
  }

  /** The last notice that tells of regions that came, went, or are others; `null` before the first. */
  get lastChange(): Changed | null {
    return this.#lastChange;
  }

  /** The past moment that is shown, in milliseconds since the epoch; `null`: what is now. */
  get moment(): number | null {
    return this.#moment;
  }

  /** Why the extension did not answer at all. */
  get problem(): string | null {
    return this.#problem;
  }

  /** What a picture of the panel is of, and when. */
  get caption(): { title: string; facts: string } {
    const { shown, targets } = this.#state ?? { shown: null, targets: [] };
    const time = this.#moment ?? this.#changed?.sample.time;
    const title = targets.find(({ target }) => target === shown)?.label ?? "";
    const facts = [
      this.#changed?.executable,
      time === undefined ? null : new Date(time).toLocaleString(undefined, { hourCycle: "h23" }),
    ];
    return { title, facts: facts.filter((fact) => fact).join("  ·  ") };
  }

  get viewState(): ViewState {
    if (!this.#state?.shown) return this.#saved;
    return {
      shown: this.#state.shown,
      pinned: this.#state.pinned,
      selected: this.#selected,
      zoom: this.picture.zoom,
      layout: this.#layout,
      measure: this.#measure,
      box: this.treemap.root,
      filter: this.rows.filter,
      order: this.rows.order,
      columns: this.rows.columns,
      grouping: this.rows.grouping,
      row: this.rows.first,
      pages: this.pages.zoom,
      counters: this.#hasCounters,
      time: this.timeView.state,
      stops: this.stops.state,
      moment: this.#moment,
    };
  }

  /** Asks for all there is to show. */
  async start(): Promise<void> {
    try {
      this.receiveState(await this.#extension.ask("ready", null));
    } catch {
      this.#problem = "The extension did not answer. Close this panel and open it again.";
      this.changed();
    }
  }

  /** The first picture has been drawn: now the rest is asked for. */
  pictured(): void {
    this.#pictured();
  }

  receiveState(state: PanelState): void {
    const isOther = this.#state === null || state.shown !== this.#state.shown;
    this.#state = state;
    if (isOther) this.#look(state);
    if (state.changed) this.#receive(state.changed, isOther);
    this.changed();
  }

  receiveChanged(changed: Changed): void {
    if (changed.target === this.#state?.shown) this.#receive(changed, false);
  }

  /** More is known of its steps. */
  receiveStepped({ target }: { target: TargetId }): void {
    if (target === this.#state?.shown) this.stops.refresh();
  }

  /** Something was chosen in another view. */
  receiveReveal({ target, address }: { target: TargetId; address: HexAddress }): void {
    if (target !== this.#state?.shown) return;
    this.#selected = address;
    this.picture.select(address, true);
    this.treemap.select(address);
    this.rows.select(address, true);
    this.details.show(target, address);
    this.changed();
  }

  /** The user chose an address here: the other parts of the panel show it, and so do the other views. */
  select(address: HexAddress, where: "picture" | "treemap" | "rows" | "details"): void {
    const target = this.#state?.shown;
    if (!target) return;
    this.#selected = address;
    this.picture.select(address, where !== "picture");
    if (where !== "treemap") this.treemap.select(address);
    this.rows.select(address, where !== "rows");
    this.details.show(target, address);
    this.#extension.tell("select", { target, address });
    this.changed();
  }

  /** Shows the map and the table as they were then, in milliseconds since the epoch; `null`: as they are. */
  showMoment(moment: number | null): void {
    if (moment === this.#moment) return;
    this.#lookAt(moment);
    this.changed();
  }

  show(target: TargetId): void {
    this.#extension.tell("show", { target });
  }

  pickProcess(): void {
    this.#extension.tell("pickProcess", null);
  }

  copy(text: string): void {
    this.#extension.tell("copy", { text });
  }

  openSource(source: SourceLocation): void {
    this.#extension.tell("openSource", source);
  }

  openFile(path: string): void {
    this.#extension.tell("openFile", { path });
  }

  showInTree(address: HexAddress): void {
    if (this.#state?.shown) this.#extension.tell("showInTree", { target: this.#state.shown, address });
  }

  /** Asks who else maps what is at the address. */
  findSharers(address: HexAddress): void {
    if (this.#state?.shown) this.#extension.tell("sharers", { target: this.#state.shown, address });
  }

  /** How the map of the memory is laid out. */
  get layout(): Layout {
    return this.#layout;
  }

  set layout(layout: Layout) {
    this.#layout = layout;
    this.changed();
  }

  /** What the map's heights and areas stand for. */
  get measure(): Measure {
    return this.#measure;
  }

  set measure(measure: Measure) {
    this.#measure = measure;
    this.picture.measureBy(measure);
    this.treemap.measureBy(measure);
    this.changed();
  }

  /** Whether the header tells all counters. */
  get hasCounters(): boolean {
    return this.#hasCounters;
  }

  set hasCounters(hasCounters: boolean) {
    this.#hasCounters = hasCounters;
    this.changed();
  }

  /** Opens the report of the crash that {@link PanelState.crash} tells of. */
  showCrash(): void {
    this.#extension.tell("showCrash", null);
  }

  refresh(): void {
    if (this.#state?.shown) this.#extension.tell("refresh", { target: this.#state.shown });
  }

  /** `isAsked`: the views have just asked for what is told of. */
  #receive(changed: Changed, isAsked: boolean): void {
    const moved = changed.revision !== this.#changed?.revision;
    if (moved && changed.revision > 1 && hasRegions(changed.changes)) this.#lastChange = changed;
    this.#changed = changed;
    if (this.#moment === null && !isAsked) this.#refreshViews(moved);
    this.history.receive(changed);
    this.stops.receive(changed);
    this.pages.refresh();
    this.changed();
  }

  #look({ shown, selected }: PanelState): void {
    const kept = shown === this.#saved.shown ? this.#saved : null;
    if (shown !== null) this.#saved = readViewState(null);
    this.#changed = null;
    this.#lastChange = null;
    this.#lookAt(kept?.moment ?? null);
    this.#selected = selected ?? kept?.selected ?? null;
    this.picture.look(shown, kept?.zoom ?? null);
    this.treemap.look(shown, kept?.box ?? WHOLE);
    this.finder.look(shown);
    this.rows.look(shown, kept?.row ?? 0);
    this.history.look(shown);
    this.stops.look(shown);
    this.timeView.look(kept?.time ?? null);
    this.picture.select(this.#selected, false);
    this.treemap.select(this.#selected);
    this.rows.select(this.#selected, false);
    this.details.show(shown, this.#selected);
    this.pages.restore(kept?.pages ?? null);
  }

  #go(place: FoundPlace): void {
    this.picture.zoomTo(place);
    if (place.isMapped) this.select(place.address, "picture");
  }

  #refreshViews(moved: boolean): void {
    if (!moved) {
      this.rows.keepFresh();
      return;
    }
    this.picture.refresh();
    this.treemap.refresh();
    this.rows.refresh();
    this.details.refresh();
  }

  #lookAt(moment: number | null): void {
    this.#moment = moment;
    this.picture.lookAt(moment);
    this.treemap.lookAt(moment);
    this.finder.lookAt(moment);
    this.rows.lookAt(moment);
    this.details.lookAt(moment);
    this.#showPages();
  }

  /** Pages are known of now alone. */
  #showPages(): void {
    this.pages.show(this.#state?.shown ?? null, this.#moment === null ? this.picture.region : null);
  }
}

/** Whether more changed than the numbers of regions. */
function hasRegions({ added, removed, grown, shrunk, protection }: ChangeNote): boolean {
  return [added, removed, grown, shrunk, protection].some(({ count }) => count > 0);
}
