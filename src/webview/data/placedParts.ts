import { type HexAddress, toHex } from "../../memory/address.ts";
import type { Part, Parts, Picture } from "../../protocol/server.ts";
import { isRegion, stretchHolding } from "./stretches.ts";
import type { View } from "./view.ts";

/** A section or a symbol where it lies on the axis. */
export interface PlacedPart extends View {
  readonly row: Row;
  /** How many of its row lie before it in its region. */
  readonly index: number;
  readonly address: HexAddress;
  readonly size: number;
  readonly name: string;
  /** Its region. */
  readonly region: View;
}

export type Row = "sections" | "symbols";

/** The parts of the regions that the picture shows by themselves, of each row from low to high. */
export function placedParts({ regions }: Parts, picture: Picture): PlacedPart[] {
  return regions.flatMap(({ start, sections, symbols }) => {
    const stretch = stretchHolding(picture, BigInt(start));
    // The answer may be of another reading than the picture.
    if (!stretch || !isRegion(stretch) || stretch.start !== start) return [];
    const scale = (stretch.to - stretch.from) / stretch.size;
    const place = (row: Row) => (part: Part, index: number) => ({
      ...{ row, index, region: stretch, name: part.name, size: part.size },
      address: toHex(BigInt(start) + BigInt(part.offset)),
      from: stretch.from + part.offset * scale,
      to: stretch.from + (part.offset + part.size) * scale,
    });
    return [...sections.map(place("sections")), ...symbols.map(place("symbols"))];
  });
}
