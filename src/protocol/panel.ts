/**
 * Messages between the panel (a webview) and the extension. The panel's questions about the target are the server's own
 * requests, passed on; everything else is here.
 */
import type { HexAddress } from "../memory/address.ts";
import type { SourceLocation } from "../memory/module.ts";
import type { CrashReport } from "./crash.ts";
import type { PageDetails, PagesAnswer, PagesQuery } from "./pages.ts";
import type {
  Changed,
  PictureMessage,
  PictureQuery,
  PlacedStep,
  RowsPage,
  RowsQuery,
  RowsTextQuery,
  Sample,
  ServerRequests,
  Stops,
  StopsQuery,
  TargetId,
  Treemap,
  TreemapQuery,
} from "./server.ts";

/** Panel to extension, with an answer. `target` in the queries is filled in by the panel. */
export interface PanelRequests {
  /** Sent once the panel's script runs: the extension answers with all there is to show. */
  ready: [params: null, result: PanelState];
  rows: [params: RowsQuery, result: RowsPage];
  /** Puts rows into the clipboard; answers how many. */
  copyRows: [params: RowsTextQuery, result: { rows: number }];
  picture: ServerRequests["processMemory/picture"];
  parts: ServerRequests["processMemory/parts"];
  stretch: ServerRequests["processMemory/stretch"];
  /** As `processMemory/find`; what has no name there the debugger is asked for, where it stands still. */
  find: ServerRequests["processMemory/find"];
  treemap: [params: TreemapQuery, result: Treemap];
  timeline: [params: { target: TargetId; since: number }, result: { samples: Sample[] }];
  stops: [params: StopsQuery, result: Stops<PlacedStep>];
  pages: [params: PagesQuery, result: PagesAnswer];
  page: [params: { target: TargetId; address: HexAddress }, result: PageDetails];
  markPages: [params: { target: TargetId }, result: null];
  /** What is at an address; as `processMemory/explain`. */
  explain: ServerRequests["processMemory/explain"];
}

/** Panel to extension, without an answer. */
export interface PanelNotifications {
  /** The user chose an address in the picture or the table. */
  select: { target: TargetId; address: HexAddress };
  /** The user chose another target. */
  show: { target: TargetId };
  /** "Choose a process…" in the empty panel. */
  pickProcess: null;
  copy: { text: string };
  openSource: SourceLocation;
  /** Opens a file that the target maps. */
  openFile: { path: string };
  /** Shows the tree, with the address chosen. */
  showInTree: { target: TargetId; address: HexAddress };
  /** "Who else maps this?" */
  sharers: { target: TargetId; address: HexAddress };
  refresh: { target: TargetId };
  /** Opens the whole report of the crash. */
  showCrash: null;
}

/** Extension to panel. */
export interface PanelUpdates {
  /** The targets or the shown one changed. */
  state: PanelState;
  /** What a new panel is likely to ask for first, with the answer: it was found while the panel's page was loaded. */
  picture: { query: PictureQuery; picture: PictureMessage };
  /** After each reading of the shown target. */
  changed: Changed;
  /** What a step of the shown target cost is known, or more of it. */
  stepped: { target: TargetId };
  /** Something was chosen elsewhere: show it. */
  reveal: { target: TargetId; address: HexAddress };
}

/** Extension to panel, with an answer. */
export interface PanelQuestions {
  /** Map, treemap and time line as they stand, for "Save Picture". */
  drawing: [params: null, result: Drawing];
}

/** The same picture in two formats. */
export interface Drawing {
  svg: string;
  /** In base64. */
  png: string;
}

export interface PanelState {
  targets: { target: TargetId; label: string; ended: boolean }[];
  shown: TargetId | null;
  /** The panel stays with this target, whichever is active. */
  pinned: boolean;
  /** The last notice of the shown target. */
  changed: Changed | null;
  selected: HexAddress | null;
  /** A sentence to show instead of, or above, the picture; `null` when all is well. */
  message: string | null;
  /** The crash at which the shown target stands. */
  crash: CrashNotice | null;
}

export type CrashNotice = Pick<CrashReport, "signal" | "title" | "sentence" | "address">;
