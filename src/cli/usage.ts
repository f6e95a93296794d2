/** Wrong usage. The message says what is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The answer cannot be given: a file cannot be read, or has not what is asked for. The message is a sentence. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** A whole number from an argument. `what` names it in the message of the {@link UsageError}. */
export function numberOf(what: string, text: string, least: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= LARGEST_DELAY)) {
    throw new UsageError(`${what} is a whole number from ${least}, not "${text}".`);
  }
  return number;
}

/** The largest delay of a timer, and more than the largest pid. */
const LARGEST_DELAY = 2 ** 31 - 1;
