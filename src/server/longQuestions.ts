import type { Work } from "../memory/module.ts";
import { TargetError } from "../memory/target.ts";
import type { Indexing } from "../protocol/server.ts";

/** Milliseconds that a question may take before views are told of it. */
const PATIENCE = 500;

/**
 * Questions whose answer waits for debug information, or for a look at all processes: views are told of those that take
 * long, and how far they are, and can end them all.
 */
export class LongQuestions {
  readonly #tell: (indexing: Indexing) => void;
  readonly #asked = new Set<AbortController>();
  /** What views were told of. */
  #told: AbortController | null = null;

  constructor(tell: (indexing: Indexing) => void) {
    this.#tell = tell;
  }

  /** Asks; `name` is what is read. Throws what `ask` throws, a {@link TargetError} when stopped. */
  async ask<Answer>(name: string, ask: (work: Work) => Promise<Answer>, ended?: AbortSignal): Promise<Answer> {
    const controller = new AbortController();
    const signal = ended ? AbortSignal.any([controller.signal, ended]) : controller.signal;
    const begun = performance.now();
    const progress = (done: number) => {
      if (performance.now() - begun < PATIENCE || (this.#told ?? controller) !== controller) return;
      this.#told = controller;
      this.#tell({ file: name, done });
    };
    this.#asked.add(controller);
    try {
      return await ask({ signal, progress });
    } finally {
      this.#asked.delete(controller);
      if (this.#told === controller) {
        this.#told = null;
        this.#tell({ file: null, done: 1 });
      }
    }
  }

  stop(): void {
    const reason = new TargetError("unreadable", "Reading source lines was stopped. Refresh to try again.");
    for (const controller of this.#asked) controller.abort(reason);
  }
}

/** What is looked for in several files: one that cannot be read has none of it; a search that was stopped has no answer. */
export function noneUnlessStopped(work?: Work): (error: unknown) => [] {
  return (error) => {
    if (work?.signal?.aborted) throw error;
    return [];
  };
}
