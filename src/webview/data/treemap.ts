/** What the treemap shows: the box that fills it, and the server's boxes within. */
import type { HexAddress } from "../../memory/address.ts";
import { KINDS, type Kind } from "../../memory/kind.ts";
import type { Measure, TargetId, Treemap, TreemapNode, TreemapQuery } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

/** All of the target's memory. */
export const WHOLE = "process";

export class SizeTreemap extends Observed {
  readonly #question: Question<TreemapQuery, Treemap>;
  #target: TargetId | null = null;
  #at: number | null = null;
  #measure: Measure = "rss";
  #root = WHOLE;
  /** CSS pixels; 0 while it is not in sight. */
  #width = 0;
  #height = 0;
  #answer: Treemap | null = null;
  /** Chosen elsewhere: the smallest box that holds it is to be chosen here. */
  #selected: HexAddress | null = null;
  #chosen: string | null = null;
  #kinds: readonly Kind[] = [];
  #problem: string | null = null;

  constructor(ask: Ask) {
    super();
    this.#question = new Question(
      (query) => ask("treemap", query),
      (answer, query) => this.#receive(answer, query),
      (message) => {
        this.#problem = message;
        this.changed();
      },
    );
  }

  /** `null` before the first answer. */
  get answer(): Treemap | null {
    return this.#answer;
  }

  /** The id of the box that fills the whole, as it is saved. */
  get root(): string {
    return this.#root;
  }

  /** The id of the chosen box; `null` where none is, or it is not in sight. */
  get chosen(): string | null {
    return this.#chosen;
  }

  /** The kinds that are to be seen, in the order of the list. */
  get kinds(): readonly Kind[] {
    return this.#kinds;
  }

  /** Why there is nothing newer, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Shows another target, whole or as it was left. */
  look(target: TargetId | null, root: string): void {
    this.#target = target;
    this.#root = root;
    this.#answer = null;
    this.#selected = null;
    this.#chosen = null;
    this.#problem = null;
    this.#question.forget();
    this.changed();
    this.refresh();
  }

  /** As it was then, in milliseconds since the epoch; `null`: as it is. */
  lookAt(at: number | null): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#question.forget();
    this.refresh();
  }

  /** Areas stand for another measure, by which other regions are the smaller ones. */
  measureBy(measure: Measure): void {
    if (measure === this.#measure) return;
    this.#measure = measure;
    if (this.#root.startsWith("more:")) this.leave();
    else this.refresh();
  }

  /** The canvas is so many CSS pixels large; 0 while it is out of sight. */
  resize(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    this.refresh();
  }

  /** The regions or their numbers changed, or the canvas did. */
  refresh(): void {
    if (this.#target === null || this.#width === 0 || this.#height === 0) return;
    const [target, at, measure, root] = [this.#target, this.#at, this.#measure, this.#root];
    this.#question.ask({
      target,
      at,
      measure,
      root,
      width: this.#width,
      height: this.#height,
      selected: this.#selected,
    });
  }

  /** Chooses the smallest box that holds an address that was chosen elsewhere. */
  select(address: HexAddress | null): void {
    this.#selected = address;
    this.#chosen = null;
    this.changed();
    this.refresh();
  }

  /** Chooses a box here. */
  choose({ id }: TreemapNode): void {
    this.#selected = null;
    this.#chosen = id;
    this.changed();
  }

  /** Fills the whole with a box. */
  enter(id: string): void {
    this.#root = id;
    this.refresh();
  }

  /** Goes one step out, with what was the whole chosen; does nothing where that was all. */
  leave(): void {
    const path = this.#answer?.path ?? [];
    const [parent, root] = [path.at(-2), path.at(-1)];
    if (!parent || !root) return;
    this.#selected = null;
    this.#chosen = root.id;
    this.enter(parent.id);
  }

  #receive(answer: Treemap, query: TreemapQuery): void {
    this.#answer = answer;
    this.#problem = null;
    // What was entered may be no more.
    if (query.root === this.#root) this.#root = answer.root.id;
    if (this.#selected !== null && query.selected === this.#selected) this.#chosen = answer.selected;
    const present = new Set(kindsIn(answer.root));
    this.#kinds = KINDS.filter((kind) => present.has(kind));
    this.changed();
  }
}

function* kindsIn(node: TreemapNode): Generator<Kind | null> {
  if (node.children.length === 0) yield node.kind;
  for (const child of node.children) yield* kindsIn(child);
}
