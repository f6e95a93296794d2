/** What the kernel told a program when it started. Sources: getauxval(3), proc_pid_auxv(5), Linux include/uapi/linux/auxvec.h. */
export type AuxiliaryVector = ReadonlyMap<number, bigint>;

export const AT_PHDR = 3;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_ENTRY = 9;
export const AT_RANDOM = 25;
export const AT_EXECFN = 31;
export const AT_SYSINFO_EHDR = 33;

/**
 * The bytes of `/proc/PID/auxv`: pairs of a type and a value, each as wide as an address of the process. That is told by
 * the vector itself: its pages have a size, and its types are small. `null` where it makes sense in neither width.
 */
export function parseAuxiliaryVector(bytes: Uint8Array): AuxiliaryVector | null {
  const text = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = pairs(text, 8, (at) => text.getBigUint64(at, true));
  return wide ?? pairs(text, 4, (at) => BigInt(text.getUint32(at, true)));
}

function pairs(text: DataView, width: number, wordAt: (at: number) => bigint): AuxiliaryVector | null {
  const vector = new Map<number, bigint>();
  for (let at = 0; at + 2 * width <= text.byteLength; at += 2 * width) {
    const type = wordAt(at);
    if (type === AT_NULL) break;
    if (type > LARGEST_TYPE) return null;
    vector.set(Number(type), wordAt(at + width));
  }
  const page = vector.get(AT_PAGESZ) ?? 0n;
  return page >= 4096n && (page & (page - 1n)) === 0n ? vector : null;
}

const AT_NULL = 0n;
/** The kernel's types are below 64; the C libraries' reserved ones are in the thousands. */
const LARGEST_TYPE = 0xffffn;
