/** Octets of mail in memory, counted over all sessions, so that many large mails at once can't end the process (design 5, Overload). */

export interface BodyBudgetLimits {
  readonly bodyBytesInMemoryMax: number;
  readonly bodyBytesUnderPressureMax: number;
  readonly bodyBytesSoftMax: number;
  readonly bodyBytesHardMax: number;
}

export class BodyBudget {
  readonly #limits: BodyBudgetLimits;
  #bytes = 0;

  constructor(limits: BodyBudgetLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing new may begin: DATA is answered 452. */
  get exhausted(): boolean {
    return this.#bytes >= this.#limits.bodyBytesHardMax;
  }

  /** How much of one content may stay in memory at this moment. */
  get shareBytes(): number {
    const short = this.#bytes >= this.#limits.bodyBytesSoftMax;
    return short ? this.#limits.bodyBytesUnderPressureMax : this.#limits.bodyBytesInMemoryMax;
  }

  /** Whether a content of this size may stay in memory at all: what is small needs no blob store. */
  isSmall(bytes: number): boolean {
    return bytes <= this.#limits.bodyBytesInMemoryMax;
  }

  /** Counts octets in; negative ones out. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }
}
