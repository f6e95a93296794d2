/** A name that a symbol has in the file. */
export interface SymbolName {
  readonly name: string;
  /** Neither local nor weak. */
  readonly isGlobal: boolean;
}

/**
 * Orders names of the same bytes by which people look for: with fewer leading underscores (`write`, not `__write`),
 * global, shorter, first by alphabet.
 */
export function compareNames(a: SymbolName, b: SymbolName): number {
  return (
    underscores(a.name) - underscores(b.name) ||
    Number(b.isGlobal) - Number(a.isGlobal) ||
    a.name.length - b.name.length ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}

function underscores(name: string): number {
  let count = 0;
  while (name[count] === "_") count++;
  return count;
}
