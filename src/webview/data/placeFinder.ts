/** "Where is this?": asks for an address, a symbol or an expression, and leads there. */
import type { Found, FoundPlace, TargetId } from "../../protocol/server.ts";
import { Observed } from "./observed.ts";
import { type Ask, Question } from "./question.ts";

export class PlaceFinder extends Observed {
  readonly #question: Question<{ target: TargetId; at: number | null; text: string }, Found>;
  readonly #go: (place: FoundPlace) => void;
  #target: TargetId | null = null;
  #at: number | null = null;
  #places: readonly FoundPlace[] = [];
  #message = "";
  #isFound = false;
  #isAsking = false;

  /** `go` shows a place. */
  constructor(ask: Ask, go: (place: FoundPlace) => void) {
    super();
    this.#go = go;
    this.#question = new Question(
      (query) => ask("find", query),
      (found, { text }) => this.#receive(found, text),
      (message) => this.#say(`That could not be looked for: ${message}`),
    );
  }

  /** Where several places have the name: all of them, to choose from. */
  get places(): readonly FoundPlace[] {
    return this.#places;
  }

  /** What came of it, in words; `""` before anything was looked for. */
  get message(): string {
    return this.#message;
  }

  /** Whether the message only says what the picture shows. */
  get isFound(): boolean {
    return this.#isFound;
  }

  /** Symbols of large files take a moment. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  look(target: TargetId | null): void {
    this.#target = target;
    this.forget();
  }

  lookAt(at: number | null): void {
    this.#at = at;
    this.forget();
  }

  find(text: string): void {
    if (this.#target === null) return;
    if (text.trim() === "") {
      this.forget();
      return;
    }
    this.#isAsking = true;
    this.#places = [];
    this.#question.ask({ target: this.#target, at: this.#at, text });
    this.changed();
  }

  go(place: FoundPlace): void {
    this.#places = [];
    this.#say(`${place.address}: ${place.name}`, true);
    this.#go(place);
  }

  /** Nothing is looked for, or chosen from, any more. */
  forget(): void {
    this.#question.forget();
    this.#places = [];
    this.#say("");
  }

  #receive({ places }: Found, text: string): void {
    const [first] = places;
    if (first && places.length === 1) {
      this.go(first);
      return;
    }
    this.#places = places;
    this.#say(
      first ? `${places.length} places: choose one.` : `“${text.trim()}” is no address, symbol or region here.`,
    );
  }

  #say(message: string, isFound = false): void {
    this.#isFound = isFound;
    this.#isAsking = false;
    this.#message = message;
    this.changed();
  }
}
