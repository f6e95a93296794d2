/** Sentences for VS Code's notifications. Pure. */

/**
 * The same text, of which no part is a link: in notifications VS Code makes one of `[name](command:…)`, and names in it may
 * come from the target. @see VS Code's base/common/linkedText.ts
 */
export function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}
