/** The tests' way into the extension host: functions that are called there, with VS Code's API. */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type * as vscode from "vscode";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export class Host {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  /**
   * Calls a function in the extension host. It is sent as text, so that it knows nothing but its parameters; what it
   * answers comes back as JSON.
   */
  async call<Args extends Json[], Result>(
    work: (api: typeof vscode, ...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const answer = JSON.parse(await this.#post(JSON.stringify({ source: work.toString(), args })));
    if ("error" in answer) throw new Error(`In the extension host: ${answer.error}`);
    return answer.value;
  }

  /** Waits until the extension host listens: after the window's start, and after its reload. */
  async ready(patience = 60_000): Promise<void> {
    const end = Date.now() + patience;
    for (;;) {
      try {
        await this.call(() => true);
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await sleep(100);
      }
    }
  }

  #post(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const post = request({ socketPath: this.socket, method: "POST" }, (response) => {
        let answer = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          answer += part;
        });
        response.on("end", () => resolve(answer));
        response.on("error", reject);
      });
      post.on("error", reject);
      post.end(text);
    });
  }
}
