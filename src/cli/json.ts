/** The shapes of `procmem --json`: a contract, see docs/json.md. Sizes in bytes, addresses as "0x…" strings. */
import { toHex } from "../memory/address.ts";
import type { Counters, FaultRates, Totals } from "../memory/counters.ts";
import type { Explanation } from "../memory/explanation.ts";
import type { Region } from "../memory/region.ts";
import type { TargetIdentity } from "../memory/target.ts";

export function mapJson(
  identity: TargetIdentity,
  executable: string | null,
  counters: Counters,
  totals: Totals,
  regions: readonly Region[],
): object {
  const { minorFaults, majorFaults } = counters;
  return {
    target: { pid: identity.pid, startTime: identity.startTime, command: identity.command, executable },
    time: counters.time,
    totals: { ...totals, minorFaults, majorFaults },
    regions: regions.map(regionJson),
  };
}

export function explanationJson(explanation: Explanation): object {
  const { address, region, kind, module, section, symbol, source } = explanation;
  return {
    address: toHex(address),
    mapped: region !== null,
    region: region && regionJson(region),
    kind,
    module: module && { path: module.path, buildId: module.buildId, bias: toHex(module.bias) },
    section: section?.name ?? null,
    symbol,
    source,
  };
}

export function sampleJson(counters: Counters, pss: number | null, rates: FaultRates): object {
  const { time, rss, minorFaults, majorFaults } = counters;
  return { time, rss, pss, minorFaults, majorFaults, minorFaultRate: rates.minor, majorFaultRate: rates.major };
}

function regionJson({ usage, ...region }: Region): object {
  const of = (field: Exclude<keyof NonNullable<typeof usage>, "flags">) => usage?.[field] ?? null;
  return {
    start: toHex(region.start),
    end: toHex(region.end),
    permissions: region.permissions,
    fileOffset: region.fileOffset,
    device: region.device,
    inode: region.inode,
    path: region.path,
    kind: region.kind,
    module: region.module,
    size: region.size,
    rss: of("rss"),
    pss: of("pss"),
    sharedClean: of("sharedClean"),
    sharedDirty: of("sharedDirty"),
    privateClean: of("privateClean"),
    privateDirty: of("privateDirty"),
    referenced: of("referenced"),
    anonymous: of("anonymous"),
    swap: of("swap"),
    swapPss: of("swapPss"),
    locked: of("locked"),
    flags: usage?.flags ?? null,
  };
}
