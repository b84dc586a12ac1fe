/** How the writer fails: for good, or in one request alone. */

/** The store can't be trusted any more: the process has to end and to recover from what the disk has. */
export class StoreBroken extends Error {}

/** One request failed; its cause is what happened. */
export class RequestFailed extends Error {}

/** What it was broken by goes along as the cause. */
export function brokenBy(error: unknown): StoreBroken {
  return new StoreBroken(messageOf(error), { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
