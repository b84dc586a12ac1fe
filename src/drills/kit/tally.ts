/** Who was promised to, and who was served how often, of a mass of mail: two octets a recipient, so that a million mails cost a few megabytes. */

/** Recipients that a mail has at most. */
export const RECIPIENTS_MAX = 2;
/** Seen so often or more. */
const OFTEN = 255;

export class Tally {
  readonly #promised: Uint8Array;
  readonly #served: Uint8Array;
  #promisedCount = 0;
  #servedCount = 0;

  constructor(mails: number) {
    this.#promised = new Uint8Array(mails * RECIPIENTS_MAX);
    this.#served = new Uint8Array(mails * RECIPIENTS_MAX);
  }

  /** The address by which a recipient is known when it arrives. */
  static addressOf(mail: number, n: number): string {
    return `m${mail}.${n}@peer.test`;
  }

  /** Recipients that had their 250. */
  get promised(): number {
    return this.#promisedCount;
  }

  /** Recipients that were served, however often. */
  get served(): number {
    return this.#servedCount;
  }

  promise(mail: number, n: number): void {
    this.#promised[mail * RECIPIENTS_MAX + n] = 1;
    this.#promisedCount += 1;
  }

  /** False where it is none of these recipients. */
  serve(address: string): boolean {
    const [, mail, n] = /^m(\d+)\.(\d)@peer\.test$/.exec(address) ?? [];
    if (mail === undefined || n === undefined) return false;
    const place = Number(mail) * RECIPIENTS_MAX + Number(n);
    const before = this.#served[place];
    if (before === undefined) return false;
    if (before === 0) this.#servedCount += 1;
    if (before < OFTEN) this.#served[place] = before + 1;
    return true;
  }

  wasPromised(mail: number, n: number): boolean {
    return this.#promised[mail * RECIPIENTS_MAX + n] === 1;
  }

  timesServed(mail: number, n: number): number {
    return this.#served[mail * RECIPIENTS_MAX + n] ?? 0;
  }
}
