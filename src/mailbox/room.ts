/** Octets that may be in memory at once. Who does not fit waits in line, as long as its call; a single one that is larger than all goes alone. */
import { type Call, Fault } from '#/model/index.ts';

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

export class Room {
  readonly #bytesMax: number;
  readonly #waitingMax: number;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(bytesMax: number, waitingMax = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
    this.#waitingMax = waitingMax;
  }

  /** Resolves when there is room; dispose it to give the room back. Fault `call.late` where there is none in time, `store.busy` where too many wait. */
  async take(bytes: number, call: Call): Promise<Disposable> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#turn(bytes, call);
    else this.#bytes += bytes;
    return { [Symbol.dispose]: () => this.#leave(bytes) };
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }

  async #turn(bytes: number, { deadlineAt, signal }: Call): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) throw new Fault('store.busy');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { bytes, enter: resolve };
    this.#waiting.push(waiting);
    const giveUp = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(new Fault('call.late'));
      this.#next();
    };
    const timer = setTimeout(giveUp, Math.max(0, deadlineAt - performance.now()));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    await promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    });
  }

  #leave(bytes: number): void {
    this.#bytes -= bytes;
    this.#next();
  }

  #next(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#bytes += next.bytes;
      next.enter();
    }
  }
}
