/** The shapes of `procmem --json`: a contract, see docs/json.md. Sizes in bytes, addresses as "0x…" strings. */
import { toHex } from "../memory/address.ts";
import type { AddressSpace } from "../memory/addressSpace.ts";
import { blockPlace } from "../memory/block.ts";
import type { Counters, Totals } from "../memory/counters.ts";
import type { Explanation } from "../memory/explanation.ts";
import type { PlacedMark } from "../memory/marks.ts";
import type { DebugInfoOrigin, ElfLayout, Frame, SourceLocation, Variable } from "../memory/module.ts";
import type { Region } from "../memory/region.ts";
import type { TargetIdentity } from "../memory/target.ts";
import { telescopeMessage } from "../memory/telescope.ts";
import { stackMessage } from "../memory/threadStacks.ts";
import { verdictSentence } from "../memory/verdict.ts";
import type { Place } from "./place.ts";
import type { SectionCover } from "./sections.ts";
import type { CountersSample, ThreadSample } from "./watch.ts";

export function mapJson(
  identity: TargetIdentity,
  executable: string | null,
  counters: Counters,
  totals: Totals,
  regions: readonly Region[],
): object {
  const { minorFaults, majorFaults } = counters;
  return {
    target: targetJson(identity, executable),
    time: counters.time,
    totals: { ...totals, minorFaults, majorFaults },
    regions: regions.map(regionJson),
  };
}

export function explanationJson(explanation: Explanation): object {
  const { address, region, kind, module, section, symbol, source, frames, variable } = explanation;
  const { verdict, stack, block, file, page, alignment, telescope } = explanation;
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
    verdict: { ...verdict, sentence: verdictSentence(verdict) },
    stack,
    block: block && blockPlace(block, address),
    file,
    page,
    alignment,
    telescope: telescope && telescopeMessage(telescope),
    below: explanation.below,
    above: explanation.above,
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

export function sampleJson({ counters, status, totals, rates, threads }: CountersSample): object {
  const { time, rss, minorFaults, majorFaults } = counters;
  return {
    time,
    rss,
    pss: totals?.pss ?? null,
    minorFaults,
    majorFaults,
    minorFaultRate: rates.minor,
    majorFaultRate: rates.major,
    command: counters.command,
    state: counters.state,
    vsz: counters.vsz,
    shared: counters.shared,
    uss: totals?.uss ?? null,
    swap: totals?.swap ?? null,
    childMinorFaults: counters.childMinorFaults,
    childMajorFaults: counters.childMajorFaults,
    childMinorFaultRate: rates.childMinor,
    childMajorFaultRate: rates.childMajor,
    status,
    hugePages: totals && {
      anonymous: totals.anonHugePages,
      shared: totals.shmemPmdMapped,
      files: totals.filePmdMapped,
      sharedHugetlb: totals.sharedHugetlb,
      privateHugetlb: totals.privateHugetlb,
    },
    lockedPss: totals?.locked ?? null,
    ...(threads && { threads: threads.map(threadJson) }),
  };
}

/** `space` is what the marks were placed in, `null` where it may not be read. */
export function countersJson(
  identity: TargetIdentity,
  executable: string | null,
  sample: CountersSample,
  space: AddressSpace | null,
  marks: readonly PlacedMark[],
): object {
  return {
    target: targetJson(identity, executable),
    ...sampleJson(sample),
    marks: marks.map(({ name, address, region }) => ({
      name,
      address: toHex(address),
      region: space && region >= 0 ? regionJson(space.region(region)) : null,
    })),
  };
}

function threadJson({ minorRate, majorRate, stack, ...thread }: ThreadSample): object {
  return { ...thread, minorFaultRate: minorRate, majorFaultRate: majorRate, stack: stack && stackMessage(stack) };
}

function targetJson({ pid, startTime, command }: TargetIdentity, executable: string | null): object {
  return { pid, startTime, command, executable };
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
  const of = (field: Exclude<keyof NonNullable<typeof usage>, "flags" | "thpEligible">) => usage?.[field] ?? null;
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
