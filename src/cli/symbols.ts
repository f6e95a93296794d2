/** `procmem symbols`: addresses of an ELF file to symbols and source lines, and back. */
import type { ElfSource, SymbolSettings } from "../memory/module.ts";
import { addressLines, parseHex } from "./addressLines.ts";
import { withElf } from "./elfFile.ts";
import { placeJson } from "./json.ts";
import { complain, print } from "./output.ts";
import { type Place, placesAt, placesNamed } from "./place.ts";
import { placeText } from "./text.ts";
import { NoAnswerError, UsageError } from "./usage.ts";

/** What is asked for: addresses, where a symbol is, or where a source line is (`FILE:LINE`); else standard input. */
export interface Wanted {
  readonly addresses: readonly string[];
  readonly name: string | undefined;
  readonly line: string | undefined;
}

/** `procmem symbols FILE [ADDRESS…]` */
export function symbols(
  path: string | undefined,
  { addresses, name, line }: Wanted,
  settings: SymbolSettings,
  json: boolean,
): Promise<void> {
  if ([addresses.length > 0, name !== undefined, line !== undefined].filter(Boolean).length > 1) {
    throw new UsageError("Addresses, --name and --line are three questions: ask one at a time.");
  }
  const textOf = (place: Place) => (json ? JSON.stringify(placeJson(place)) : placeText(place));
  const show = (places: readonly Place[]) => print(places.map(textOf).join("\n"));
  const asked = addresses.map(addressOf);
  const source = line === undefined ? null : sourceOf(line);
  return withElf(path, settings, async (elf, file) => {
    if (name !== undefined) show(await placesOfName(elf, file, name));
    else if (source !== null) show(await placesOfLine(elf, file, source));
    else if (asked.length > 0) show(await placesAt(elf, asked));
    else return answerLines(elf, file, textOf, json ? "null" : "no address");
    await sayWhatIsMissing(elf, file);
  });
}

function addressOf(text: string) {
  const address = parseHex(text);
  if (address === undefined) throw new UsageError(`"${text}" is no address: write it in hexadecimal.`);
  return address;
}

function sourceOf(text: string): { file: string; line: number } {
  const [, file, line] = /^(.+):([1-9]\d{0,8})$/s.exec(text) ?? [];
  if (file === undefined) throw new UsageError(`"${text}" is no source line: write it as FILE:LINE.`);
  return { file, line: Number(line) };
}

async function placesOfName(elf: ElfSource, path: string, name: string): Promise<Place[]> {
  const places = await placesNamed(elf, name);
  if (places.length === 0) throw new NoAnswerError(`${path} has no symbol "${name}".`);
  return places;
}

async function placesOfLine(
  elf: ElfSource,
  path: string,
  { file, line }: { file: string; line: number },
): Promise<Place[]> {
  const addresses = await elf.addressesOf(file, line);
  if (addresses.length === 0) {
    await sayWhatIsMissing(elf, path);
    throw new NoAnswerError(`${path} has no code of ${file}:${line}.`);
  }
  return placesAt(elf, addresses);
}

/** Answers each line of standard input as it comes, one that is no address with the text `none`. */
async function answerLines(
  elf: ElfSource,
  path: string,
  textOf: (place: Place) => string,
  none: string,
): Promise<void> {
  if (process.stdin.isTTY) complain("Waiting for addresses, one a line; Ctrl-D ends.");
  let isFirst = true;
  for await (const lines of addressLines(process.stdin.setEncoding("utf8"))) {
    for (const { text, address } of lines) if (address === undefined) complain(`"${text}" is no address.`);
    const addresses = lines.map(({ address }) => address).filter((address) => address !== undefined);
    const texts = (await placesAt(elf, addresses)).map(textOf).values();
    print(lines.map(({ address }) => (address === undefined ? none : texts.next().value)).join("\n"));
    if (isFirst) await sayWhatIsMissing(elf, path);
    isFirst = false;
  }
}

/** Says why there are no source lines, where there are none. */
async function sayWhatIsMissing(elf: ElfSource, path: string): Promise<void> {
  const { path: found, refused } = await elf.origin();
  if (found !== null) return;
  complain(`${path} has no debug information, and no file with it was found: there are no source lines.`);
  for (const file of refused) complain(`${file.path} was not used: ${file.reason}`);
}
