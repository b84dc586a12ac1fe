/** Which operations there are, as the process that has them says; kept for a minute, and for as long as that process is away. */
import { within } from '#/model/index.ts';
import type { Clock, OperationsElsewhere } from '#/ports/index.ts';
import { CATALOG_MS, DESCRIBE_MS } from '../limits.ts';
import { type ApiRoute, routesOf } from './paths.ts';

export class Catalog {
  readonly #operations: OperationsElsewhere;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly routes: readonly ApiRoute[]; readonly at: number } | null = null;
  #asking: Promise<readonly ApiRoute[]> | null = null;

  constructor(operations: OperationsElsewhere, clock: Pick<Clock, 'monotonic'>) {
    this.#operations = operations;
    this.#clock = clock;
  }

  /** Rejects only where it was never told. */
  async routes(): Promise<readonly ApiRoute[]> {
    const known = this.#known;
    if (known !== null && this.#clock.monotonic() - known.at < CATALOG_MS) return known.routes;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    try {
      return await this.#asking;
    } catch (error) {
      if (known !== null) return known.routes;
      throw error;
    }
  }

  async #ask(): Promise<readonly ApiRoute[]> {
    const routes = routesOf(await this.#operations.described(within(DESCRIBE_MS)));
    this.#known = { routes, at: this.#clock.monotonic() };
    return routes;
  }
}
