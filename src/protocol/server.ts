/**
 * Messages between the extension (client) and the memory server, beside those of the Language Server Protocol. Types
 * and nothing else; the property name of a message is its method name on the wire.
 */
import type { HexAddress } from "../memory/address.ts";
import type { FramePlace } from "../memory/explanation.ts";
import type { DebugInfoOrigin, SourceLocation, SymbolSettings } from "../memory/module.ts";
import type { TargetProblem } from "../memory/target.ts";
import type { ThreadFaultRates } from "../memory/threadFaults.ts";
import type { ThreadStack } from "../memory/threadStacks.ts";
import type { BreakpointsHit, MemoryBreakpoint } from "./breakpoints.ts";
import type { Changed, Sample } from "./changed.ts";
import type { Cost, CostsQuery } from "./costs.ts";
import type { CrashFacts, CrashReport } from "./crash.ts";
import type { ExplanationMessage } from "./explanation.ts";
import type { PageDetails, PagesAnswer, PagesQuery } from "./pages.ts";
import type {
  FindQuery,
  Found,
  Parts,
  PartsQuery,
  PictureMessage,
  PictureQuery,
  StretchDetails,
  StretchQuery,
} from "./picture.ts";
import type { RowsPage, RowsQuery, RowsText, RowsTextQuery } from "./rows.ts";
import type { Sharers, SharersQuery } from "./sharers.ts";
import type { Stops, StopsQuery } from "./stops.ts";
import type { NodeId, TreeNode, TreeQuery } from "./tree.ts";
import type { Treemap, TreemapQuery } from "./treemap.ts";

export type { BreakpointHit, BreakpointsHit, MemoryBreakpoint, MemoryCondition } from "./breakpoints.ts";
export type { Changed, ChangeNote, KindSums, MarkName, Sample } from "./changed.ts";
export type { Cost, CostPages, CostsQuery } from "./costs.ts";
export type { CrashFacts, CrashReport } from "./crash.ts";
export type { ExplanationMessage } from "./explanation.ts";
export type { PageDetails, PagesAnswer, PagesQuery } from "./pages.ts";
export type {
  FindQuery,
  Found,
  FoundPlace,
  Measure,
  Part,
  Parts,
  PartsQuery,
  Picture,
  PictureMessage,
  PictureQuery,
  RegionParts,
  Stretch,
  StretchDetails,
  StretchQuery,
} from "./picture.ts";
export type {
  GroupRow,
  RegionRow,
  Row,
  RowField,
  RowGrouping,
  RowSpan,
  RowsOrder,
  RowsPage,
  RowsQuery,
  RowsText,
  RowsTextQuery,
} from "./rows.ts";
export type { Sharer, Sharers, SharersQuery } from "./sharers.ts";
export type { PlacedStep, StepCost, StopOrder, Stops, StopsQuery } from "./stops.ts";
export type { NodeId, SymbolOrder, TreeNode, TreeQuery } from "./tree.ts";
export type { Treemap, TreemapNode, TreemapQuery } from "./treemap.ts";

/** `pid:startTime`. */
export type TargetId = string;

/** Client to server. Each may fail with a {@link Problem} as the error's data. */
export interface ServerRequests {
  /** Starts to look at a process. Attaching twice gives the same target. */
  "processMemory/attach": [params: { pid: number }, result: TargetInfo];
  /** Stops to look; its history is forgotten. */
  "processMemory/detach": [params: { target: TargetId }, result: null];
  /**
   * For adapters that tell no pid: the processes whose tracer is a descendant of `ancestor` (the extension host), not
   * in `taken`, and running `program` where that is given and any does. One answer is the debuggee, more are to be
   * asked about.
   */
  "processMemory/findDebuggees": [
    params: { ancestor: number; program: string | null; taken: number[] },
    result: { pids: number[] },
  ];
  /** For the process picker: the readable ones first, newest first. */
  "processMemory/processes": [params: null, result: { processes: ProcessSummary[] }];
  "processMemory/children": [params: TreeQuery & { node: NodeId }, result: { nodes: TreeNode[] }];
  /** The nodes from the process down to the region (or section or symbol) that holds the address. */
  "processMemory/pathTo": [params: TreeQuery & { address: HexAddress }, result: { nodes: TreeNode[] }];
  /**
   * For each address the line of its code, or where the variable there is declared. What {@link TreeNode} leaves open: it
   * may have to wait until debug information is read.
   */
  "processMemory/sources": [
    params: { target: TargetId; addresses: HexAddress[] },
    result: { sources: (SourceLocation | null)[] },
  ];
  /**
   * What the variables and functions of a source file cost, by line, with their pages as they are now. It may have to wait
   * until debug information is read.
   */
  "processMemory/costs": [params: CostsQuery, result: { costs: Cost[] }];
  /** Where the debug information of a node's module comes from; `null` of a node without a module. */
  "processMemory/debugInfo": [
    params: { target: TargetId; node: NodeId },
    result: { debugInfo: { module: string; origin: DebugInfoOrigin } | null },
  ];
  "processMemory/rows": [params: RowsQuery, result: RowsPage];
  /** Rows for the clipboard, however many. */
  "processMemory/rowsText": [params: RowsTextQuery, result: RowsText];
  "processMemory/picture": [params: PictureQuery, result: PictureMessage];
  /** Sections and symbols in the picture. */
  "processMemory/parts": [params: PartsQuery, result: Parts];
  "processMemory/stretch": [params: StretchQuery, result: StretchDetails];
  "processMemory/find": [params: FindQuery, result: Found];
  "processMemory/treemap": [params: TreemapQuery, result: Treemap];
  "processMemory/timeline": [params: { target: TargetId; since: number }, result: { samples: Sample[] }];
  /** What its steps cost, of the last thousand stops. */
  "processMemory/stops": [params: StopsQuery, result: Stops];
  "processMemory/threads": [params: { target: TargetId }, result: { threads: ThreadRates[] }];
  /**
   * At once what is known without debug information; `withSource` also what has to be read from there; `at` as it was at
   * that time, in milliseconds since the epoch.
   */
  "processMemory/explain": [
    params: { target: TargetId; address: HexAddress; withSource?: boolean; at?: number | null },
    result: ExplanationMessage,
  ];
  /** Why it died: asked after `stopped` was told, while it stands at the signal. */
  "processMemory/crash": [params: { target: TargetId; facts: CrashFacts }, result: CrashReport];
  /** What the extension keeps while stopped, so that a debug hover is answered at once. */
  "processMemory/places": [params: { target: TargetId }, result: PlacesMessage];
  "processMemory/modulePlaces": [params: { target: TargetId; module: number }, result: ModulePlacesMessage];
  /** What the pages of a range are like. */
  "processMemory/pages": [params: PagesQuery, result: PagesAnswer];
  "processMemory/page": [params: { target: TargetId; address: HexAddress }, result: PageDetails];
  /** From now on {@link PagesAnswer.written} tells what is written. Fails with a sentence where this kernel cannot tell. */
  "processMemory/markPages": [params: { target: TargetId }, result: null];
  /** Who else has the memory of a region: all processes are looked at, of which {@link Searching} tells. */
  "processMemory/sharers": [params: SharersQuery, result: Sharers];
  /** Reads everything now, whatever the interval says. */
  "processMemory/refresh": [params: { target: TargetId }, result: null];
}

