/** The shapes of `procmem --json`: a contract, see docs/json.md. Sizes in bytes, addresses as "0x…" strings. */
import { toHex } from "../memory/address.ts";
import type { Counters, FaultRates, Totals } from "../memory/counters.ts";
import type { Explanation } from "../memory/explanation.ts";
import type { DebugInfoOrigin, ElfLayout, Frame, SourceLocation, Variable } from "../memory/module.ts";
import type { Region } from "../memory/region.ts";
import type { TargetIdentity } from "../memory/target.ts";
import type { Place } from "./place.ts";
import type { SectionCover } from "./sections.ts";

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
  const { address, region, kind, module, section, symbol, source, frames, variable } = explanation;
  return {
    address: toHex(address),
    mapped: region !== null,
    region: region && regionJson(region),
    kind,
    module: module && { path: module.path, buildId: module.buildId, bias: toHex(module.bias) },
    section: section?.name ?? null,
    symbol,
    source,
    frames: frames.map(frameJson),
    variable: variable && variableJson(variable),
  };
}

export function placeJson({ address, section, symbol, frames, variable }: Place): object {
  return {
    address: toHex(address),
    section: section?.name ?? null,
    symbol: symbol && { name: symbol.name, offset: Number(address - symbol.address), size: symbol.size },
    frames: frames.map(frameJson),
    variable: variable && variableJson(variable),
  };
}

export function sectionsJson(
  path: string,
  layout: ElfLayout,
  origin: DebugInfoOrigin,
  covers: readonly SectionCover[],
): object {
  return {
    path,
    buildId: layout.buildId,
    debugInfo: origin,
    sections: covers.map(({ section, symbols, uncovered }) => ({
      name: section.name,
      address: toHex(section.address),
      size: section.size,
      writable: section.writable,
      executable: section.executable,
      threadLocal: section.threadLocal,
      noBits: section.noBits,
      symbols,
      uncovered,
    })),
  };
}

export function sampleJson(counters: Counters, pss: number | null, rates: FaultRates): object {
  const { time, rss, minorFaults, majorFaults } = counters;
  return { time, rss, pss, minorFaults, majorFaults, minorFaultRate: rates.minor, majorFaultRate: rates.major };
}

function frameJson({ function: name, source }: Frame): object {
  return { function: name, ...sourceJson(source), column: source?.column ?? 0 };
}

function variableJson({ name, type, size, source }: Variable): object {
  return { name, type, size, ...sourceJson(source) };
}

function sourceJson(source: SourceLocation | null): object {
  return { file: source?.file ?? null, line: source?.line ?? 0 };
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
