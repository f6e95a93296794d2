/** Stretches of addresses, in columns. An index into the columns stands for one. They may overlap. */
export class Intervals {
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  #asked = 0;
  #sorted: Sorted | null = null;

  constructor(low: Float64Array, high: Float64Array) {
    this.#low = low;
    this.#high = high;
  }

  /** Of those that cover an address the one that begins last, of these the last in the columns; -1 where none does. */
  find(address: number): number {
    // Sorting takes as long as some looks at all of them.
    if (this.#asked++ < FEW) return this.#scan(address);
    this.#sorted ??= sorted(this.#low, this.#high);
    const { order, reach } = this.#sorted;
    let [from, to] = [0, order.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#low[order[middle] as number] as number) <= address) from = middle + 1;
      else to = middle;
    }
    for (let place = from - 1; place >= 0 && (reach[place] as number) > address; place--) {
      const index = order[place] as number;
      if ((this.#high[index] as number) > address) return index;
    }
    return -1;
  }

  #scan(address: number): number {
    let found = -1;
    for (let i = 0; i < this.#low.length; i++) {
      const low = this.#low[i] as number;
      if (low > address || address >= (this.#high[i] as number)) continue;
      if (found < 0 || low >= (this.#low[found] as number)) found = i;
    }
    return found;
  }
}

interface Sorted {
  /** The indexes by where the stretches begin. */
  readonly order: Uint32Array;
  /** For each place in the order, how far those up to it reach. */
  readonly reach: Float64Array;
}

function sorted(low: Float64Array, high: Float64Array): Sorted {
  const order = orderOf(low);
  const reach = new Float64Array(low.length);
  let furthest = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < order.length; place++) {
    furthest = Math.max(furthest, high[order[place] as number] as number);
    reach[place] = furthest;
  }
  return { order, reach };
}

/** The indexes of numbers by size, of equal ones in their order. */
function orderOf(numbers: Float64Array): Uint32Array {
  const count = numbers.length;
  const order = new Uint32Array(count);
  // Numbers with their indexes in the last digits are sorted without being compared by a function.
  const keys = new Float64Array(count);
  let isExact = true;
  for (let index = 0; index < count; index++) {
    const number = numbers[index] as number;
    keys[index] = number * count + index;
    isExact &&= number >= 0 && (keys[index] as number) <= Number.MAX_SAFE_INTEGER;
    order[index] = index;
  }
  if (!isExact) return order.sort((a, b) => (numbers[a] as number) - (numbers[b] as number) || a - b);
  keys.sort();
  for (let place = 0; place < count; place++) order[place] = (keys[place] as number) % count;
  return order;
}

/** Questions. */
const FEW = 16;
