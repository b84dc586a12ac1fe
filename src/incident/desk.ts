/**
 * Incidents and maintenances as they are written and read: the one who appends to the book.
 *
 * Who writes has seen the incident as of some number of entries. A person who was overtaken is told, and reads again; a rule thinks again, by
 * itself.
 *
 * What must never happen: an entry that changes one before it; two drafts of one cause; a draft that people see before it is published.
 */
import { randomUUID } from 'node:crypto';
import {
  type Call,
  type ComponentChange,
  Fault,
  type Incident,
  type IncidentEntry,
  type IncidentId,
  type IncidentKind,
  isOver,
} from '#/model/index.ts';
import {
  type Clock,
  type IncidentBook,
  type IncidentFilter,
  type IncidentRecord,
  type Incidents,
  type Log,
  Refusal,
} from '#/ports/index.ts';
import { meaningOf } from './causes.ts';
import { draftOf, symptomOf } from './drafts.ts';
import { foldIncident } from './fold.ts';
import { INCIDENT_LIMITS } from './limits.ts';

export interface DeskParts {
  readonly book: IncidentBook;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface DeskSettings {
  /** Whether what a rule drafts is published at once, without a person (C3). */
  readonly publishDrafts: boolean;
}

/** What somebody adds to an incident that they have seen; null adds nothing. */
export type Thought = (incident: Incident) => readonly IncidentEntry[] | null;

export class IncidentDesk implements Incidents {
  readonly #parts: DeskParts;
  readonly #settings: DeskSettings;

  constructor(parts: DeskParts, settings: DeskSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  async list(filter: IncidentFilter, limit: number, call: Call): Promise<readonly Incident[]> {
    const all = await this.all(filter, limit, call);
    return all.filter(isSeen);
  }

  async show(id: IncidentId, call: Call): Promise<Incident | null> {
    const found = await this.found(id, call);
    return found !== null && isSeen(found.incident) ? found.incident : null;
  }

  file(id: IncidentId, file: string, call: Call): Promise<Uint8Array | null> {
    return this.#parts.book.file(id, file, call);
  }

  /** Drafts and dropped ones too. */
  async all(filter: IncidentFilter, limit: number, call: Call): Promise<readonly Incident[]> {
    const records = await this.#parts.book.list(filter, limit, call);
    return records.map(foldIncident);
  }

  /** A draft too, with its entries. */
  async found(
    id: IncidentId,
    call: Call,
  ): Promise<{ readonly incident: Incident; readonly record: IncidentRecord } | null> {
    const record = await this.#parts.book.load(id, call);
    return record === null ? null : { incident: foldIncident(record), record };
  }

  /** A new one, under the next number of its day. */
  async open(kind: IncidentKind, entries: readonly IncidentEntry[], call: Call): Promise<Incident> {
    for (let n = 0; n < INCIDENT_LIMITS.triesMax; n++) {
      const id = await this.#nextId(call);
      const made = await this.#append({ id, kind, entries: [] }, entries, call);
      if (made !== null) return made;
    }
    throw new Fault('store.busy', 'Others opened incidents at the same moment.');
  }

  /** Adds what `think` says. `seen` is how many entries its writer had read; null: the newest there are. */
  async add(id: IncidentId, seen: number | null, think: Thought, call: Call): Promise<Incident> {
    for (let n = 0; n < INCIDENT_LIMITS.triesMax; n++) {
      const record = await this.#parts.book.load(id, call);
      if (record === null) throw new Refusal(1, `There is no incident ${id}. "holdfast incident list" shows them.`);
      const incident = foldIncident(record);
      if (seen !== null && seen !== incident.entries) throw overtaken(incident, seen, record);
      const entries = think(incident);
      if (entries === null) return incident;
      const added = await this.#append(record, entries, call);
      if (added !== null) return added;
    }
    throw new Refusal(4, `Others write to ${id} all the time. Try again.`);
  }

  async changed(change: ComponentChange, call: Call): Promise<void> {
    for (let n = 0; n < INCIDENT_LIMITS.triesMax; n++) {
      const open = await this.#openWithRecords(call);
      const meaning = meaningOf(change, [...open.keys()]);
      if (meaning.kind === 'nothing') return;
      const at = this.#parts.clock.now();
      if (meaning.kind === 'new cause') {
        const entries = draftOf(change, at, this.#settings.publishDrafts);
        const id = await this.#nextId(call);
        if ((await this.#append({ id, kind: 'incident', entries: [] }, entries, call)) === null) continue;
        this.#parts.log.warn('incident.drafted', { incident: id, component: change.component, to: change.to });
        return;
      }
      const record = open.get(meaning.incident);
      if (record === undefined) return;
      if ((await this.#append(record, [symptomOf(change, meaning.incident, record.entries, at)], call)) !== null)
        return;
    }
    throw new Fault('store.busy', 'Others wrote to the incidents at the same moment.');
  }

  async #openWithRecords(call: Call): Promise<ReadonlyMap<Incident, IncidentRecord>> {
    const records = await this.#parts.book.list({ open: true }, INCIDENT_LIMITS.openMax, call);
    return new Map(records.map((record) => [foldIncident(record), record]));
  }

  /** Null where somebody was quicker. */
  async #append(record: IncidentRecord, entries: readonly IncidentEntry[], call: Call): Promise<Incident | null> {
    const { id, kind } = record;
    const next = { ...record, entries: [...record.entries, ...entries] };
    if (next.entries.length > INCIDENT_LIMITS.entriesMax)
      throw new Refusal(1, `${id} has ${record.entries.length} entries, as many as one may have. Open another one.`);
    const incident = foldIncident(next);
    const writing = {
      id,
      kind,
      token: randomUUID(),
      expected: record.entries.length,
      entries,
      open: !isOver(incident),
    };
    return (await this.#parts.book.append(writing, call)) ? incident : null;
  }

  async #nextId(call: Call): Promise<IncidentId> {
    const day = new Date(this.#parts.clock.now()).toISOString().slice(0, 10).replaceAll('-', '');
    const since = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
    const today = await this.#parts.book.list({ since }, INCIDENT_LIMITS.perDayMax, call);
    const numbers = today.filter(({ id }) => id.startsWith(`${day}-`)).map(({ id }) => Number(id.slice(9)));
    if (numbers.length >= INCIDENT_LIMITS.perDayMax)
      throw new Refusal(4, `There are ${numbers.length} incidents of today. Something opens them without end.`);
    return `${day}-${String(Math.max(0, ...numbers) + 1).padStart(2, '0')}` as IncidentId;
  }
}

/** By everybody: what is told to some tenants alone may name them. */
function isSeen({ isDraft, isDropped, tenants }: Incident): boolean {
  return !isDraft && !isDropped && tenants === null;
}

function overtaken({ id, entries }: Incident, seen: number, { entries: all }: IncidentRecord): Refusal {
  const last = all.at(-1);
  const who = last === undefined ? 'somebody' : last.by;
  return new Refusal(
    1,
    `You had seen ${seen} entries of ${id}, and it has ${entries}: ${who} wrote meanwhile. Read it again (holdfast incident show ${id}), then write with --seen ${entries}.`,
  );
}
