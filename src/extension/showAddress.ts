/** An address chosen in all views, with the panel in front: what links and code lenses do. */
import * as vscode from "vscode";
import type { HexAddress } from "../memory/address.ts";
import type { TargetId } from "../protocol/server.ts";
import type { Selection } from "./selection.ts";
import type { Targets } from "./targets.ts";

export interface AddressOfTarget {
  readonly target: TargetId;
  readonly address: HexAddress;
}

export function registerShowAddress(targets: Targets, selection: Selection): vscode.Disposable {
  return vscode.commands.registerCommand("processMemory.showAddress", async ({ target, address }: AddressOfTarget) => {
    if (!targets.get(target)) {
      void vscode.window.showInformationMessage(`The process in which ${address} was is no longer looked at.`);
      return;
    }
    targets.activate(target);
    await vscode.commands.executeCommand("processMemory.show");
    selection.choose({ target, address, in: "command" });
  });
}
