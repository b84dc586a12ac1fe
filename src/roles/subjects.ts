/** Requests of people whom our records name, as the roles have them: which keepers are read. */
import { PERSON_KEY, personHash, readBatch } from '#/inspect/index.ts';
import type { Clock, DirectorySource, Operation, PeopleGenerations, ReadBatch } from '#/ports/index.ts';
import { viewTrace } from '#/queue/index.ts';
import { subjectOperations } from '#/subject/index.ts';
import type { Stores } from './stores.ts';

export function operationsOnSubjects({
  stores,
  directory,
  generations,
  clock,
}: {
  readonly stores: Stores;
  readonly directory: DirectorySource;
  readonly generations: PeopleGenerations;
  readonly clock: Clock;
}): readonly Operation[] {
  const { journal, registry, downloads, decisions, incidents, campaigns, past, people, policyMemory } = stores;
  return subjectOperations({
    ...{ journal, registry, auditLog: registry, downloads, decisions, incidents, campaigns, past, directory },
    pushes: people.pushes,
    ...{ names: registry, generations, correspondents: policyMemory.correspondents, clock },
    personHash: (tenant, address) => personHash(stores.derivedKey(PERSON_KEY), tenant, address),
    key: () => stores.derivedKey('erased people'),
    viewMail: viewTrace,
    readPast,
  });
}

/** Who and when, of each mail of a batch. */
async function readPast({ content, tenant }: ReadBatch): Promise<readonly object[]> {
  const batch = content === null ? null : await readBatch(content, tenant);
  return (batch?.mails ?? []).map(({ id, at, facts: { identity, sender, recipients, from, to, cc } }) => ({
    ...{ id, at: new Date(at).toISOString(), tenant, identity, sender, recipients },
    ...{ from: from.map(({ address }) => address), to: to.map(({ address }) => address) },
    cc: cc.map(({ address }) => address),
  }));
}
