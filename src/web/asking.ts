/** Asking operations of the process that has the mail: every question with a deadline, and an answer where it is away. */
import { Fault, within } from '#/model/index.ts';
import { type OperationsElsewhere, Refusal } from '#/ports/index.ts';
import { ASK_MS } from './limits.ts';

export type Answered<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Not found, not allowed, wrong in itself; `exit` is the command line's (contract), `ja` null where it is said in English alone. */
  | { readonly kind: 'no'; readonly why: string; readonly ja: string | null; readonly exit: Refusal['exit'] }
  /** Nobody answers, or not in time. Of an act it can't be said whether it was done. */
  | { readonly kind: 'away' };

/** Asks as whoever `by` says. Rejects for what is nobody's mistake but ours. */
export async function ask<T>(
  operations: OperationsElsewhere,
  name: string,
  input: object,
  by: string,
): Promise<Answered<T>> {
  return answered(async () => (await operations.call(name, input, by, within(ASK_MS))) as T);
}

/** The same for any other question to that process. */
export async function answered<T>(question: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { kind: 'done', value: await question() };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'no', why: error.message, ja: error.ja, exit: error.exit };
    if (error instanceof Fault && error.retry !== 'never') return { kind: 'away' };
    throw error;
  }
}
