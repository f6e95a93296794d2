import { LSPErrorCodes, ResponseError } from "vscode-languageserver/node";
import { TargetError } from "../memory/target.ts";
import type { Problem } from "../protocol/server.ts";

/** Any error as a sentence for the user with its kind. */
export function problemOf(error: unknown): Problem {
  if (error instanceof TargetError) return { problem: error.problem, message: error.message };
  return { problem: "unreadable", message: error instanceof Error ? error.message : String(error) };
}

/** Whether the process is no more. */
export function hasEnded({ problem }: Problem): boolean {
  return problem === "gone" || problem === "zombie";
}

/** The answer to a question that failed: the sentence, and the problem as its data. */
export function responseError(error: unknown): ResponseError<Problem> {
  const problem = problemOf(error);
  return new ResponseError(LSPErrorCodes.RequestFailed, problem.message, problem);
}
