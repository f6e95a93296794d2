/** Every context key of the extension, for the `when` clauses of package.json. */
import * as vscode from "vscode";

export interface ContextKeys {
  /** Something is looked at, be it running or ended: the tree has content. */
  hasTarget: boolean;
  /** The tree shows a part of the regions only. */
  filtered: boolean;
  /** Sections show their symbols by address rather than by size. */
  symbolsByAddress: boolean;
  /** The panel that was used last stays with its target. */
  panelPinned: boolean;
  /** Why the tree is empty. */
  empty: EmptyReason;
}

export type EmptyReason =
  /** No debug session, nothing chosen. */
  | "none"
  /** A session is there, its process is not yet known. */
  | "searching"
  /** A session is there, but its process was not found. */
  | "notFound"
  | "remote"
  | "core"
  | "recording"
  | "emulator"
  /** The host is no Linux: there is nothing to read. */
  | "notLinux";

export function setContext<K extends keyof ContextKeys>(key: K, value: ContextKeys[K]): void {
  void vscode.commands.executeCommand("setContext", `processMemory.${key}`, value);
}
