/**
 * "Explain Address…": for what the user types, for variables and registers in Variables and Watch, and for addresses that
 * links stand for.
 */
import * as vscode from "vscode";
import { type HexAddress, parseAddress, toHex } from "../memory/address.ts";
import type { ExplanationMessage, ServerRequests } from "../protocol/server.ts";
import { type AddressPickParts, pickAddress } from "./addressPick.ts";
import { type Fields, fieldsOf, textOf } from "./dap.ts";
import { addressInHexEditor } from "./hexEditor.ts";
import type { PointerHover } from "./hover.ts";
import type { MemoryServer } from "./memoryServer.ts";
import { readNumber } from "./pointer.ts";
import type { Sessions, WatchedSession } from "./sessions.ts";
import type { AddressOfTarget } from "./showAddress.ts";
import type { StoppedFrames } from "./stoppedFrames.ts";
import { problemOf, type Target, type Targets } from "./targets.ts";

export type ExplainQuery = ServerRequests["processMemory/explain"][0];

export interface ExplainParts {
  readonly server: MemoryServer;
  readonly targets: Targets;
  readonly sessions: Sessions;
  readonly frames: StoppedFrames;
  readonly hover: PointerHover;
}

export function registerExplainAddress(parts: ExplainParts): vscode.Disposable {
  const command = vscode.commands.registerCommand;
  const pick: AddressPickParts = {
    explain: (query) => explainWithFrame(parts, query),
    show,
  };
  return vscode.Disposable.from(
    command("processMemory.explainAddress", async (address?: unknown) => {
      // A menu tells where it was opened, a link the address, the palette nothing.
      const given = typeof address === "string" ? address : address ? await addressInHexEditor() : null;
      const asked = given === null ? await askedAddress(parts) : ofText(parts.targets, given);
      if (asked) await pickAddress(pick, asked.query, asked.what);
    }),
    command("processMemory.explainVariable", async (variable: unknown) => {
      const asked = await ofVariable(parts, variable);
      if (asked) await pickAddress(pick, asked.query, asked.what);
    }),
    command("processMemory.showVariable", async (variable: unknown) => {
      const asked = await ofVariable(parts, variable);
      if (asked) await show(asked.query);
    }),
  );
}

function show(query: AddressOfTarget): Thenable<void> {
  return vscode.commands.executeCommand("processMemory.showAddress", query);
}

/** As the server explains it, and in which frame it is, as far as the debugger has told. */
export async function explainWithFrame(
  { server, targets, frames }: Pick<ExplainParts, "server" | "targets" | "frames">,
  query: ExplainQuery,
): Promise<ExplanationMessage> {
  const explanation = await server.request("processMemory/explain", query);
  const { stack, address } = explanation;
  const isNow = query.at === null || query.at === undefined;
  const session = targets.get(query.target)?.session ?? null;
  const frame = stack && isNow ? frames.frameAt(session, BigInt(address)) : null;
  return stack && frame ? { ...explanation, stack: { ...stack, frame } } : explanation;
}

interface Asked {
  readonly query: AddressOfTarget;
  /** What was asked about; `null` where it was the address itself. */
  readonly what: string | null;
}

function ofText({ active }: Targets, text: string): Asked | null {
  const address = parseAddress(text.trim());
  return active && address !== undefined ? { query: { target: active.id, address: toHex(address) }, what: null } : null;
}

/** What the user types: an address, an expression where the debugger can tell, or a symbol. */
async function askedAddress(parts: ExplainParts): Promise<Asked | null> {
  const { active } = parts.targets;
  if (!active) {
    void vscode.window.showInformationMessage("No process is looked at: debug a program, or choose a process.");
    return null;
  }
  const text = await vscode.window.showInputBox({
    title: "Explain an address",
    prompt: `An address, a symbol or an expression of ${active.info.command} (${active.info.pid}).`,
    placeHolder: "0x7ffff7dd5000, main+0x10, node->next, $rsp",
    value: (await addressInHexEditor()) ?? selectedText(),
  });
  const typed = text?.trim();
  return typed ? (ofText(parts.targets, typed) ?? (await named(parts, active, typed))) : null;
}

function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? "";
  return text.length <= 200 && !text.includes("\n") ? text.trim() : "";
}

/** A local variable hides a symbol of the same name. */
async function named({ server, hover }: ExplainParts, { id, info }: Target, text: string): Promise<Asked | null> {
  const pointer = await hover.pointerOf(id, text);
  if (pointer) return { query: { target: id, address: pointer.address }, what: pointer.expression };
  try {
    const { places } = await server.request("processMemory/find", { target: id, text });
    const [found] = places;
    if (found) return { query: { target: id, address: found.address }, what: found.name };
    void vscode.window.showInformationMessage(
      `${info.command} has nothing that is called “${text}”: neither a symbol nor a region, nor a variable where the debugger stands.`,
    );
  } catch (error) {
    void vscode.window.showErrorMessage(problemOf(error).message);
  }
  return null;
}

/** Of a row in Variables or Watch: the number that it shows, or where what is no number is stored. */
async function ofVariable(parts: ExplainParts, context: unknown): Promise<Asked | null> {
  const { watched, variable } = readContext(parts.sessions, context);
  const name = textOf(variable.evaluateName) ?? textOf(variable.name) ?? "";
  const target = watched?.target ?? null;
  const address = watched && target && (await addressOf(parts, watched, target, name, variable));
  if (target && address) return { query: { target: target.id, address }, what: name };
  void vscode.window.showInformationMessage(
    target
      ? `${name || "This"} is no number, and the debugger does not tell where it is stored.`
      : "The process of this debug session is not looked at.",
  );
  return null;
}

async function addressOf(
  { hover }: ExplainParts,
  { session }: WatchedSession,
  target: Target,
  name: string,
  variable: Fields,
): Promise<HexAddress | null> {
  const number = readNumber(session.type, name, variable);
  if (number !== null) return toHex(number);
  const pointer = await hover.pointerOf(target.id, name);
  if (pointer) return pointer.address;
  const reference = parseAddress(textOf(variable.memoryReference) ?? "");
  return reference === undefined ? null : toHex(reference);
}

/** VS Code tells the session and the variable as the adapter told it. */
function readContext(sessions: Sessions, context: unknown): { watched: WatchedSession | null; variable: Fields } {
  const { sessionId, variable } = fieldsOf(context);
  const active = vscode.debug.activeDebugSession;
  const watched =
    sessions.all.find(({ session }) => session.id === sessionId) ?? (active ? sessions.get(active) : null) ?? null;
  return { watched, variable: fieldsOf(variable) };
}
