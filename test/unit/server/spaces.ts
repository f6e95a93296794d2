/** Address spaces for tests, region by region. */
import { type AddressSpace, READ, WRITE } from "../../../src/memory/addressSpace.ts";
import { AddressSpaceBuilder } from "../../../src/memory/addressSpaceBuilder.ts";
import { classify } from "../../../src/memory/classify.ts";

/** Pages of anonymous memory at the addresses, classified; every second one read-only, so that they are regions. */
export function pagesAt(addresses: readonly number[]): AddressSpace {
  const builder = new AddressSpaceBuilder();
  for (const [i, address] of addresses.entries()) {
    builder.add(address, address + 4096, i % 2 ? READ : READ | WRITE, 0, "00:00", 0, null);
    builder.setUsage("rss", (i % 7) * 4);
    builder.setUsage("pss", (i % 5) * 4);
    builder.setFlags("rd mr");
  }
  return classified(builder);
}

export function classified(builder: AddressSpaceBuilder): AddressSpace {
  const space = builder.finish();
  classify(space, new Map(), 1);
  return space;
}
