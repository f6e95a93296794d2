/** Something that a user does in the panel, with the mouse or with the keys alone, and what comes of it either way. */
export interface Interaction {
  readonly name: string;
  /** Does it, and fails unless that came of it which is to come. */
  readonly try: (way: Way) => Promise<void>;
}

export const WAYS = ["mouse", "keyboard"] as const;
export type Way = (typeof WAYS)[number];

interface Steps<Before> extends Readonly<Record<Way, (before: Before) => Promise<unknown>>> {
  /** Brings the panel to where both ways begin, and tells what the outcome is compared with. */
  readonly begin: () => Promise<Before>;
  /** Waits for what comes of it. */
  readonly end: (before: Before) => Promise<unknown>;
}

export function interaction<Before>(name: string, steps: Steps<Before>): Interaction {
  return {
    name,
    async try(way) {
      const before = await steps.begin();
      await steps[way](before);
      await steps.end(before);
    },
  };
}
