import { readdirSync, readFileSync } from "node:fs";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { contributes } = manifest;
const code = readdirSync("src/extension")
  .map((file) => readFileSync(`src/extension/${file}`, "utf8"))
  .join("\n");

/** Every `processMemory.…` that stands in quotes after one of these in the extension's code. */
function named(before: string): string[] {
  return Array.from(code.matchAll(new RegExp(`${before}\\(\\s*"([\\w.]+)"`, "g")), ([, name]) => name ?? "");
}

const commands: string[] = contributes.commands.map(({ command }: { command: string }) => command);

test("every command of the manifest is registered, and no other", () => {
  const registered = named("(?:registerCommand|\\bcommand)").filter((name) => name.startsWith("processMemory."));
  expect(registered.sort()).toEqual(commands.toSorted());
});

test("menus and welcome texts name commands that there are", () => {
  const items = Object.values(contributes.menus).flat() as { command: string }[];
  const links = contributes.viewsWelcome.flatMap(({ contents }: { contents: string }) =>
    Array.from(contents.matchAll(/\(command:(processMemory[\w.]+)\)/g), ([, command]) => command),
  );
  expect(links.length).toBeGreaterThan(0);
  for (const command of [...items.map(({ command }) => command), ...links]) expect(commands).toContain(command);
});

test("every setting of the manifest is read, and no other", () => {
  const settings = Object.keys(contributes.configuration.properties);
  const read = named("\\bget(?:<[^>]*>)?").filter((name) =>
    /^(hover|codeLens|crashReports|stepCosts|variables|inlineValues|statusBar|pollInterval|ignore|sourceMap|debugFileFolders|demangle)/.test(
      name,
    ),
  );
  expect([...new Set(read.map((name) => `processMemory.${name}`))].sort()).toEqual(settings.toSorted());
});

test("every setting has a place of its own among the others", () => {
  const settings = Object.values(contributes.configuration.properties) as { order: number }[];
  expect(settings.map(({ order }) => order).sort((a, b) => a - b)).toEqual(settings.map((_, i) => i + 1));
});

test("the tree's empty states each have words", () => {
  const reasons = /export type EmptyReason =([^;]+);/.exec(code)?.[1] ?? "";
  for (const [, reason] of reasons.matchAll(/"(\w+)"/g)) {
    const words = contributes.viewsWelcome.filter(({ when }: { when: string }) => when.includes(`== ${reason}`));
    expect(words.length, reason).toBe(1);
  }
});

test("the entry is small and leaves the language client to the first session", () => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: ["src/extension/extension.ts"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    external: ["vscode", "./connection.ts"],
    write: false,
    metafile: true,
    outdir: "dist",
  });
  expect(outputFiles[0]?.contents.length).toBeLessThan(150_000);
  expect(Object.keys(metafile.inputs).filter((file) => file.includes("vscode-languageclient"))).toEqual([]);
});
