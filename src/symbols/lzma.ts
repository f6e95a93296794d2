/** Decodes LZMA chunks. Source: Igor Pavlov, "LZMA Specification" (LZMA SDK, lzma-specification.txt). */

/** Compressed bytes that are damaged or of a kind that is not known. */
export class DamagedError extends Error {}

/** The properties of a stream: how many bits of what came before choose among its models. */
export interface LzmaProperties {
  /** `lc`: bits of the byte before. */
  readonly literalContext: number;
  /** `lp`: low bits of the position, for literals. */
  readonly literalPosition: number;
  /** `pb`: low bits of the position, for matches. */
  readonly position: number;
}

/** What a stream keeps between its chunks. */
export class LzmaDecoder {
  readonly #literals: Uint16Array;
  readonly #models = new Uint16Array(MODELS);
  readonly #properties: LzmaProperties;
  #state = 0;
  /** The last four distances less one. */
  #rep0 = 0;
  #rep1 = 0;
  #rep2 = 0;
  #rep3 = 0;
  #input: Buffer = Buffer.alloc(0);
  #at = 0;
  #range = 0;
  #code = 0;

  constructor(properties: LzmaProperties) {
    this.#properties = properties;
    this.#literals = new Uint16Array(0x300 << (properties.literalContext + properties.literalPosition)).fill(HALF);
    this.#models.fill(HALF);
  }

  /**
   * Decodes a chunk into `output[from … to)`. Matches reach back to `start` at most. Throws a {@link DamagedError}.
   * @param input the chunk, whole
   */
  decode(input: Buffer, output: Buffer, start: number, from: number, to: number): void {
    this.#input = input;
    this.#at = 5;
    this.#range = 0xffff_ffff;
    this.#code = input.length >= 5 ? input.readUInt32BE(1) : 0;
    const { literalContext, literalPosition, position } = this.#properties;
    const positionMask = (1 << position) - 1;
    for (let at = from; at < to; ) {
      const aligned = (at - start) & positionMask;
      if (this.#bit(this.#models, IS_MATCH + this.#state * 16 + aligned) === 0) {
        const before = at > start ? (output[at - 1] as number) : 0;
        const low = (at - start) & ((1 << literalPosition) - 1);
        const model = 0x300 * ((low << literalContext) + (before >> (8 - literalContext)));
        output[at] = this.#literal(model, this.#state >= 7 ? (output[at - this.#rep0 - 1] ?? 0) : -1);
        at++;
        this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
        continue;
      }
      const length = this.#match(aligned);
      const distance = this.#rep0 + 1;
      if (distance > at - start || length > to - at) throw new DamagedError("A match reaches beyond the data.");
      // Byte for byte: a match may overlap what it makes.
      for (const end = at + length; at < end; at++) output[at] = output[at - distance] as number;
    }
    if (this.#at > input.length) throw new DamagedError("The data is cut off.");
  }

  /** Decodes which bytes are repeated: sets the distance and the state, and answers the length. */
  #match(aligned: number): number {
    const models = this.#models;
    const state = this.#state;
    if (this.#bit(models, IS_REP + state) === 0) {
      this.#rep3 = this.#rep2;
      this.#rep2 = this.#rep1;
      this.#rep1 = this.#rep0;
      const length = this.#length(MATCH_LENGTH, aligned);
      this.#rep0 = this.#distance(length);
      this.#state = state < 7 ? 7 : 10;
      return length;
    }
    if (this.#bit(models, IS_REP_0 + state) === 0) {
      if (this.#bit(models, IS_REP_0_LONG + state * 16 + aligned) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else {
      let distance = this.#rep1;
      if (this.#bit(models, IS_REP_1 + state) === 1) {
        distance = this.#rep2;
        if (this.#bit(models, IS_REP_2 + state) === 1) {
          distance = this.#rep3;
          this.#rep3 = this.#rep2;
        }
        this.#rep2 = this.#rep1;
      }
      this.#rep1 = this.#rep0;
      this.#rep0 = distance;
    }
    this.#state = state < 7 ? 8 : 11;
    return this.#length(REP_LENGTH, aligned);
  }

  /** A byte; after a match by the byte that would have come next in it. */
  #literal(model: number, matched: number): number {
    const literals = this.#literals;
    let symbol = 1;
    for (let expected = matched; expected >= 0 && symbol < 0x100; ) {
      const wanted = (expected >> 7) & 1;
      expected = (expected << 1) & 0xff;
      const bit = this.#bit(literals, model + ((1 + wanted) << 8) + symbol);
      symbol = (symbol << 1) | bit;
      if (bit !== wanted) break;
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(literals, model + symbol);
    return symbol & 0xff;
  }

  #length(base: number, aligned: number): number {
    if (this.#bit(this.#models, base) === 0) return 2 + this.#tree(base + 2 + aligned * 8, 3);
    if (this.#bit(this.#models, base + 1) === 0) return 10 + this.#tree(base + 130 + aligned * 8, 3);
    return 18 + this.#tree(base + 258, 8);
  }

  /** A distance less one. */
  #distance(length: number): number {
    const slot = this.#tree(SLOTS + Math.min(length - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reversed(SPECIAL + base - slot, bits);
    let direct = 0;
    for (let bit = 4; bit < bits; bit++) direct = direct * 2 + this.#directBit();
    return base + direct * 16 + this.#reversed(ALIGN, 4);
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let bit = 0; bit < bits; bit++) symbol = (symbol << 1) | this.#bit(this.#models, base + symbol);
    return symbol - (1 << bits);
  }

  #reversed(base: number, bits: number): number {
    let model = 1;
    let symbol = 0;
    for (let bit = 0; bit < bits; bit++) {
      const value = this.#bit(this.#models, base + model);
      model = (model << 1) | value;
      symbol |= value << bit;
    }
    return symbol;
  }

  #bit(models: Uint16Array, index: number): number {
    const model = models[index] as number;
    const bound = (this.#range >>> 11) * model;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      models[index] = model + ((2048 - model) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      models[index] = model - (model >> 5);
      bit = 1;
    }
    if (this.#range < TOP) this.#shift();
    return bit;
  }

  #directBit(): number {
    this.#range = this.#range >>> 1;
    const bit = this.#code >= this.#range ? 1 : 0;
    if (bit === 1) this.#code -= this.#range;
    if (this.#range < TOP) this.#shift();
    return bit;
  }

  #shift(): void {
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#at++] ?? 0)) >>> 0;
  }
}

/** A probability of one half. */
const HALF = 1024;
const TOP = 2 ** 24;

/** Where the models of each kind begin. Lengths: a choice, another, then trees of 16 × 8, 16 × 8 and 256. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 12 * 16;
const IS_REP_0 = IS_REP + 12;
const IS_REP_1 = IS_REP_0 + 12;
const IS_REP_2 = IS_REP_1 + 12;
const IS_REP_0_LONG = IS_REP_2 + 12;
const SLOTS = IS_REP_0_LONG + 12 * 16;
const SPECIAL = SLOTS + 4 * 64;
const ALIGN = SPECIAL + 128;
const MATCH_LENGTH = ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + 514;
const MODELS = REP_LENGTH + 514;
