/** Opens source files where they were compiled or where they are now: by the session's source maps and the setting's. */
import * as vscode from "vscode";
import type { SourceLocation } from "../memory/module.ts";
import { fieldsOf } from "./dap.ts";
import { candidates, entries, type Mapping, mappingBetween, mappingsOf, origins } from "./sourceMap.ts";

/** What to do with the file besides showing it. */
export interface OpenOptions {
  /** Leave the keyboard where it is: in the tree. */
  readonly preserveFocus?: boolean;
}

/** Shows the line, or says that the file is not there and offers what helps. */
export async function openSource(
  source: SourceLocation,
  session: vscode.DebugSession | null,
  { preserveFocus = false }: OpenOptions = {},
): Promise<void> {
  const uri = await findSource(source.file, session);
  if (uri) await show(uri, source, preserveFocus);
  else await offerHelp(source, session);
}

/** The file on this machine; `null` where it is not there. */
export async function findSource(file: string, session: vscode.DebugSession | null): Promise<vscode.Uri | null> {
  for (const path of candidates(file, mappingsFor(session), folderPaths())) {
    const uri = vscode.Uri.file(path);
    if (await isFile(uri)) return uri;
  }
  return null;
}

/** The paths under which a file of this machine may have been compiled. */
export function compiledPaths(path: string, session: vscode.DebugSession | null): string[] {
  return origins(path, mappingsFor(session), folderPaths());
}

function mappingsFor(session: vscode.DebugSession | null): Mapping[] {
  const ofSession = session ? mappingsOf({ type: session.type, configuration: fieldsOf(session.configuration) }) : [];
  return [...settingMappings(), ...ofSession];
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}

async function show(uri: vscode.Uri, { line, column }: SourceLocation, preserveFocus: boolean): Promise<void> {
  const place = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  const shown = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  await vscode.window.showTextDocument(uri, {
    selection: new vscode.Range(place, place),
    preserveFocus,
    preview: true,
    // Beside the panel, not in its place.
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
  });
}

async function offerHelp(source: SourceLocation, session: vscode.DebugSession | null): Promise<void> {
  const name = source.file.slice(source.file.lastIndexOf("/") + 1);
  const sentence = `${name} is not on this machine under the name with which it was compiled: ${source.file}`;
  const choice = await vscode.window.showWarningMessage(sentence, CHOOSE_FILE, SET_MAP);
  if (choice === CHOOSE_FILE) {
    const [chosen] = (await vscode.window.showOpenDialog({ title: `Where is ${name}?`, openLabel: "Open" })) ?? [];
    if (!chosen) return;
    await addMapping(mappingBetween(source.file, chosen.path));
    await show(chosen, source, false);
  }
  if (choice === SET_MAP) {
    const mapping = await askForMapping(source.file);
    if (!mapping) return;
    await addMapping(mapping);
    if (await findSource(source.file, session)) await openSource(source, session);
    else void vscode.window.showWarningMessage(`${name} is not there either. The source map stays in the settings.`);
  }
}

const CHOOSE_FILE = "Choose File…";
const SET_MAP = "Set Source Map…";

async function askForMapping(file: string): Promise<Mapping | null> {
  const title = "Set a source map";
  const from = await vscode.window.showInputBox({
    ...{ title, ignoreFocusOut: true },
    prompt: "The folder as it was compiled",
    value: file.slice(0, Math.max(1, file.lastIndexOf("/"))),
  });
  if (!from) return null;
  const to = await vscode.window.showInputBox({
    ...{ title, ignoreFocusOut: true },
    prompt: `Where ${from} is on this machine`,
    value: WORKSPACE_FOLDER,
  });
  return to ? { from, to } : null;
}

/** Into the workspace's settings, where there are some; there it can be changed or removed. */
async function addMapping({ from, to }: Mapping): Promise<void> {
  const setting = vscode.workspace.getConfiguration("processMemory");
  const hasFolder = vscode.workspace.workspaceFolders !== undefined;
  const place = hasFolder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const known = setting.inspect<Record<string, string>>("sourceMap");
  const map = { ...(hasFolder ? known?.workspaceValue : known?.globalValue), [from]: to };
  await setting.update("sourceMap", map, place);
  vscode.window.setStatusBarMessage(`Source map: ${from} → ${to}, in the settings (processMemory.sourceMap)`, 10_000);
}

function settingMappings(): Mapping[] {
  const [folder] = folderPaths();
  const map = entries(vscode.workspace.getConfiguration("processMemory").get<unknown>("sourceMap"));
  return map.map(({ from, to }) => ({ from, to: to.replaceAll(WORKSPACE_FOLDER, folder ?? "") }));
}

function folderPaths(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.path);
}

const WORKSPACE_FOLDER = `\${workspaceFolder}`;
