/** The part of the address axis that the picture shows, in positions along it (memory/axis.ts). Never outside the axis. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Zooms by a factor (> 1: closer) so that `at` stays where it is on the screen. No narrower than `narrowest`. */
export function zoomed(view: View, length: number, at: number, factor: number, narrowest: number): View {
  const span = clamp((view.to - view.from) / factor, Math.min(narrowest, length), length);
  const share = (at - view.from) / (view.to - view.from);
  return inside(at - span * share, span, length);
}

/** Moves by a distance along the axis, up to its ends. */
export function panned(view: View, length: number, distance: number): View {
  return inside(view.from + distance, view.to - view.from, length);
}

/** The view of a stretch with a margin on both sides, `share` of the stretch each. */
export function around(stretch: View, length: number, share: number): View {
  const margin = (stretch.to - stretch.from) * share;
  return inside(stretch.from - margin, Math.min(length, stretch.to - stretch.from + 2 * margin), length);
}

/** The view moved, and narrowed where need be, so that the stretch is in it and takes at least `share` of it. */
export function revealing(view: View, length: number, stretch: View, share: number): View {
  const width = stretch.to - stretch.from;
  const span = Math.max(Math.min(view.to - view.from, width / share), Math.min(length, width));
  const visible = stretch.from >= view.from && stretch.to <= view.to;
  if (visible && span === view.to - view.from) return view;
  return inside((stretch.from + stretch.to - span) / 2, span, length);
}

function inside(from: number, span: number, length: number): View {
  const start = clamp(from, 0, Math.max(0, length - span));
  return { from: start, to: Math.min(length, start + span) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
