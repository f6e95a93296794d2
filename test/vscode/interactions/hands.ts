/** The parts of the panel as hands and eyes find them. */
import { readFileSync } from "node:fs";
import type { Frame, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type HexAddress, toHex } from "../../../src/memory/address.ts";
import type { MemoryPanel } from "../../../src/webview/components/memoryPanel.ts";
import type { View } from "../../../src/webview/data/view.ts";
import type { Window } from "../window.ts";
import { Panel } from "../workbench.ts";

export class Hands extends Panel {
  readonly window: Window;
  /** Where some of the demo's regions begin: its heap, and its 16 MiB, which are larger than all others. */
  heap: HexAddress = "0x0";
  large: HexAddress = "0x0";

  constructor(window: Window) {
    super(window);
    this.window = window;
  }

  /** The window's mouse and keys. */
  get desk(): Page {
    return this.window.page;
  }

  /** Learns where the demo's regions are. */
  async learn(): Promise<void> {
    const [, pid] = /pid (\d+)/.exec(await this.text("target-header")) ?? [];
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n")) {
      const [start = 0n, end = 0n] = line.split(/[- ]/, 2).map((part) => BigInt(`0x${part}`));
      if (line.endsWith("[heap]")) this.heap = toHex(start);
      if (/ rw-p .* 0 +$/.test(line) && Number(end - start) >> 20 === 16) this.large = toHex(start);
    }
  }

  async frame(): Promise<Frame> {
    const element = await this.page.locator("html").elementHandle();
    const frame = await element?.ownerFrame();
    if (!frame) throw new Error("The panel is not open.");
    return frame;
  }

  part(selector: string): Locator {
    return this.page.locator(selector);
  }

  button(name: string | RegExp, within = "memory-panel"): Locator {
    return this.part(within).getByRole("button", { name, exact: typeof name === "string" });
  }

  /** The picture in address order. */
  get picture(): Locator {
    return this.part("picture-canvas canvas");
  }

  get treemap(): Locator {
    return this.part("size-treemap canvas");
  }

  get chart(): Locator {
    return this.part("time-chart .chart");
  }

  get grid(): Locator {
    return this.part("region-table .scroller");
  }

  get pages(): Locator {
    return this.part("page-canvas canvas");
  }

  get details(): Locator {
    return this.part("selection-details");
  }

  get selectedRows(): Locator {
    return this.part(".body [role=row][aria-selected=true]");
  }

  /** Runs in the panel's page, with what it shows. */
  look<Seen>(eye: (panel: MemoryPanel) => Seen): Promise<Seen> {
    return this.part("memory-panel").evaluate(eye);
  }

  /** What of the address axis is in view. */
  view(): Promise<View> {
    return this.look(({ model }) => ({ from: model.picture.view.from, to: model.picture.view.to }));
  }

  /** The widest region of the picture: where it lies on the axis, and its middle in pixels of the canvas. */
  widest(): Promise<View & { x: number }> {
    return this.look((panel) => {
      const { whole, detail, view } = panel.model.picture;
      const regions = ((detail ?? whole)?.stretches ?? []).filter(({ kind, regions }) => kind && regions === 1);
      const [widest] = regions.sort((one, other) => other.to - other.from - (one.to - one.from));
      const map = panel.querySelector("memory-map")?.shadowRoot?.querySelector("address-map");
      const canvas = map?.shadowRoot?.querySelector("picture-canvas")?.shadowRoot?.querySelector("canvas");
      if (!widest || !canvas) throw new Error("There is no picture.");
      const { from, to } = widest;
      return { from, to, x: (((from + to) / 2 - view.from) / (view.to - view.from)) * canvas.clientWidth };
    });
  }

  /** Presses the button on a part of the panel, moves by so many pixels, and lets go. */
  async drag(part: Locator, from: { x: number; y: number }, by: { x: number; y: number }): Promise<void> {
    await part.hover({ position: from });
    const box = await part.boundingBox();
    if (!box) throw new Error("What is to be dragged is not in sight.");
    const { mouse } = this.desk;
    const [x, y] = [box.x + from.x, box.y + from.y];
    await mouse.down();
    await mouse.move(x + by.x / 2, y + by.y / 2);
    await mouse.move(x + by.x, y + by.y, { steps: 2 });
    await mouse.up();
  }

  /** A place in a part of the panel, in shares of its width and height. */
  async placeIn(part: Locator, across: number, down: number): Promise<{ x: number; y: number }> {
    const { width, height } = (await part.boundingBox()) ?? { width: 0, height: 0 };
    return { x: Math.round(width * across), y: Math.round(height * down) };
  }

  /** Goes on with Tab until the part has the focus. */
  async tabTo(part: Locator): Promise<void> {
    for (let presses = 0; presses < MOST_TABS; presses++) {
      if (await part.evaluate((element) => element.matches(":focus"))) return;
      await this.desk.keyboard.press("Tab");
    }
    throw new Error(`${part} was not reached with Tab.`);
  }

  /**
   * Shows all that is live, whole, in address order, with one region chosen. What is not to be tried is done at once,
   * without mouse or keys.
   */
  async begin(address: HexAddress): Promise<void> {
    await this.desk.mouse.move(1, 1);
    await this.part("memory-panel").evaluate(({ model }: MemoryPanel, address) => {
      model.showMoment(null);
      if (model.layout !== "address") model.layout = "address";
      if (model.measure !== "rss") model.measure = "rss";
      model.timeView.showWhole();
      model.stops.open(false);
      model.rows.filterBy("");
      if (model.rows.grouping) model.rows.groupBy(null);
      if (model.rows.order.sort !== "start") model.rows.sortBy({ sort: "start", descending: false });
      model.rows.showColumns(null);
      model.pages.choose(null);
      model.pages.showWhole();
      model.receiveReveal({ target: model.state?.shown ?? "", address });
      model.picture.showWhole();
    }, address);
    await this.picture.waitFor();
    await expect.poll(() => this.look(({ model }) => model.picture.region?.start)).toBe(address);
    await expect.poll(() => this.look(({ model }) => model.details.explanation?.address)).toBe(address);
    await expect.poll(() => this.selectedAddresses()).toEqual([address]);
  }

  /** Those of the rows in view that are selected. */
  async selectedAddresses(): Promise<string[]> {
    const addresses = await this.selectedRows.locator("[data-column=start]").allTextContents();
    return addresses.map((address) => address.trim());
  }

  /** What stands in a part, its shadow's text too. */
  text(selector: string): Promise<string> {
    return this.part(selector).evaluate((part) => (part.shadowRoot ?? part).textContent?.trim() ?? "");
  }

  /** The address whose details are shown. */
  async told(): Promise<string | null> {
    const address = this.details.locator("code").first();
    return (await address.count()) > 0 ? address.textContent() : null;
  }
}

const MOST_TABS = 60;
