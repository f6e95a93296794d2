/** The tree's nodes in their places. */
import type { TargetId, TreeNode } from "../protocol/server.ts";
import { nameOf, type Target } from "./targets.ts";

/** A node of the tree in its place. */
export interface Element {
  readonly target: TargetId;
  readonly node: TreeNode;
  readonly parent: Element | null;
  /** The ids from the root down: the same through refreshes, so that expansion and selection stay. */
  readonly path: string;
}

/** Children in their places. Names for one address may repeat: the later ones get a number. */
export function placed(nodes: TreeNode[], parent: Element): Element[] {
  const seen = new Map<string, number>();
  return nodes.map((node) => {
    const before = seen.get(node.id) ?? 0;
    seen.set(node.id, before + 1);
    return place(node, parent, before === 0 ? node.id : `${node.id}#${before}`);
  });
}

export function place(node: TreeNode, parent: Element, name: string): Element {
  return { target: parent.target, node, parent, path: `${parent.path}/${name}` };
}

/** Of a process as its last notice says. */
export function processNode(target: Target): TreeNode {
  const { changed } = target;
  return {
    id: "process",
    type: "process",
    name: target.ended ? `${nameOf(target)}, ended` : nameOf(target),
    group: null,
    kind: null,
    start: null,
    end: null,
    permissions: null,
    size: changed?.totals?.size ?? changed?.sample.vsz ?? 0,
    rss: changed?.totals?.rss ?? changed?.sample.rss ?? null,
    count: changed?.regions ?? null,
    path: changed ? changed.executable : target.info.executable,
    source: null,
    hasChildren: (changed ? changed.limited : target.info.limited) === null,
  };
}
