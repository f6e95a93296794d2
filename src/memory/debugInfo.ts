import type { DebugInfoOrigin } from "./module.ts";

/** What should be said of a module's debug information: that there is none, or why; where else than in it it is. */
export function debugInfoSentence({ path, refused }: DebugInfoOrigin, module: string): string | null {
  const [first] = refused;
  if (path !== null) return path === module ? null : `Debug information from ${path}`;
  if (first) return `No source lines: ${first.path} does not belong to it. ${first.reason}`;
  return "No source lines: it has no debug information. Compile it with -g, or install its debug package";
}
