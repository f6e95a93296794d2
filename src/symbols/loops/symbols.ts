import { NEAREST } from "./layout";

/**
 * Notes in NEAREST how far from an address the nearest functions and objects of its section begin: before it, or at it, and
 * behind it (negative); infinite where there are none. Symbols of other kinds may be nearer.
 * @see elf(5), "Elf64_Sym"
 * @param from position of a symbol
 * @param end position behind the last
 * @param low and `high`: the halves of the address
 * @param section its index
 * @param names how many bytes of names there are
 */
export function findNearestSymbols(from: i32, end: i32, low: f64, high: f64, section: i32, names: f64): void {
  const address = addressOf(low, high);
  const farthestBefore = before(address, FARTHEST);
  const farthestBehind = behind(address, FARTHEST);
  let nearestBefore = farthestBefore;
  let nearestBehind = farthestBehind;
  for (let at = from; ; at += ENTRY) {
    at = nextBetween(at, end, nearestBefore, nearestBehind);
    if (at + ENTRY > end) break;
    if (!isSure(at, section, names)) continue;
    const value = load<u64>(at + VALUE);
    if (value <= address) nearestBefore = value;
    else nearestBehind = value;
  }
  store<f64>(NEAREST, nearestBefore > farthestBefore ? <f64>(address - nearestBefore) : Infinity);
  store<f64>(NEAREST + 8, nearestBehind < farthestBehind ? -(<f64>(nearestBehind - address)) : -Infinity);
}

/** The position of the first symbol that begins between two addresses. */
function nextBetween(from: i32, end: i32, low: u64, high: u64): i32 {
  let at = from;
  for (; at + ENTRY <= end; at += ENTRY) {
    const value = load<u64>(at + VALUE);
    if (value > low && value < high) break;
  }
  return at;
}

/** Whether it is a function or an object of a section, with a name. */
function isSure(at: i32, section: i32, names: f64): bool {
  const type = load<u8>(at + INFO) & 15;
  const name = <f64>load<u32>(at);
  const isNamed = name > 0 && name < names;
  return isNamed && <i32>load<u16>(at + SECTION) === section && (type === STT_OBJECT || type === STT_FUNC);
}

/**
 * The position, from one on, of the first symbol that `Near` may want; behind the last where none is.
 * @see elf(5), "Elf64_Sym"
 * @param low and `high`: the halves of the address
 * @param nearestBefore distance to the nearest symbol before it so far
 * @param nearestBehind distance to that behind it, which is negative
 */
export function nextNearSymbol(from: i32, end: i32, low: f64, high: f64, nearestBefore: f64, nearestBehind: f64): i32 {
  const address = addressOf(low, high);
  const first = before(address, distanceOf(nearestBefore));
  const last = behind(address, distanceOf(-nearestBehind));
  let at = from;
  for (; at < end; at += ENTRY) {
    const value = load<u64>(at + VALUE);
    if (value > last) continue;
    // Those before the nearest have to reach it.
    if (value >= first || load<u64>(at + SIZE) > first - value) break;
  }
  return at;
}

function addressOf(low: f64, high: f64): u64 {
  return ((<u64>high) << 32) | <u64>low;
}

/** Beyond what floating point has exactly the distance does not matter. */
function distanceOf(distance: f64): u64 {
  return distance < <f64>FARTHEST ? <u64>distance : u64.MAX_VALUE;
}

function before(address: u64, distance: u64): u64 {
  return address > distance ? address - distance : 0;
}

function behind(address: u64, distance: u64): u64 {
  return u64.MAX_VALUE - address > distance ? address + distance : u64.MAX_VALUE;
}

const ENTRY = 24;
const INFO = 4;
const SECTION = 6;
const VALUE = 8;
const SIZE = 16;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const FARTHEST: u64 = 1 << 53;
