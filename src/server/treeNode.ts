import type { TreeNode } from "../protocol/server.ts";

/** What a node has none of unless it says so. */
export const PLAIN_NODE = {
  group: null,
  kind: null,
  start: null,
  end: null,
  permissions: null,
  size: 0,
  rss: null,
  count: null,
  path: null,
  source: null,
  hasChildren: false,
} satisfies Partial<TreeNode>;
