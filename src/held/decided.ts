/** Writes down which mails a person decided about, so that they find them again (`history.ts`). What was done stands without it. */
import type { Call, MailId } from '#/model/index.ts';
import { type Actor, personKey } from './actor.ts';
import { HISTORY_MS } from './limits.ts';
import type { HeldParts } from './parts.ts';

/** Never rejects: a mail that is missing in a list is no reason to say that nothing was done to it. */
export async function noteDecided(
  messages: readonly string[],
  actor: Actor,
  { decisions, journal, directory, clock, log }: HeldParts,
  call: Call,
): Promise<void> {
  const ids = messages as readonly MailId[];
  const person = actor.kind === 'person' ? personKey(actor.address, directory.current()) : actor.by;
  const at = clock.now();
  try {
    const tenants =
      actor.kind === 'person'
        ? ids.map((message) => ({ message, tenant: actor.tenant }))
        : (await journal.trace({ ids }, ids.length, call)).map(({ id, tenant }) => ({ message: id, tenant }));
    const decided = tenants.map((one) => ({ ...one, person, at }));
    await decisions.note(decided, HISTORY_MS, call);
  } catch (error) {
    log.warn('held.not-noted', { messages: ids.length, why: error instanceof Error ? error.message : String(error) });
  }
}