/** Client to server, without an answer. */
export interface ServerNotifications {
  /** Which targets some view shows in detail; for the others only counters are read. */
  "processMemory/watching": { targets: TargetId[] };
  /** Every thread of the target stands still: one reading, then none until it continues. */
  "processMemory/stopped": { target: TargetId };
  "processMemory/continued": { target: TargetId };
  "processMemory/settings": ServerSettings;
  /** Ends the reading of debug information that {@link Indexing} tells of. */
  "processMemory/stopIndexing": Record<string, never>;
}

/** Server to client. */
export interface ClientNotifications {
  "processMemory/changed": Changed;
  "processMemory/ended": { target: TargetId; problem: Problem };
  /** A reading meets conditions of {@link ServerSettings.breakpoints}. */
  "processMemory/breakpointsHit": BreakpointsHit;
  "processMemory/indexing": Indexing;
  "processMemory/searching": Searching;
}

/** Server to client, with an answer. */
export interface ClientRequests {
  /** For the language server's hover: the pointer that the expression at this position holds, while debugging. */
  "processMemory/pointerAt": [params: { uri: string; line: number; character: number }, result: PointerValue | null];
}

export interface ServerSettings {
  /** Milliseconds between readings while the target runs; 0: only at stops. */
  interval: number;
  /** As before unless given. */
  symbols?: SymbolSettings;
  /** Those that are enabled; as before unless given. */
  breakpoints?: readonly MemoryBreakpoint[];
}

/** Debug information is read for so long that views should say so. */
export interface Indexing {
  /** The name of the module; `null`: it is done. */
  file: string | null;
  /** From 0 to 1. */
  done: number;
}

/** The same of a search through all processes; `file` is whose memory they may have. */
export type Searching = Indexing;

export interface Problem {
  problem: TargetProblem;
  /** A sentence for the user. */
  message: string;
}

export interface TargetInfo {
  target: TargetId;
  pid: number;
  startTime: number;
  command: string;
  executable: string | null;
  /** Why only counters are shown; `null` when everything is readable. */
  limited: Problem | null;
}

export interface ProcessSummary {
  pid: number;
  command: string;
  commandLine: string;
  user: string;
  readable: boolean;
}

export interface ThreadRates extends ThreadFaultRates {
  /** `null` where it is not known: the thread runs, its regions have not been read, or may not be. */
  stack: StackMessage | null;
}

/** A ThreadStack with its addresses as strings. */
export interface StackMessage extends Omit<ThreadStack, "start" | "end" | "pointer"> {
  start: HexAddress;
  end: HexAddress;
  pointer: HexAddress | null;
}

export interface PointerValue {
  target: TargetId;
  expression: string;
  address: HexAddress;
  /** Where the pointer itself is stored, where the adapter tells. */
  storedAt: HexAddress | null;
  /** Whose parts of the stack `address` and `storedAt` are in, where the debugger told. */
  frame?: FramePlace;
  storedFrame?: FramePlace;
  /** The debuggee runs: this is the value at its last stop. */
  lastStop?: boolean;
}

/** The regions of a stopped target, in columns: page numbers (address / 4,096) and indexes into `names`, `modules`. */
export interface PlacesMessage {
  revision: number;
  startPages: number[];
  endPages: number[];
  /** Index into `names`: the region in words, `[heap] rw-p`. */
  name: number[];
  names: string[];
  /** Index into `modules`, -1 for none. */
  module: number[];
  modules: { path: string; name: string; bias: HexAddress; buildId: string | null }[];
}

/** A module's sections and, where they are few enough to send, its symbols; link-time addresses. */
export interface ModulePlacesMessage {
  sections: { name: string; address: HexAddress; size: number }[];
  symbols: { name: string; address: HexAddress; size: number }[] | null;
}
