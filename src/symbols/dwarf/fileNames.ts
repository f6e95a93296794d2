import { posix } from "node:path";
import {
  DW_FORM_line_strp,
  DW_FORM_string,
  DW_FORM_strp,
  DW_FORM_strp_sup,
  DW_FORM_strx,
  DW_FORM_strx1,
  DW_FORM_strx2,
  DW_FORM_strx3,
  DW_FORM_strx4,
} from "./constants.ts";
import { type Encoding, readNumber, skipForm } from "./forms.ts";
import { Reader } from "./reader.ts";
import type { Unit } from "./unit.ts";

/** The files of a line number table, their paths made when asked for. @see DWARF 5 §6.2.4 */
export class FileNames {
  readonly #unit: Unit;
  readonly #folders: Names;
  readonly #files: Names;
  /** The number of the first folder and file: before DWARF 5 it is 1, and folder 0 is that of the compilation. */
  readonly #first: number;
  readonly #paths = new Map<number, string | null>();

  private constructor(unit: Unit, folders: Names, files: Names, first: number) {
    this.#unit = unit;
    this.#folders = folders;
    this.#files = files;
    this.#first = first;
  }

  /** Reads the tables as they were up to DWARF 4. */
  static readBefore5(unit: Unit, reader: Reader): FileNames {
    const isAtEnd = () => reader.isAtEnd || reader.bytes[reader.at] === 0;
    const folders = new Names(reader, DW_FORM_string, unit.encoding, () => {
      if (isAtEnd()) return false;
      folders.add(reader.at, 0);
      reader.skipString();
      return true;
    });
    folders.readAll();
    reader.at++;
    const files = new Names(reader, DW_FORM_string, unit.encoding, () => {
      if (isAtEnd()) return false;
      const { at } = reader;
      reader.skipString();
      files.add(at, reader.uleb());
      // Time of last change, length.
      reader.skipLeb();
      reader.skipLeb();
      return true;
    });
    return new FileNames(unit, folders, files, 1);
  }

  /** Reads the tables of DWARF 5. */
  static read5(unit: Unit, reader: Reader, encoding: Encoding): FileNames {
    const folders = namesOf(reader, encoding);
    folders.readAll();
    return new FileNames(unit, folders, namesOf(reader, encoding), 0);
  }

  /** The numbers of the files that have a path, or these last components of one. */
  matching(path: string): Set<number> {
    const ending = `/${path.replace(/^\/+/, "")}`;
    const numbers = new Set<number>();
    for (let file = 0; this.#files.has(file); file++) {
      const known = this.path(file + this.#first);
      if (known !== null && (known === path || `/${known}`.endsWith(ending))) numbers.add(file + this.#first);
    }
    return numbers;
  }

  /** Whether one of the files has one of the paths, which are without `.` and `..`. */
  hasOneOf(paths: ReadonlySet<string>): boolean {
    const endings = [...paths];
    for (let file = 0; this.#files.has(file); file++) {
      // Few have the name: the paths of the others are not made.
      const name = posix.basename(this.#files.text(this.#unit, file) ?? "");
      if (!endings.some((path) => path.endsWith(name))) continue;
      const known = this.path(file + this.#first);
      if (known !== null && paths.has(posix.normalize(known))) return true;
    }
    return false;
  }

  /** The path of a file by its number, absolute where the folders tell; `null` where there is none. */
  path(number: number): string | null {
    let path = this.#paths.get(number);
    if (path === undefined) {
      path = this.#join(number - this.#first);
      this.#paths.set(number, path);
    }
    return path;
  }

  #join(file: number): string | null {
    const name = this.#files.text(this.#unit, file);
    if (name === null || name === "") return null;
    const number = this.#files.folder(file);
    const folder = this.#folders.text(this.#unit, number - this.#first) ?? "";
    const path = joined(folder, name);
    // From DWARF 5 on folder 0 is that of the compilation, which may be relative itself.
    const isComplete = this.#first === 0 && number === 0 && folder !== "";
    return isComplete ? path : joined(this.#unit.compilationDirectory, path);
  }
}

/** Names as they stand in a header, and the number of each one's folder: read up to the one that is asked for. */
class Names {
  readonly #at: number[] = [];
  readonly #folder: number[] = [];
  readonly #reader: Reader;
  readonly #form: number;
  readonly #encoding: Encoding;
  readonly #readNext: () => boolean;

  /** @param readNext adds the next one; false where there is none */
  constructor(reader: Reader, form: number, encoding: Encoding, readNext: () => boolean) {
    this.#reader = reader;
    this.#form = form;
    this.#encoding = encoding;
    this.#readNext = readNext;
  }

  add(at: number, folder: number): void {
    this.#at.push(at);
    this.#folder.push(folder);
  }

  readAll(): void {
    this.has(Number.POSITIVE_INFINITY);
  }

  has(index: number): boolean {
    while (this.#at.length <= index && this.#readNext());
    return index < this.#at.length;
  }

  folder(index: number): number {
    return this.#folder[index] as number;
  }

  text(unit: Unit, index: number): string | null {
    const at = this.has(index) ? this.#at[index] : undefined;
    if (at === undefined || !TEXTS.has(this.#form)) return null;
    const { bytes, littleEndian, base } = this.#reader;
    return unit.text(this.#form, new Reader(bytes, littleEndian, base, at), this.#encoding);
  }
}

function joined(folder: string, name: string): string {
  if (folder === "" || name.startsWith("/")) return name;
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** A table of folders or of files: what its columns are, and how they are written, stands before it. */
function namesOf(reader: Reader, encoding: Encoding): Names {
  const contents: number[] = [];
  const forms: number[] = [];
  for (let count = reader.u8(); count > 0; count--) {
    contents.push(reader.uleb());
    forms.push(reader.uleb());
  }
  let left = reader.uleb();
  const names = new Names(reader, forms[contents.indexOf(DW_LNCT_path)] ?? 0, encoding, () => {
    if (left <= 0 || reader.isAtEnd) return false;
    left--;
    const start = reader.at;
    let name = start;
    let folder = 0;
    for (let column = 0; column < contents.length; column++) {
      const form = forms[column] as number;
      if (contents[column] === DW_LNCT_path) name = reader.at;
      if (contents[column] === DW_LNCT_directory_index) folder = readNumber(reader, form, encoding, 0) ?? 0;
      else skipForm(reader, form, encoding);
    }
    // Of entries without bytes there can be any number.
    if (reader.at === start) return false;
    names.add(name, folder);
    return true;
  });
  return names;
}

const TEXTS: ReadonlySet<number> = new Set([
  DW_FORM_string,
  DW_FORM_line_strp,
  DW_FORM_strp,
  DW_FORM_strp_sup,
  DW_FORM_strx,
  DW_FORM_strx1,
  DW_FORM_strx2,
  DW_FORM_strx3,
  DW_FORM_strx4,
]);

const DW_LNCT_path = 1;
const DW_LNCT_directory_index = 2;
