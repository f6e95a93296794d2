import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

/** Who may import whom, as docs/architecture.md has it: [room, refused imports, allowed imports]. */
const ROOMS: [room: string, refused: string[], allowed: string[]][] = [
  [
    "memory",
    ["node:fs", "vscode", "lit", "../linux/process.ts", "../server/main.ts"],
    ["./region.ts", "../protocol/server.ts"],
  ],
  ["protocol", ["node:fs", "vscode", "../symbols/elfFile.ts"], ["./server.ts", "../memory/region.ts"]],
  [
    "linux",
    ["vscode", "vscode-jsonrpc", "../symbols/elfFile.ts", "../protocol/server.ts", "../server/main.ts"],
    ["node:fs", "../memory/region.ts"],
  ],
  ["heap", ["vscode", "../linux/process.ts", "../symbols/elfFile.ts"], ["node:timers/promises", "../memory/region.ts"]],
  ["symbols", ["vscode", "../linux/process.ts", "../protocol/server.ts"], ["node:fs", "../memory/region.ts"]],
  [
    "server",
    ["vscode", "../extension/extension.ts", "../cli/main.ts", "../webview/main.ts"],
    ["vscode-languageserver/node", "../linux/process.ts", "../symbols/elfFile.ts", "../memory/region.ts"],
  ],
  [
    "cli",
    ["vscode", "../server/main.ts", "../extension/extension.ts"],
    ["node:util", "../linux/process.ts", "../protocol/server.ts"],
  ],
  [
    "extension",
    ["../linux/process.ts", "../symbols/elfFile.ts", "../server/main.ts", "../webview/main.ts"],
    ["vscode", "../protocol/server.ts", "../memory/region.ts"],
  ],
  [
    "webview",
    ["vscode", "node:fs", "../linux/process.ts", "../extension/extension.ts"],
    ["lit", "../protocol/panel.ts", "../memory/region.ts"],
  ],
];

const folder = mkdtempSync(join(tmpdir(), "process-memory-rooms-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lints a tree that has one file for each import of the table; gives the files that the import rules refuse. */
function lint(): Set<string> {
  copyFileSync("biome.json", join(folder, "biome.json"));
  for (const [room, refused, allowed] of ROOMS) {
    mkdirSync(join(folder, "src", room), { recursive: true });
    [...refused, ...allowed].forEach((specifier, index) => {
      const code = `import * as it from "${specifier}";\n\nexport default it;\n`;
      writeFileSync(join(folder, "src", room, `import${index}.ts`), code);
    });
  }
  const biome = join(process.cwd(), "node_modules/.bin/biome");
  const { stdout } = spawnSync(
    biome,
    ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports", "--reporter=github", "--max-diagnostics=none"],
    { cwd: folder, encoding: "utf8" },
  );
  return new Set(Array.from(stdout.matchAll(/file=\S*?(src\/\w+\/import\d+\.ts)/g), (match) => match[1] as string));
}

const refusals = lint();

for (const [room, refused, allowed] of ROOMS) {
  test(`the linter keeps ${room} from importing what belongs to other rooms`, () => {
    const files = [...refused, ...allowed].map((specifier, index) => ({
      specifier,
      refused: refusals.has(`src/${room}/import${index}.ts`),
    }));
    expect(files.filter((file) => file.refused).map((file) => file.specifier)).toEqual(refused);
  });
}
