// Builds everything that ships into dist/: the extension, the memory server, the panel and procmem.
//   node esbuild.js [--watch] [--tests]     --tests adds what the suite needs inside VS Code
const esbuild = require("esbuild");
const { mkdirSync } = require("node:fs");
const { readFile } = require("node:fs/promises");
const { withPlainFields } = require("./scripts/plainFields.mjs");

const watch = process.argv.includes("--watch");

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  outdir: "dist",
  logLevel: "info",
  legalComments: "none",
};

/** @type {import("esbuild").BuildOptions} */
const node = {
  ...common,
  platform: "node",
  format: "cjs",
  target: "node20",
  mainFields: ["module", "main"],
  // Programs find beside themselves what they load when it is needed: a worker, the demangler.
  define: { "import.meta.filename": "__filename", "import.meta.dirname": "__dirname" },
};

/** What has the symbol engine in it. */
const engine = watch ? (/** @type {import("esbuild").BuildOptions} */ options) => options : withPlainFields;

/**
 * What is imported dynamically becomes a file of its own, so that the extension's activation and procmem's start load
 * the small entry alone.
 * (esbuild's code splitting needs ESM, which a VS Code extension that uses CommonJS libraries cannot be.)
 * @type {import("esbuild").Plugin}
 */
const lazyParts = {
  name: "lazy-parts",
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".js"), external: true } : undefined,
    );
  },
};

/**
 * What compressed debug information alone needs takes some milliseconds to load: it is loaded when what a source imports
 * of it is first used.
 * @type {import("esbuild").Plugin}
 */
const lazyDecompression = {
  name: "lazy-decompression",
  setup(build) {
    build.onResolve({ filter: /^(node:zlib|fzstd)$/ }, async ({ path, namespace, importer }) => {
      if (namespace === "lazy") return path === "fzstd" ? undefined : { path, external: true };
      const source = await readFile(importer, "utf8");
      const [, names] = new RegExp(`import \\{ (.+) \\} from "${path}"`).exec(source) ?? [];
      if (names === undefined) throw new Error(`${importer} must import from ${path} by names, in one line.`);
      return {
        path: `${path} for ${importer}`,
        namespace: "lazy",
        pluginData: { path, names: names.split(", ") },
      };
    });
    build.onLoad({ filter: /./, namespace: "lazy" }, ({ pluginData: { path, names } }) => {
      const getters = names.map((/** @type {string} */ name) => `get ${name}() { return require("${path}").${name}; }`);
      return { contents: `module.exports = { ${getters.join(", ")} };`, resolveDir: __dirname };
    });
  },
};

/**
 * The indentation of the panel's templates of HTML and CSS means nothing and would be 10 kB of its script.
 * @type {import("esbuild").Plugin}
 */
const flatTemplates = {
  name: "flat-templates",
  setup(build) {
    build.onLoad({ filter: /src[\\/]webview[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/\n\s+/g, "\n"), loader: "ts" };
    });
  },
};

/** @type {import("esbuild").BuildOptions[]} */
const builds = [
  {
    ...node,
    entryPoints: ["src/extension/extension.ts", "src/extension/connection.ts"],
    external: ["vscode"],
    plugins: [lazyParts],
    // `require`, through which VS Code gives every part the `vscode` module.
    supported: { "dynamic-import": false },
  },
  engine({
    ...node,
    entryPoints: { server: "src/server/main.ts", symbolWorker: "src/symbols/symbolWorker.ts" },
    plugins: [lazyDecompression],
  }),
  engine({
    ...node,
    entryPoints: { procmem: "src/cli/main.ts" },
    banner: { js: "#!/usr/bin/env node" },
    plugins: [lazyParts, lazyDecompression],
    supported: { "dynamic-import": false },
  }),
  engine({ ...node, entryPoints: ["src/cli/processes.ts"], plugins: [lazyDecompression] }),
  {
    ...common,
    entryPoints: { demangler: "node_modules/gecko-profiler-demangle/index_bg.wasm" },
    loader: { ".wasm": "copy" },
  },
  {
    ...common,
    platform: "browser",
    format: "iife",
    target: "es2022",
    entryPoints: { panel: "src/webview/main.ts" },
    plugins: watch ? [] : [flatTemplates],
    loader: { ".ttf": "file" },
  },
];

if (process.argv.includes("--tests")) {
  builds.push({
    ...node,
    minify: false,
    entryPoints: { "test/bridge": "test/vscode/bridge.ts" },
  });
}

async function main() {
  mkdirSync("dist", { recursive: true });
  if (!watch) {
    await Promise.all(builds.map((options) => esbuild.build(options)));
    return;
  }
  for (const options of builds) await (await esbuild.context(options)).watch();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
