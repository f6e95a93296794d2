/** The address that the user chose last, in whichever view: choosing in one place chooses in all. */
import * as vscode from "vscode";
import type { HexAddress } from "../memory/address.ts";
import type { TargetId } from "../protocol/server.ts";

export interface Chosen {
  readonly target: TargetId;
  readonly address: HexAddress;
  /** The view it was chosen in, which needs not be told. */
  readonly in: "tree" | "command" | PanelName;
}

/** There may be several panels. */
export type PanelName = `panel ${number}`;

export class Selection implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Chosen>();
  #chosen: Chosen | null = null;

  readonly onDidChange = this.#changed.event;

  get chosen(): Chosen | null {
    return this.#chosen;
  }

  choose(chosen: Chosen): void {
    const same = this.#chosen?.target === chosen.target && this.#chosen.address === chosen.address;
    // A view that follows a choice reports it as its own: that ends here. A command repeats on purpose.
    if (same && chosen.in !== "command") return;
    this.#chosen = chosen;
    this.#changed.fire(chosen);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
