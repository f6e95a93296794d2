/** The tree's nodes in words, icons and tooltips. */
import * as vscode from "vscode";
import { GROUP_LABELS, type Group, KIND_LABELS, type Kind } from "../memory/kind.ts";
import { formatBytes } from "../memory/size.ts";
import { stackInWords } from "../memory/threadStacks.ts";
import type { TreeNode } from "../protocol/server.ts";

/** The item of a node. `active` processes stand out where there are several. */
export function treeItem(node: TreeNode, id: string, active: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(labelOf(node), collapsible(node));
  item.id = id;
  item.description = descriptionOf(node);
  const icon = iconOf(node);
  if (icon) item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = contextOf(node, active);
  item.accessibilityInformation = { label: [labelOf(node), ...factsOf(node)].join(", ") };
  return item;
}

/** What it is, in words, with more lines about it; made when the mouse asks for it. */
export function tooltipOf(node: TreeNode, more: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown("**");
  text.appendText(labelOf(node));
  text.appendMarkdown("**");
  for (const line of [...factsOf(node), ...more]) {
    text.appendMarkdown("  \n");
    text.appendText(line);
  }
  return text;
}

/** A line of text for the clipboard. */
export function textOf(node: TreeNode): string {
  const range = node.start && node.end ? `${node.start}-${node.end}` : "";
  const resident = node.rss === null ? "" : `${formatBytes(node.rss)} resident`;
  return [range, node.permissions ?? "", formatBytes(node.size), resident, labelOf(node), lineOf(node)]
    .filter((part) => part)
    .join("\t");
}

export function labelOf(node: TreeNode): string {
  return node.type === "group" && node.group ? GROUP_LABELS[node.group] : node.name;
}

function collapsible(node: TreeNode): vscode.TreeItemCollapsibleState {
  if (!node.hasChildren) return vscode.TreeItemCollapsibleState.None;
  return node.type === "process" ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function descriptionOf(node: TreeNode): string {
  const size = formatBytes(node.size);
  const resident = node.rss === null ? null : `${formatBytes(node.rss)} resident`;
  if (node.type === "symbol" || node.type === "section" || node.type === "gap")
    return [node.permissions, size, lineOf(node)].filter((part) => part).join("  ");
  if (node.type === "more") return "";
  if (node.stack)
    return [node.permissions, stackInWords(node.stack), node.stack.warning].filter((part) => part).join("  ");
  return [node.permissions, resident ? `${size}, ${resident}` : size].filter((part) => part).join("  ");
}

/** `demo.c:36`. */
function lineOf({ source }: TreeNode): string | null {
  return source && `${source.file.slice(source.file.lastIndexOf("/") + 1)}:${source.line}`;
}

function* factsOf(node: TreeNode): Generator<string> {
  if (node.type === "more") return;
  if (node.kind) yield capitalised(KIND_LABELS[node.kind]);
  if (node.group && GROUP_EXPLANATIONS[node.group] && node.type === "group") yield GROUP_EXPLANATIONS[node.group];
  if (node.start && node.end) yield `${node.start} to ${node.end}`;
  const resident = node.rss === null ? "" : `, of which ${formatBytes(node.rss)} resident in memory`;
  yield `${formatBytes(node.size)}${resident}`;
  if (node.stack) yield capitalised(stackInWords(node.stack));
  if (node.stack?.warning) yield node.stack.warning;
  if (node.permissions) yield permissionsInWords(node.permissions);
  if (node.count !== null && node.count > 0) yield countInWords(node, node.count);
  if (node.uncovered) yield `${formatBytes(node.uncovered)} without a symbol`;
  if (node.path && node.path !== node.name) yield node.path;
  if (node.source) yield `${node.kind === "code" ? "" : "Declared at "}${node.source.file}:${node.source.line}`;
}

function countInWords(node: TreeNode, count: number): string {
  const what = node.type === "section" ? "symbol" : "region";
  return `${count.toLocaleString()} ${what}${count === 1 ? "" : "s"}`;
}

/** `readable and writable, private (copy on write)` for `rw-p`. */
export function permissionsInWords(letters: string): string {
  const may = [
    letters[0] === "r" ? "readable" : "",
    letters[1] === "w" ? "writable" : "",
    letters[2] === "x" ? "executable" : "",
  ].filter((word) => word);
  const last = may.pop();
  const access = last ? [may.join(", "), last].filter((part) => part).join(" and ") : "not accessible";
  const sharing = letters[3] === "s" ? ", shared" : letters[3] === "p" ? ", private (copy on write)" : "";
  return capitalised(`${access}${sharing}`);
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function iconOf(node: TreeNode): string | null {
  switch (node.type) {
    case "process":
      return "server-process";
    case "group":
      return node.group && GROUP_ICONS[node.group];
    case "module":
      return "file-binary";
    case "regions":
      return "list-tree";
    case "region":
      return node.kind && KIND_ICONS[node.kind];
    case "section":
      return "symbol-namespace";
    case "symbol":
      return node.kind === "code" ? "symbol-method" : "symbol-variable";
    case "gap":
      return "dash";
    case "more":
      return null;
  }
}

/** For `viewItem` in package.json: words that its patterns look for. */
function contextOf(node: TreeNode, active: boolean): string {
  const words: string[] = [node.type];
  if (node.start) words.push("addressed");
  if (node.source) words.push("sourced");
  if (node.type === "process" && active) words.push("active");
  return words.join(" ");
}

const GROUP_ICONS: Readonly<Record<Group, string>> = {
  program: "package",
  libraries: "library",
  heap: "database",
  stacks: "layers",
  anonymous: "circle-large-outline",
  shared: "link",
  files: "files",
  kernel: "settings-gear",
};

const GROUP_EXPLANATIONS: Readonly<Record<Group, string>> = {
  program: "The executable: its code, constants and variables",
  libraries: "Shared libraries and the dynamic loader",
  heap: "What malloc took with brk",
  stacks: "The stacks of the threads, and their guards",
  anonymous: "Memory without a file: large allocations, arenas, generated code",
  shared: "Memory that other processes may map as well",
  files: "Files that are mapped as data",
  kernel: "Pages that the kernel provides",
};

const KIND_ICONS: Readonly<Record<Kind, string>> = {
  code: "code",
  rodata: "lock",
  relro: "lock",
  data: "symbol-field",
  bss: "symbol-array",
  heap: "database",
  stack: "layers",
  threadStack: "layers",
  guard: "shield",
  anonymous: "circle-large-outline",
  namedAnonymous: "tag",
  sharedAnonymous: "link",
  file: "file",
  sysvShm: "link",
  posixShm: "link",
  memfd: "link",
  vdso: "settings-gear",
  vvar: "settings-gear",
  vsyscall: "settings-gear",
  device: "plug",
  jit: "zap",
};
