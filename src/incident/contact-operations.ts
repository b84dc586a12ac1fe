/** Who is told of incidents, and who could not be (H8): before the day on which it matters. */
import { z } from 'zod';
import type { MailId } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type IncidentBook,
  type Journal,
  type Operation,
  operation,
} from '#/ports/index.ts';

export interface ContactOperationParts {
  readonly directory: { current(): Pick<ReturnType<DirectorySource['current']>, 'tenants'> };
  readonly book: Pick<IncidentBook, 'letters'>;
  readonly journal: Pick<Journal, 'trace'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Letters that are looked through, newest first: those of the last incident are among them. */
const LETTERS_MAX = 5_000;
/** Mails of one question to the journal. */
const TRACED = 100;
const BACK_MS = 90 * 86_400_000;
const FAILED: ReadonlySet<string> = new Set(['bounced', 'expired', 'discarded']);

export function contactOperations(parts: ContactOperationParts): readonly Operation[] {
  const check = operation({
    name: 'contacts.check',
    summary: 'Tenants without a contact, and contacts whose last mail about an incident did not arrive.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({}),
    output: z.object({
      tenants: z.int(),
      contacts: z.int(),
      /** Nobody of them would hear of an incident. */
      missing: z.array(z.object({ tenant: z.string(), name: z.string() })),
      failing: z.array(
        z.object({
          tenant: z.string(),
          address: z.string(),
          at: z.string(),
          /** `nobody`: the address leads to nobody; else the mail's state. */
          state: z.string(),
          reply: z.string(),
          mail: z.string(),
        }),
      ),
    }),
    async handle(_input, { call }) {
      const { tenants } = parts.directory.current();
      const newest = await newestLetters(parts, call);
      const sent = [...newest.values()].filter(({ state }) => state === 'sent').map(({ id }) => id);
      const ends = await endsOf(sent, parts, call);
      return {
        tenants: tenants.length,
        contacts: tenants.reduce((sum, { contacts }) => sum + contacts.length, 0),
        missing: tenants.filter(({ contacts }) => contacts.length === 0).map(({ id, name }) => ({ tenant: id, name })),
        failing: tenants.flatMap(({ id: tenant, contacts }) =>
          contacts.flatMap((address) => {
            const letter = newest.get(keyOf(tenant, address));
            const end =
              letter?.state === 'nobody' ? { state: 'nobody', reply: '' } : ends.get(letter?.id ?? ('' as MailId));
            if (letter === undefined || end === undefined) return [];
            return [{ tenant, address, at: new Date(letter.madeAt).toISOString(), ...end, mail: letter.id }];
          }),
        ),
      };
    },
  });
  return [check] as readonly Operation[];
}

type Call = Parameters<IncidentBook['letters']>[2];

async function newestLetters({ book, clock }: ContactOperationParts, call: Call) {
  const letters = await book.letters(clock.now() - BACK_MS, LETTERS_MAX, call);
  const told = letters.filter(({ state }) => state !== 'due').toReversed();
  return new Map(told.map((letter) => [keyOf(letter.tenant, letter.address), letter]));
}

/** What became of those that did not arrive. */
async function endsOf(ids: readonly MailId[], { journal }: ContactOperationParts, call: Call) {
  const ends = new Map<MailId, { readonly state: string; readonly reply: string }>();
  for (let from = 0; from < ids.length; from += TRACED) {
    const traces = await journal.trace({ ids: ids.slice(from, from + TRACED) }, TRACED, call);
    for (const { id, recipients } of traces) {
      const failed = recipients.find(({ state }) => FAILED.has(state));
      if (failed !== undefined) ends.set(id, { state: failed.state, reply: failed.lastReply || failed.reason });
    }
  }
  return ends;
}

function keyOf(tenant: string, address: string): string {
  return `${tenant} ${address.toLowerCase()}`;
}
