/**
 * The byte that is chosen in the hex editor (the extension ms-vscode.hexeditor), where it shows memory of a debug session. It
 * has no API for this: its command "Copy Offset" tells, by the clipboard, which is given back what it had.
 * @see microsoft/vscode-hexeditor, src/extension.ts, and VS Code's debugMemory.ts for the document's name
 */
import * as vscode from "vscode";
import { type HexAddress, parseAddress, toHex } from "../memory/address.ts";

/** `null` where no hex editor with memory is in front, or no byte is chosen. */
export async function addressInHexEditor(): Promise<HexAddress | null> {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom) || input.viewType !== "hexEditor.hexedit") return null;
  // The memory reference, which is an address as most adapters tell it, then the name.
  const reference = input.uri.scheme === "vscode-debug-memory" ? input.uri.path.split("/")[1] : undefined;
  const base = parseAddress(decodeURIComponent(reference ?? ""));
  const offset = base === undefined ? undefined : parseAddress(await copiedOffset());
  return base === undefined || offset === undefined ? null : toHex(BigInt.asUintN(64, base + offset));
}

async function copiedOffset(): Promise<string> {
  const { clipboard } = vscode.env;
  const before = await clipboard.readText();
  try {
    await clipboard.writeText("");
    await vscode.commands.executeCommand("hexEditor.copyOffsetAsDec");
    // The command does not wait until the clipboard has it.
    for (let end = Date.now() + PATIENCE; Date.now() < end; ) {
      const copied = await clipboard.readText();
      if (copied !== "") return copied;
    }
    return "";
  } catch {
    // An older hex editor has no such command.
    return "";
  } finally {
    await clipboard.writeText(before);
  }
}

/** In milliseconds. */
const PATIENCE = 300;
