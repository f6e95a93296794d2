/**
 * The library `gecko-profiler-demangle`: rustc-demangle in WebAssembly. Loaded with the first name of Rust: it takes some
 * milliseconds, which programs of other languages shall not cost.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The most memory it may have: a name of a hundred bytes can stand for one of gigabytes. In pages of 64 KiB. */
const MOST_PAGES = 32;

/** Beside the bundle; in the library's package where the sources run as they are. */
const PLACES = ["demangler.wasm", "../../node_modules/gecko-profiler-demangle/index_bg.wasm"];

/** @see `index_bg.js` of the package, which `wasm-bindgen` made */
interface Library {
  readonly memory: WebAssembly.Memory;
  demangle_any(address: number, length: number): [address: number, length: number];
  __wbindgen_malloc(length: number, alignment: number): number;
  __wbindgen_free(address: number, length: number, alignment: number): void;
}

let code: WebAssembly.Module | null | undefined;
let library: Library | null = null;

/**
 * What the library makes of a name of Rust; `null` where it makes nothing of it, where that would be longer than
 * `limit` bytes, or where the library is not there.
 */
export function demangleRust(name: string, limit: number): string | null {
  try {
    library ??= load();
    if (library === null) return null;
    const length = Buffer.byteLength(name);
    const address = library.__wbindgen_malloc(length, 1) >>> 0;
    Buffer.from(library.memory.buffer, address, length).write(name);
    const [at, size] = library.demangle_any(address, length);
    const answer = size >>> 0 > limit ? null : Buffer.from(library.memory.buffer, at >>> 0, size).toString();
    library.__wbindgen_free(at, size, 1);
    // What it does not know it gives back without the first underscore.
    return answer === name.slice(1) ? null : answer;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    // Out of memory or of stack. What it has left behind is of no use.
    library = null;
    return null;
  }
}

function load(): Library | null {
  code ??= compile();
  if (code === null) return null;
  const nothing = () => {};
  const instance = new WebAssembly.Instance(code, { "./index_bg.js": { __wbindgen_init_externref_table: nothing } });
  return instance.exports as unknown as Library;
}

function compile(): WebAssembly.Module | null {
  const file = PLACES.map((place) => join(import.meta.dirname, place)).find((path) => existsSync(path));
  return file === undefined ? null : new WebAssembly.Module(limitMemory(readFileSync(file), MOST_PAGES));
}

/** The module with a maximum for its memory, which has none. @see WebAssembly Core 5.5.8, "Memory Section" */
function limitMemory(module: Buffer, pages: number): Uint8Array<ArrayBuffer> {
  let offset = 8;
  for (;;) {
    const id = module[offset];
    const size = leb128(module, offset + 1);
    const start = size.next;
    if (id === MEMORY_SECTION) {
      const initial = module.subarray(start + 2, start + size.value);
      const section = [MEMORY_SECTION, size.value + 1, 1, 1, ...initial, pages];
      return Buffer.concat([module.subarray(0, offset), Uint8Array.from(section), module.subarray(start + size.value)]);
    }
    offset = start + size.value;
  }
}

const MEMORY_SECTION = 5;

function leb128(bytes: Buffer, offset: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(offset++);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: offset };
  }
}
