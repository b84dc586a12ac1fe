/** Mail in custody and its history, held mail that was decided about, downloads, and what inspection found out. */
import type { MailId, ShareId } from '#/model/index.ts';
import type {
  Decisions,
  Downloads,
  Journal,
  LinkEvent,
  PastMails,
  ReadBatch,
  Share,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import { BATCHES_A_PAGE, LINK_EVENTS_MAX, MAILS_A_PAGE, MAILS_AT_ONCE_MAX, ROWS_A_PAGE } from './limits.ts';
import type { Person } from './person.ts';
import type { Place } from './place.ts';

export interface MailPlaceParts {
  readonly journal: Pick<Journal, 'trace'>;
  /** A mail as `trace --json` gives it. */
  readonly viewMail: (mail: Trace) => object;
  readonly decisions: Pick<Decisions, 'list'>;
  readonly downloads: Pick<Downloads, 'list' | 'events'>;
  readonly past: Pick<PastMails, 'read'>;
  /** The mails of a batch, as records; none where it can't be read any more. */
  readonly readPast: (batch: ReadBatch) => Promise<readonly object[]>;
  /** Tenants that there are. */
  readonly tenants: () => readonly Share['tenant'][];
}

export function mailPlaces(parts: MailPlaceParts): readonly Place[] {
  return [mails(parts), decisions(parts), downloads(parts), past(parts)];
}

/** Of each address in turn, newest first. The cursor is the address's number, and time and id of the last mail. */
function mails({ journal, viewMail }: MailPlaceParts): Place {
  return {
    name: 'mail',
    about:
      'Mail that they sent or that was addressed to them: what waits, what is held, and the history of what ended.',
    isShared: false,
    async page({ addresses, tenant }, after, call) {
      const [of = 0, until, last = ''] = readCursor(after);
      const address = addresses[of];
      if (address === undefined) return { records: [], next: null };
      const query: TraceQuery = {
        address,
        ...(tenant === null ? {} : { tenant }),
        ...(until === undefined ? {} : { until }),
      };
      const isBehind = ({ id }: Trace): boolean => last === '' || id < last;
      let found: readonly Trace[] = [];
      let isEnd = false;
      // Mails of the last page's last millisecond come once more.
      for (let limit = MAILS_A_PAGE; limit <= MAILS_AT_ONCE_MAX; limit *= 10) {
        found = await journal.trace(query, limit, call);
        isEnd = found.length < limit;
        if (isEnd || found.some(isBehind)) break;
      }
      const fresh = found.filter(isBehind);
      const oldest = fresh.at(-1);
      const next = isEnd || oldest === undefined ? `${of + 1}` : `${of} ${oldest.receivedAt} ${oldest.id}`;
      const isFirstOf = (mail: Trace): boolean => !addresses.slice(0, of).some((one) => isOf(mail, one));
      return {
        records: fresh.filter(isFirstOf).map(viewMail),
        next: next === `${addresses.length}` ? null : next,
      };
    },
  };
}

function readCursor(after: string | null): readonly [of?: number, until?: number, last?: string] {
  if (after === null) return [];
  const [of, until, last] = after.split(' ');
  return until === undefined ? [Number(of)] : [Number(of), Number(until), last as MailId];
}

/** Who has several addresses in a mail has it once. */
function isOf({ from, recipients }: Trace, address: string): boolean {
  const is = (one: string | null): boolean => one?.toLowerCase() === address;
  return is(from) || recipients.some((one) => is(one.address) || is(one.original));
}

function decisions({ decisions: kept }: MailPlaceParts): Place {
  return {
    name: 'held-decisions',
    about: 'Held mail that they decided about: which, and when.',
    isShared: false,
    async page({ addresses, tenant }, after, call) {
      const filter = { person: addresses[0] ?? '', since: 0, ...(tenant === null ? {} : { tenant }) };
      const found = await kept.list(filter, after, ROWS_A_PAGE, call);
      const records = found.map(({ tenant: of, message, at }) => ({ tenant: of, message, at: timeOf(at) }));
      return { records, next: found.length < ROWS_A_PAGE ? null : (found.at(-1)?.place ?? null) };
    },
  };
}

function downloads({ downloads: kept }: MailPlaceParts): Place {
  return {
    name: 'downloads',
    about: 'Files of mail that can be, or could be, downloaded: theirs, and those sent to them, with who fetched them.',
    isShared: false,
    async page(person, after, call) {
      const filter = person.tenant === null ? {} : { tenant: person.tenant };
      const found = await kept.list(filter, after as ShareId | null, MAILS_A_PAGE, call);
      const records: object[] = [];
      for (const share of found) {
        const isOwner = share.owner !== null && person.mention.isIn(share.owner);
        if (isOwner || share.links.some(({ address }) => person.mention.isIn(address)))
          records.push(shareOf(share, isOwner, await kept.events(share.id, LINK_EVENTS_MAX, call), person));
      }
      return { records, next: found.length < MAILS_A_PAGE ? null : (found.at(-1)?.id ?? null) };
    },
  };
}

/** Whose mail it was has all of it; a recipient has their own link. */
function shareOf(share: Share, isOwner: boolean, events: readonly LinkEvent[], { mention }: Person): object {
  const links = isOwner ? share.links : share.links.filter(({ address }) => mention.isIn(address));
  const shown = new Set(links.map(({ n }) => n));
  const { id, tenant, message, owner, subject, files, madeAt } = share;
  return {
    ...{ id, tenant, message, owner, subject, files, madeAt: timeOf(madeAt) },
    links: links.map(({ taken, sentAt, expiresAt, endedAt, ...link }) => ({
      ...link,
      ...{ sentAt: timeOf(sentAt), expiresAt: timeOf(expiresAt), endedAt: timeOf(endedAt) },
      taken: Object.fromEntries(taken),
    })),
    events: events
      .filter(({ n, by }) => isOwner || (n !== null && shown.has(n)) || mention.isIn(by))
      .map(({ at, ...event }) => ({ at: timeOf(at), ...event })),
  };
}

/** The cursor is the tenant's number, and the id of the last batch. */
function past({ past: kept, readPast, tenants }: MailPlaceParts): Place {
  return {
    name: 'inspection-facts',
    about:
      'What inspection found out about mail of the last days that names them, kept for dry runs of rules; no text of it.',
    isShared: false,
    async page(person, after, call) {
      const all = person.tenant === null ? [...tenants()] : [person.tenant];
      const [place = '0', before = null] = (after ?? '0').split(' ');
      const tenant = all[Number(place)];
      if (tenant === undefined) return { records: [], next: null };
      const batches = await kept.read(tenant, 0, before, BATCHES_A_PAGE, call);
      const found = await Promise.all(batches.map(readPast));
      const records = found.flat().filter((record) => person.mention.isWithin(record));
      const isEnd = batches.length < BATCHES_A_PAGE;
      const next = Number(place) + 1 < all.length ? `${Number(place) + 1}` : null;
      return { records, next: isEnd ? next : `${place} ${batches.at(-1)?.id}` };
    },
  };
}

/** RFC 3339. */
export function timeOf<T extends number | null>(at: T): string | (null & T) {
  return (at === null ? null : new Date(at).toISOString()) as string | (null & T);
}
