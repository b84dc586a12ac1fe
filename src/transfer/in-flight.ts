/** Work that goes on beside each other, within bounds of number and octets. Who does not fit waits; what fails is told to the next who comes. */
export class InFlight {
  readonly #bounds: { readonly works: number; readonly bytes: number };
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(bounds: { readonly works: number; readonly bytes: number }) {
    this.#bounds = bounds;
  }

  /** Begins the work when there is room. Rejects with what earlier work failed of. */
  async begin(bytes: number, work: () => Promise<void>): Promise<void> {
    while (this.#running.size > 0 && !this.#fits(bytes)) await Promise.race(this.#running);
    this.#throwFailure();
    this.#bytes += bytes;
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#bytes -= bytes;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Resolves when all that began has ended; rejects with what failed. */
  async drained(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #fits(bytes: number): boolean {
    return this.#running.size < this.#bounds.works && this.#bytes + bytes <= this.#bounds.bytes;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
