/**
 * What became of mail that waited by a verdict, the last 30 days: of one's own, of what one decided, and, for administrators and operators, of what
 * anybody did. What is told is the journal's; `ports/decisions.ts` only says which mails are meant.
 *
 * What must never happen: a mail of another tenant; one that was neither theirs nor decided by them, to somebody who is no administrator.
 */
import { z } from 'zod';
import type { Call, MailAddress, TenantId } from '#/model/index.ts';
import { type Operation, operation, type Trace } from '#/ports/index.ts';
import { type Actor, actorOf, type Person, personKey } from './actor.ts';
import { HISTORY_MS, HISTORY_SHOWN_MAX, OWN_LOOKED_AT_MAX } from './limits.ts';
import type { HeldParts } from './parts.ts';
import { hasWaited, pastMail, viewPast } from './past.ts';
import { isSender } from './rights.ts';

export const HISTORY_TRAYS = ['mine', 'decided', 'all'] as const;

type Page = { readonly mails: readonly Trace[]; readonly next: string | null };

export function historyOperation(parts: HeldParts): Operation {
  return operation({
    name: 'held.history',
    summary:
      'What became of mail that waited, in the last 30 days, newest first: one’s own, what one has decided, or, for administrators, what anybody has.',
    scope: 'person',
    reads: true,
    input: z.strictObject({
      /** The address of the person who asks; of a person who signed in always their own. */
      as: z.string().max(320).optional(),
      tenant: z.string().optional(),
      tray: z.enum(HISTORY_TRAYS).default('mine'),
      limit: z.int().min(1).max(HISTORY_SHOWN_MAX).default(50),
      after: z.string().max(500).nullable().default(null),
    }),
    output: z.object({ mails: z.array(pastMail), next: z.string().nullable() }),
    async handle({ as, tenant, tray, limit, after }, { by, call }) {
      const actor = actorOf(as, by, parts.directory.current());
      const isAll = actor.kind === 'operator' || (tray === 'all' && actor.isAdmin);
      const page =
        actor.kind === 'person' && tray === 'mine'
          ? await ownMail(actor, limit, parts, call)
          : await decidedMail(isAll ? null : actor, scopeOf(actor, tenant), { limit, after }, parts, call);
      const only = actor.kind === 'person' && tray !== 'mine' && !isAll ? actor.address : null;
      return { mails: page.mails.map((mail) => viewPast(mail, only)), next: page.next };
    },
  });
}

function scopeOf(actor: Actor, tenant: string | undefined): TenantId | undefined {
  return actor.kind === 'person' ? actor.tenant : (tenant as TenantId | undefined);
}

/** By sender, whichever of their addresses it has: the newest ones alone. */
async function ownMail(person: Person, limit: number, parts: HeldParts, call: Call): Promise<Page> {
  const directory = parts.directory.current();
  const aliases = directory.user(person.address)?.user.aliases ?? [];
  const since = parts.clock.now() - HISTORY_MS;
  const found = new Map<string, Trace>();
  for (const from of [person.address, ...aliases] as readonly MailAddress[]) {
    const query = { from, since, tenant: person.tenant };
    for (const mail of await parts.journal.trace(query, OWN_LOOKED_AT_MAX, call)) found.set(mail.id, mail);
  }
  const mails = [...found.values()]
    .filter((mail) => isSender(mail, person, directory) && hasWaited(mail))
    .sort((one, other) => (one.id < other.id ? 1 : -1));
  return { mails: mails.slice(0, limit), next: null };
}

/** Of one person, or of all in scope. */
async function decidedMail(
  actor: Actor | null,
  tenant: TenantId | undefined,
  { limit, after }: { readonly limit: number; readonly after: string | null },
  { decisions, journal, directory, clock }: HeldParts,
  call: Call,
): Promise<Page> {
  const person = actor?.kind === 'person' ? personKey(actor.address, directory.current()) : undefined;
  const filter = {
    since: clock.now() - HISTORY_MS,
    ...(tenant !== undefined && { tenant }),
    ...(person !== undefined && { person }),
  };
  const found = await decisions.list(filter, after, limit, call);
  const ids = [...new Set(found.map(({ message }) => message))];
  const traces = ids.length === 0 ? [] : await journal.trace({ ids }, ids.length, call);
  const byId = new Map(traces.map((mail) => [mail.id, mail]));
  const mails = ids.flatMap((id) => byId.get(id) ?? []);
  const isMeant = (mail: Trace): boolean => tenant === undefined || mail.tenant === tenant;
  return { mails: mails.filter(isMeant), next: found.length < limit ? null : (found.at(-1)?.place ?? null) };
}
