/**
 * Several prepared statements in one write and one transaction: they go out together with one Sync, which commits them. The server
 * leaves out what follows a statement that failed, and undoes what came before it.
 */
import type { Client, Connection, Submittable } from 'pg';

/** A statement, by a name that stands for its text on every connection. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Buffers go in PostgreSQL's binary formats, all else as text. */
export type StepValue = string | number | Buffer | null;

export interface Step {
  readonly statement: Prepared;
  readonly values: readonly StepValue[];
}

/** The fields of one row, as the server wrote them. */
export type Fields = readonly (string | null)[];

/** What the driver's connection takes; it writes what it is given. */
interface Wire {
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  bind(message: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  execute(message: { rows: number }): void;
  sync(): void;
  readonly stream: { cork?(): void; uncork?(): void };
  on(event: 'parseComplete', hear: () => void): void;
  off(event: 'parseComplete', hear: () => void): void;
}

/** Sends the steps; rows by step when they are committed. `prepared` holds the names that this connection knows. Rejects with the driver's errors. */
export function runBatch(client: Client, steps: readonly Step[], prepared: Set<string>): Promise<readonly Fields[][]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Fields[][]>();
  client.query(new Batch(steps, prepared, resolve, reject));
  return promise;
}

class Batch implements Submittable {
  readonly #steps: readonly Step[];
  readonly #prepared: Set<string>;
  readonly #resolve: (rows: readonly Fields[][]) => void;
  readonly #reject: (error: Error) => void;
  readonly #rows: Fields[][];
  #at = 0;
  #wire: Wire | null = null;
  #parsing: string[] = [];

  constructor(
    steps: readonly Step[],
    prepared: Set<string>,
    resolve: (rows: readonly Fields[][]) => void,
    reject: (error: Error) => void,
  ) {
    this.#steps = steps;
    this.#prepared = prepared;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#rows = steps.map(() => []);
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    this.#wire = wire;
    wire.on('parseComplete', this.#parsed);
    wire.stream.cork?.();
    try {
      for (const { statement, values } of this.#steps) {
        if (!this.#prepared.has(statement.name) && !this.#parsing.includes(statement.name)) {
          this.#parsing.push(statement.name);
          wire.parse({ name: statement.name, text: statement.text, types: [] });
        }
        wire.bind({ statement: statement.name, values: values.map(wired) });
        wire.execute({ rows: 0 });
      }
      wire.sync();
    } finally {
      wire.stream.uncork?.();
    }
  }

  handleDataRow({ fields }: { readonly fields: Fields }): void {
    this.#rows[this.#at]?.push(fields);
  }

  handleCommandComplete(): void {
    this.#at += 1;
  }

  handleReadyForQuery(): void {
    this.#over();
    this.#resolve(this.#rows);
  }

  handleError(error: Error): void {
    this.#over();
    this.#reject(error);
  }

  handleRowDescription(): void {}

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  // In the order in which they were sent: one that never came is not known to the server.
  readonly #parsed = (): void => {
    const name = this.#parsing.shift();
    if (name !== undefined) this.#prepared.add(name);
  };

  #over(): void {
    this.#wire?.off('parseComplete', this.#parsed);
  }
}

function wired(value: StepValue): string | Buffer | null {
  return typeof value === 'number' ? String(value) : value;
}
