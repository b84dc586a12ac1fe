/** First in, first out, in constant time: an array whose spent front is cut off now and then. */
const SPENT_MAX = 1_024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    // The place forgets its item, or a body would stay in memory until the front is cut.
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.size === 0 || this.#head > SPENT_MAX) this.#cut();
    return item;
  }

  /** Moves the first to the end. */
  rotate(): void {
    if (this.size < 2) return;
    const first = this.shift();
    if (first !== undefined) this.push(first);
  }

  #cut(): void {
    if (this.size === 0) this.#items.length = 0;
    else this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
