/** What the adapters told of the stacks that stand still, for each session. */
import * as vscode from "vscode";
import type { Address } from "../memory/address.ts";
import type { FramePlace } from "../memory/explanation.ts";
import type { SessionMessage, Sessions } from "./sessions.ts";
import { StackFrames } from "./stackFrames.ts";

export class StoppedFrames implements vscode.Disposable {
  readonly #sessions = new Map<string, StackFrames>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];

  /** Frames or variables became known, or are no longer. */
  readonly onDidChange = this.#changed.event;

  constructor(sessions: Sessions) {
    this.#subscriptions = [
      sessions.onDidRequest(({ session, message }) => this.#of(session).editorSaid(message)),
      sessions.onDidAnswer((message) => this.#answer(message)),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        this.#sessions.delete(id);
        this.#changed.fire();
      }),
    ];
  }

  get(session: vscode.DebugSession): StackFrames | null {
    return this.#sessions.get(session.id) ?? null;
  }

  /** Whose part of the stack holds the address, as far as VS Code has asked; `null` where that does not tell. */
  frameAt(session: vscode.DebugSession | null, address: Address): FramePlace | null {
    return (session && this.get(session)?.frameAt(address)) ?? null;
  }

  dispose(): void {
    for (const subscription of [...this.#subscriptions, this.#changed]) subscription.dispose();
  }

  #of(session: vscode.DebugSession): StackFrames {
    const frames = this.#sessions.get(session.id) ?? new StackFrames(session.type);
    this.#sessions.set(session.id, frames);
    return frames;
  }

  #answer({ session, message }: SessionMessage): void {
    if (this.#of(session).adapterSaid(message)) this.#changed.fire();
  }
}
