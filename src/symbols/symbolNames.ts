/**
 * Orders names of the same bytes by which people look for: with fewer leading underscores (`write`, not `__write`),
 * shorter, first by alphabet.
 */
export function compareNames(a: string, b: string): number {
  return underscores(a) - underscores(b) || a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** How many of them a name begins with. */
export function underscores(name: string): number {
  let count = 0;
  while (name[count] === "_") count++;
  return count;
}
