/** The pictures of live processes, for the tests of the model. */
import type { SpawnOptions } from "node:child_process";
import { onTestFinished } from "vitest";
import { RegionScanner } from "../../../src/linux/maps.ts";
import { openProcess } from "../../../src/linux/process.ts";
import type { Address } from "../../../src/memory/address.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { TargetImage } from "../../../src/memory/image.ts";
import { openElf } from "../../../src/symbols/elfFile.ts";
import { compile } from "../fixtures.ts";
import { type Running, start } from "../linux/programs.ts";

export interface Places extends Running {
  /** Where the program says that its objects are. */
  address(name: string): Address;
}

/** Starts test/fixtures/places, compiled with the flags and started with the arguments. */
export async function startPlaces(flags: string[] = [], args: string[] = []): Promise<Places> {
  return running(compile("places.c", "places", [...flags, "-g", "-O0", "-pthread"]), args);
}

/** Starts a program that is compiled from places.c. */
export async function running(program: string, args: string[] = [], options: SpawnOptions = {}): Promise<Places> {
  const started = await start(program, args, options);
  const addresses = new Map(
    started.output.split("\n").map((line): [string, string] => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]),
  );
  return { ...started, address: (name) => BigInt(addresses.get(name) ?? "none") };
}

export async function startDemo(args: string[] = []): Promise<Running> {
  return start(compile("demo.c", "demo", ["-g", "-O0", "-pthread"]), args);
}

/** The picture of a process; closed with the test. */
export function imageOf(pid: number): TargetImage {
  const image = new TargetImage(openProcess(pid), openElf);
  onTestFinished(() => image.close());
  return image;
}

/** The regions of a text of maps or smaps. */
export function spaceOf(text: string): AddressSpace {
  const bytes = Buffer.from(text);
  const scanner = new RegionScanner();
  scanner.scan(bytes, 0, bytes.length);
  return scanner.finish();
}
