/** What belongs to the whole installation and may name a person: the audit log, subscribers and letters, incidents, campaigns. */
import type { Call, CampaignId } from '#/model/index.ts';
import type { AuditEntry, Campaigns, IncidentBook } from '#/ports/index.ts';
import { LINES_MAX, ROWS_A_PAGE } from './limits.ts';
import { timeOf } from './mail-places.ts';
import type { Place } from './place.ts';

export interface SharedPlaceParts {
  readonly auditLog: {
    /** Behind `after`, a page at a time. */
    auditPage(
      after: string | null,
      limit: number,
      call: Call,
    ): Promise<{ readonly entries: readonly (AuditEntry & { readonly seq: number })[]; readonly next: string | null }>;
  };
  readonly incidents: Pick<IncidentBook, 'list' | 'subscribers' | 'letters'>;
  readonly campaigns: Pick<Campaigns, 'list' | 'events'>;
}

export function sharedPlaces(parts: SharedPlaceParts): readonly Place[] {
  return [audit(parts), subscriptions(parts), letters(parts), incidents(parts), campaigns(parts)];
}

function audit({ auditLog }: SharedPlaceParts): Place {
  return {
    name: 'audit-log',
    about: 'Entries of the log of acts: what they did, and what others did that names them.',
    isShared: true,
    async page({ mention }, after, call) {
      const { entries, next } = await auditLog.auditPage(after, ROWS_A_PAGE, call);
      const records = entries
        .filter(({ by, subject, reason }) => mention.isWithin([by, subject, reason]))
        .map(({ seq, at, by, act, subject, reason }) => ({ seq, at: timeOf(at), by, act, subject, reason }));
      return { records, next };
    },
  };
}

function subscriptions({ incidents: book }: SharedPlaceParts): Place {
  return {
    name: 'subscriptions',
    about: 'Where they asked to be told of incidents.',
    isShared: true,
    async page({ mention }, after, call) {
      const found = await book.subscribers({ after: after ?? '', all: true }, ROWS_A_PAGE, call);
      const records = found
        .filter(({ address }) => mention.isIn(address))
        .map(({ at, ...one }) => ({ ...one, at: timeOf(at) }));
      return { records, next: found.length < ROWS_A_PAGE ? null : (found.at(-1)?.id ?? null) };
    },
  };
}

function letters({ incidents: book }: SharedPlaceParts): Place {
  return {
    name: 'incident-letters',
    about: 'Letters that told them of incidents.',
    isShared: true,
    async page({ mention }, _after, call) {
      const found = await book.letters(0, LINES_MAX, call);
      const records = found
        .filter(({ address }) => mention.isIn(address))
        .map(({ madeAt, ...letter }) => ({ ...letter, madeAt: timeOf(madeAt) }));
      return { records, next: null, isCut: found.length === LINES_MAX };
    },
  };
}

function incidents({ incidents: book }: SharedPlaceParts): Place {
  return {
    name: 'incidents',
    about: 'Entries of incidents and planned work that they wrote, or that name them.',
    isShared: true,
    async page({ mention }, _after, call) {
      const found = await book.list({}, LINES_MAX, call);
      const records = found.flatMap(({ id, entries }) =>
        entries.flatMap((entry, i) => (mention.isWithin(entry) ? [{ incident: id, n: i + 1, entry }] : [])),
      );
      return { records, next: null, isCut: found.length === LINES_MAX };
    },
  };
}

function campaigns({ campaigns: kept }: SharedPlaceParts): Place {
  return {
    name: 'campaigns',
    about: 'Redelivery campaigns that they drafted, moved on or chose about.',
    isShared: true,
    async page({ mention }, after, call) {
      const found = await kept.list(null, after as CampaignId | null, ROWS_A_PAGE, call);
      const records: object[] = [];
      for (const { id, title, by } of found) {
        const events = (await kept.events(id, LINES_MAX, call)).filter((event) => mention.isWithin(event));
        if (events.length > 0 || mention.isWithin([title, by]))
          records.push({ id, title, by, events: events.map(({ at, ...event }) => ({ at: timeOf(at), ...event })) });
      }
      return { records, next: found.length < ROWS_A_PAGE ? null : (found.at(-1)?.id ?? null) };
    },
  };
}
