/** The door: a mail with all its recipients comes into custody. Appends only, and the same statements whatever waits (M3). */
import type { IncarnationId } from '#/model/index.ts';
import { arrive } from '../custody/index.ts';
import { checkMail } from './check-mail.ts';
import type { WireMail, WriterCalls } from './protocol.ts';
import type { Tables } from './tables.ts';

/** Journal events whose messages share a lot of the look-up index: its pages stay few enough to be hot while it fills. */
const EVENTS_PER_LOT = 32_768;

/** Takes the mails of one call; they fail together (the savepoint around it). */
export function accept(tables: Tables, { mails, claimFor }: WriterCalls['accept']['input']): null {
  for (const mail of mails) enter(tables, mail, claimFor, mail.origin === 'received' ? 'gate' : 'deliver', claimFor);
  return null;
}

/** One mail, unless its id is there already. `worker` stands in the journal, `claimFor` holds the claims. */
export function enter(
  tables: Tables,
  mail: WireMail,
  claimFor: IncarnationId | null,
  component: string,
  worker: IncarnationId | null,
): void {
  checkMail(mail);
  const { messages, recipients, journal, workers, now } = tables;
  const content = mail.body.kind === 'bytes' ? tables.content(mail.body) : null;
  const entered = messages.insert(mail, content, Math.floor(journal.lastSeq / EVENTS_PER_LOT), tables.mayWait);
  if (entered === null) return;
  const claimBy = workers.living(claimFor)?.key ?? null;
  const by = workers.source(component, worker);
  for (const recipient of mail.recipients) {
    const { progress, events } = arrive(mail, recipient, tables.settings);
    recipients.insert(entered, recipient, progress, progress.state === 'queued' ? claimBy : null);
    const place = { at: now, tenant: mail.tenant, message: mail.id, recipient: recipient.n };
    for (const event of events) journal.append(place, event, by);
    recipients.tally.arrived(mail.tenant, mail.origin, progress.state);
  }
}
