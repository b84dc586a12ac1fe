/** What policy remembers, as the roles have it: `deliver` learns, `inspect` asks, `janitor` forgets. */
import { CorrespondenceForgetter, CorrespondenceLearner, PERSON_KEY, PolicyRecall } from '#/inspect/index.ts';
import { within } from '#/model/index.ts';
import type { DirectorySource } from '#/ports/index.ts';
import type { Opened } from './opened.ts';

/** ms; a worker begins without it where the store is slower. */
const OPEN_MS = 5_000;

/** Learns who writes to whom from what is settled, until it is disposed. */
export function startLearning({ parts, stores }: Opened, directory: DirectorySource): CorrespondenceLearner {
  const { correspondents } = stores.policyMemory;
  return new CorrespondenceLearner({ ...parts, correspondents, directory, key: stores.derivedKey(PERSON_KEY) });
}

/** Forgets in time who has written to whom, until it is disposed. */
export function startForgetting({ settings, parts, stores }: Opened): AsyncDisposable {
  const { correspondents } = stores.policyMemory;
  return new CorrespondenceForgetter({ ...parts, correspondents, keepMs: settings.retention.correspondents });
}

/** Answers what rules ask of it. It is opened now, where that succeeds: the first mail is not to wait for it. */
export async function recallOf({ parts, stores }: Opened): Promise<PolicyRecall> {
  await stores.policyMemory.correspondents.known([], within(OPEN_MS)).catch(() => {});
  return new PolicyRecall({
    ...parts,
    memory: stores.policyMemory,
    derivedKey: (purpose) => stores.derivedKey(purpose),
  });
}
