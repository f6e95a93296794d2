// Makes what the symbol engine's classes keep to themselves plain fields in what ships.
import { readFile } from "node:fs/promises";

const PREFIX = "private_";
/** `this.#name`, and `#name` where it is declared. */
const PRIVATE_NAME = /(?<=\.|^\s+(?:(?:static|async|readonly|get|set) )*\*?)#(?=[a-z])/gm;
const HEIR = /\bclass \w+ extends (?!Error\b)/;

/** @type {import("esbuild").Plugin} */
const plainNames = {
  name: "plain-names",
  setup(build) {
    build.onLoad({ filter: /src[\\/]symbols[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      // Private names of two classes are never the same; plain ones would be.
      if (HEIR.test(source)) throw new Error(`A class in ${path} would share its private fields with its heir.`);
      return { contents: source.replace(PRIVATE_NAME, PREFIX), loader: "ts" };
    });
  },
};

/**
 * Private fields cost time when nothing has been compiled yet: V8 makes a function for those of each class, and reads the
 * class once more for it. Without them a first answer takes a twentieth less.
 * @param {import("esbuild").BuildOptions} options
 * @returns {import("esbuild").BuildOptions}
 */
export function withPlainFields(options) {
  return {
    ...options,
    plugins: [...(options.plugins ?? []), plainNames],
    mangleProps: new RegExp(`^${PREFIX}`),
    // They are set by the constructor.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  };
}
