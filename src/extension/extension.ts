/** The entry: composes the features and nothing else. What is big is loaded with the first session or command. */
import * as vscode from "vscode";
import { AddressLinks } from "./addressLinks.ts";
import { BreakpointList } from "./breakpointList.ts";
import { BreakpointsView } from "./breakpointsView.ts";
import { type EmptyReason, setContext } from "./contextKeys.ts";
import { CostLens } from "./costLens.ts";
import { CrashDocument } from "./crashDocument.ts";
import { Crashes } from "./crashes.ts";
import { CrashLine } from "./crashLine.ts";
import { explainWithFrame, registerExplainAddress } from "./explainAddress.ts";
import { PointerHover } from "./hover.ts";
import { IndexingProgress } from "./indexing.ts";
import { InlinePlaces } from "./inlinePlaces.ts";
import { MemoryBreakpoints } from "./memoryBreakpoints.ts";
import { MemoryServer } from "./memoryServer.ts";
import { Panels } from "./panels.ts";
import { chooseProcess, lookAt } from "./processPicker.ts";
import { Selection } from "./selection.ts";
import { Sessions } from "./sessions.ts";
import { registerSharers } from "./sharers.ts";
import { registerShowAddress } from "./showAddress.ts";
import { StatusBar } from "./statusBar.ts";
import { StepCosts } from "./stepCosts.ts";
import { StoppedFrames } from "./stoppedFrames.ts";
import { StoppedPlaces } from "./stoppedPlaces.ts";
import { Targets } from "./targets.ts";
import { MemoryTree } from "./tree.ts";
import { registerTreeCommands } from "./treeCommands.ts";
import { VariableRegions } from "./variableRegions.ts";

/** What the suite that runs inside VS Code looks at; no interface for other extensions. */
export interface ExtensionUnderTest {
  readonly targets: Targets;
  readonly sessions: Sessions;
  readonly tree: MemoryTree;
  readonly server: MemoryServer;
  readonly crashes: Crashes;
  /** Milliseconds that `activate` took. */
  readonly activationTime: number;
}

export function activate(context: vscode.ExtensionContext): ExtensionUnderTest | undefined {
  const begun = performance.now();
  if (process.platform !== "linux") {
    refuseHost(context);
    return undefined;
  }
  const log = vscode.window.createOutputChannel("Process Memory", { log: true });
  const server = new MemoryServer(context.extensionPath, log);
  const targets = new Targets(server);
  const sessions = new Sessions(server, targets, log);
  const selection = new Selection();
  const breakpoints = new BreakpointList(server, context.workspaceState);
  const tree = new MemoryTree(server, targets, selection, context.workspaceState);
  const places = new StoppedPlaces(server, sessions, targets, log);
  const frames = new StoppedFrames(sessions);
  const hover = new PointerHover(server, sessions, places, frames);
  const crashes = new Crashes(server, sessions, log);
  const steps = new StepCosts(server, sessions, targets, frames);
  const panels = new Panels({
    extension: context.extensionUri,
    server,
    targets,
    selection,
    steps,
    crashes,
    settled: () => sessions.settled(),
    pointerOf: (target, expression) => hover.pointerOf(target, expression),
    explain: (query) => explainWithFrame({ server, targets, frames }, query),
  });
  context.subscriptions.push(
    log,
    server,
    targets,
    sessions,
    selection,
    tree,
    panels,
    places,
    frames,
    steps,
    hover,
    new VariableRegions(sessions, places),
    new CostLens(server, targets, log),
    new InlinePlaces(sessions, frames, places),
    new AddressLinks(targets, places),
    registerExplainAddress({ server, targets, sessions, frames, hover }),
    crashes,
    new CrashDocument(crashes),
    new CrashLine(crashes),
    registerShowAddress(targets, selection),
    new StatusBar(targets),
    breakpoints,
    new BreakpointsView(breakpoints, targets),
    new MemoryBreakpoints(server, sessions, targets, breakpoints),
    new IndexingProgress(server, "processMemory.regions"),
    registerTreeCommands(tree, targets, server, selection),
    registerSharers(tree, targets, server, selection),
    vscode.commands.registerCommand("processMemory.pickProcess", async () => {
      await lookAt(targets, await chooseProcess(server));
    }),
    sessions.onDidUpdate(() => {
      setContext("empty", emptyReason(sessions));
      tree.notice = elsewhereSentence(sessions);
    }),
    vscode.debug.onDidChangeActiveDebugSession(() => {
      tree.notice = elsewhereSentence(sessions);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const affected = (setting: string) => event.affectsConfiguration(`processMemory.${setting}`);
      const affectsSymbols = affected("demangle") || affected("debugFileFolders");
      if (affectsSymbols || affected("pollInterval")) server.settingsChanged();
      if (!affectsSymbols) return;
      places.renew();
      tree.renew();
    }),
  );
  setContext("empty", emptyReason(sessions));
  return { targets, sessions, tree, server, crashes, activationTime: performance.now() - begun };
}

/** Why nothing is shown, for the words in the empty tree. */
function emptyReason(sessions: Sessions): EmptyReason {
  let reason: EmptyReason = "none";
  for (const { debuggee, notFound } of sessions.all) {
    if (debuggee.state === "elsewhere") reason = debuggee.reason;
    else if (debuggee.state !== "none") reason = notFound ? "notFound" : "searching";
  }
  return reason;
}

/** Of the session that the user looks at, when its debuggee is no process of this machine. */
function elsewhereSentence(sessions: Sessions): string | null {
  const session = vscode.debug.activeDebugSession;
  const debuggee = session && sessions.get(session)?.debuggee;
  return debuggee?.state === "elsewhere" ? debuggee.sentence : null;
}

/** Where there is no /proc, the commands say so and nothing is started. */
function refuseHost(context: vscode.ExtensionContext): void {
  setContext("empty", "notLinux");
  const explain = () => {
    void vscode.window.showInformationMessage(
      "Process Memory shows processes of Linux. Open a remote window on a Linux machine, a container or WSL, and debug there.",
    );
  };
  const { contributes }: { contributes: { commands: { command: string }[] } } = context.extension.packageJSON;
  for (const { command } of contributes.commands) {
    context.subscriptions.push(vscode.commands.registerCommand(command, explain));
  }
}
