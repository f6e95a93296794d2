import { ResponseError } from "vscode-languageserver/node";
import { TargetError } from "../memory/target.ts";
import type { Problem } from "../protocol/server.ts";

/** Any error as a sentence for the user with its kind. */
export function problemOf(error: unknown): Problem {
  if (error instanceof TargetError) return { problem: error.problem, message: error.message };
  return { problem: "unreadable", message: error instanceof Error ? error.message : String(error) };
}

/** The answer to a question that failed: the sentence, and the problem as its data. */
export function responseError(error: unknown): ResponseError<Problem> {
  const problem = problemOf(error);
  return new ResponseError(REQUEST_FAILED, problem.message, problem);
}

/** LSP 3.17, ErrorCodes: a request that is syntactically correct failed. */
const REQUEST_FAILED = -32803;
