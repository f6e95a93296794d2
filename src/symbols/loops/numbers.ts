/** Where the next number is read. */
export let cursor: i32 = 0;

export function moveTo(at: i32): void {
  cursor = at;
}

/** A number of 1, 2, 4 or 8 bytes; those of 8 are signed, as the engine's `Reader` has them. Any other size is taken for 1. */
export function fixed(size: i32, isBig: bool): f64 {
  const at = cursor;
  cursor = at + size;
  switch (size) {
    case 8:
      return <f64>(isBig ? bswap(load<i64>(at)) : load<i64>(at));
    case 4:
      return <f64>(isBig ? bswap(load<u32>(at)) : load<u32>(at));
    case 2:
      return <f64>(isBig ? bswap(load<u16>(at)) : load<u16>(at));
    default:
      return <f64>load<u8>(at);
  }
}

/** @see DWARF 5 §7.6 */
export function uleb(limit: i32): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; cursor < limit; shift += 7) {
    const byte = <u64>load<u8>(cursor++);
    if (shift < 64) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** @see DWARF 5 §7.6 */
export function sleb(limit: i32): i64 {
  let value: i64 = 0;
  for (let shift: i64 = 0; cursor < limit; shift += 7) {
    const byte = <i64>load<u8>(cursor++);
    if (shift < 64) value |= (byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (shift < 57 && (byte & 0x40) !== 0) value |= -1 << (shift + 7);
    break;
  }
  return value;
}
