/** Bytes in words: binary units as the kernel means them (KiB, MiB, …), three significant digits, `0 B`. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // 999.5 and not 1,024: four digits before the unit would not be three significant ones.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\.0+$/, "");
  return `${bytes < 0 ? "-" : ""}${text} ${UNITS[unit]}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/**
 * Bytes as people write them: `4096`, `64K`, `1.5 MiB`, `0x1000`; K, KB and KiB are all 1,024. `undefined` for anything
 * else.
 */
export function parseBytes(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^0x[0-9a-f]{1,13}$/.test(trimmed)) return Number(trimmed);
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(trimmed) ?? [];
  const power = LETTERS.indexOf(unit.replace(/(?<=[kmgtpe])i?b$|^b$/, ""));
  return digits === undefined || power < 0 ? undefined : Number(digits) * 1024 ** power;
}

const LETTERS = ["", "k", "m", "g", "t", "p", "e"];
