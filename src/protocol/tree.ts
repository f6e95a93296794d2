/** The tree of a target as messages: types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { Group, Kind } from "../memory/kind.ts";
import type { SourceLocation } from "../memory/module.ts";
import type { ThreadStack } from "../memory/threadStacks.ts";
import type { TargetId } from "./server.ts";

/**
 * Names a node of the tree, the same one from reading to reading: `process`, `group:heap`, `module:0x…:PATH`,
 * `regions:0x…-0x…:group:heap`, `region:0x…`, `section:0x…`, `symbol:0x…`, `gap:0x…`, `more:200-1534:0x…`.
 */
export type NodeId = string;

/** What the tree shows of a target. */
export interface TreeQuery {
  target: TargetId;
  /** Case-insensitive text found in address, permissions, kind or path. */
  filter: string;
  /** By size unless given. */
  order?: SymbolOrder;
}

/** A section's symbols, the largest first; or by address, with the bytes between them that no symbol covers. */
export type SymbolOrder = "size" | "address";

/** What the tree shows, as data; the extension puts it into words and icons. */
export interface TreeNode {
  id: NodeId;
  type: "process" | "group" | "module" | "regions" | "region" | "section" | "symbol" | "gap" | "more";
  name: string;
  group: Group | null;
  kind: Kind | null;
  /** `null` for what is no single stretch of addresses. */
  start: HexAddress | null;
  end: HexAddress | null;
  permissions: string | null;
  size: number;
  rss: number | null;
  /** Regions below a group, module or stretch; symbols below a section or `more`. */
  count: number | null;
  /** Of a section: bytes that no symbol covers. */
  uncovered?: number;
  /** Of a thread's stack that is known. */
  stack?: Pick<ThreadStack, "size" | "used" | "deepest" | "warning">;
  path: string | null;
  /** `null` from the server, which is asked for it apart. */
  source: SourceLocation | null;
  hasChildren: boolean;
}
