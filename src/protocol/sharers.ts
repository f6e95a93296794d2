/** Messages about who else has a region's memory. Types and nothing else. */
import type { HexAddress } from "../memory/address.ts";
import type { TargetId } from "./server.ts";

export type { Relation, SharedObject, SharedPages, SharedRange, Sharer, Sharers } from "../memory/sharers.ts";

/** Asks who else has the memory of the region that holds the address. May take long: it can be cancelled. */
export interface SharersQuery {
  target: TargetId;
  address: HexAddress;
}
