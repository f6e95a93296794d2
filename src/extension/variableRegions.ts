/**
 * Appends the region to pointers in Variables and Watch, where `processMemory.variables.showRegion` says so, in the
 * adapter's answers on their way to VS Code.
 */
import * as vscode from "vscode";
import { fieldsOf, textOf } from "./dap.ts";
import { isPointer, readPointer, withPlace } from "./pointer.ts";
import type { SessionMessage, Sessions } from "./sessions.ts";
import type { StoppedPlaces } from "./stoppedPlaces.ts";
import type { Target } from "./targets.ts";

export class VariableRegions implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #places: StoppedPlaces;
  readonly #subscription: vscode.Disposable;

  constructor(sessions: Sessions, places: StoppedPlaces) {
    this.#sessions = sessions;
    this.#places = places;
    this.#subscription = sessions.onDidAnswer((message) => this.#answer(message));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #answer({ session, message, request, raw }: SessionMessage): void {
    if (message.type !== "response" || (message.name !== "variables" && message.name !== "evaluate")) return;
    const target = this.#sessions.get(session)?.target;
    if (!target || !message.success || !isOn()) return;
    const body = fieldsOf(raw).body;
    if (message.name === "evaluate") {
      const asked = request?.body;
      if (asked?.context === "watch") {
        this.#append(session.type, target, textOf(asked.expression) ?? "", body, "result");
      }
      return;
    }
    const { variables } = fieldsOf(body);
    for (const variable of Array.isArray(variables) ? variables : []) {
      const { evaluateName, name } = fieldsOf(variable);
      this.#append(session.type, target, textOf(evaluateName) ?? textOf(name) ?? "", variable, "value");
    }
  }

  #append(debugType: string, target: Target, expression: string, answer: unknown, key: "result" | "value"): void {
    const fields = fieldsOf(answer);
    const text = textOf(fields[key]);
    const pointer = readPointer(debugType, expression, fields);
    const label = pointer && this.#places.label(target.id, pointer.value);
    if (text === null || !pointer || label === null) return;
    // A register or a number that leads nowhere is a number.
    if (!isPointer(textOf(fields.type) ?? "") && label.startsWith("not mapped")) return;
    Object.assign(fields, { [key]: withPlace(text, pointer, label) });
  }
}

function isOn(): boolean {
  return vscode.workspace.getConfiguration("processMemory").get("variables.showRegion", false);
}
