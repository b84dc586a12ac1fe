/**
 * Mails to the contacts of tenants about incidents and planned work, in the language of their tenant (H8): what is told on the status page, what
 * they can do, and by when they hear more. All that concerns one incident makes one conversation in their mail program.
 */
import type { ArrivedMail, Incident, IncidentUpdate, TenantId } from '#/model/index.ts';
import { componentName, inLanguage, SYSTEM_TENANT } from '#/model/index.ts';
import type {
  DirectorySource,
  IncidentMails,
  IncidentReminding,
  IncidentTelling,
  SubscriberWish,
} from '#/ports/index.ts';
import { type BirthParts, noticeOf } from './births.ts';
import { reminderOf } from './incident-reminder.ts';
import { INCIDENT_WORDS as WORDS } from './incident-words.ts';
import { type Block, line } from './page.ts';
import { when } from './when.ts';
import { type Language, wordsFor } from './words.ts';

export interface IncidentLetterSettings {
  readonly hostname: string;
  /** Of the status page; null where people can't reach our pages. */
  readonly statusUrl: string | null;
  readonly timezone: string;
}

export interface IncidentLetterParts extends BirthParts {
  readonly directory: DirectorySource;
}

/** Names of components that are written out; the rest is a number. */
const COMPONENTS_MAX = 10;

/** Who reads one, and how. */
interface LetterReader {
  readonly language: Language;
  readonly timezone: string;
  readonly unsubscribeUrl: string | null;
  readonly footer: (id: string) => string;
}

export class IncidentLetters implements IncidentMails {
  readonly #settings: IncidentLetterSettings;
  readonly #parts: IncidentLetterParts;

  constructor(settings: IncidentLetterSettings, parts: IncidentLetterParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  telling({ id, at, tenant: whose, to, incident, update, subscriber }: IncidentTelling): ArrivedMail | null {
    const reader = subscriber === null ? this.#contact(whose) : this.#subscriber(subscriber);
    if (reader === null) return null;
    const { language, unsubscribeUrl } = reader;
    const { hostname, statusUrl } = this.#settings;
    const letter = {
      ...{ hostname, to, at },
      ...(unsubscribeUrl === null ? {} : { unsubscribeUrl }),
      from: wordsFor(language).from,
      subject: line(subjectOf(incident, update, language)),
      pages: [{ language, blocks: blocksOf(incident, update, reader, { now: at, statusUrl }) }],
      about: conversationOf(incident, hostname),
    };
    const mail = noticeOf({ parent: null, tenant: whose, hops: 0, letter, name: id }, this.#parts);
    return mail === null ? null : { ...mail, id };
  }

  reminding(reminder: IncidentReminding): ArrivedMail | null {
    const { hostname, timezone } = this.#settings;
    const { id, to, at, incident } = reminder;
    const { subject, blocks } = reminderOf(reminder, timezone);
    const pages = [{ language: 'en', blocks }] as const;
    const about = conversationOf(incident, hostname);
    const letter = { hostname, to, at, from: wordsFor('en').from, subject: line(subject), pages, about };
    const mail = noticeOf({ parent: null, tenant: SYSTEM_TENANT, hops: 0, letter, name: id }, this.#parts);
    return mail === null ? null : { ...mail, id };
  }

  asking({ address: to, language, webhook }: SubscriberWish, token: string, at: number): ArrivedMail | null {
    const { hostname, statusUrl } = this.#settings;
    if (statusUrl === null) return null;
    const words = WORDS[language].ask;
    const blocks: readonly Block[] = [
      { kind: 'text', text: words.about(hostname) },
      ...(webhook === null ? [] : [{ kind: 'facts', rows: [['Webhook', webhook]] } as const]),
      { kind: 'act', label: words.act, url: `${statusUrl}/s/${token}` },
      { kind: 'text', text: words.notYou },
    ];
    const from = wordsFor(language).from;
    const letter = { hostname, to, at, from, subject: words.subject, pages: [{ language, blocks }], about: '' };
    return noticeOf({ parent: null, tenant: SYSTEM_TENANT, hops: 0, letter }, this.#parts);
  }

  #contact(whose: TenantId): LetterReader | null {
    const tenant = this.#parts.directory.current().tenant(whose);
    if (tenant === undefined) return null;
    const { language, timezone, name } = tenant;
    return { language, timezone, unsubscribeUrl: null, footer: (id) => WORDS[language].footer(name, id) };
  }

  /** Without a page by which they could end it, none is told. */
  #subscriber({ language, token }: NonNullable<IncidentTelling['subscriber']>): LetterReader | null {
    const { statusUrl, timezone } = this.#settings;
    if (statusUrl === null) return null;
    const unsubscribeUrl = `${statusUrl}/s/${token}`;
    return { language, timezone, unsubscribeUrl, footer: (id) => WORDS[language].subscribed(id) };
  }
}

function conversationOf({ id }: Incident, hostname: string): string {
  return `<incident-${id}@${hostname}>`;
}

function subjectOf({ kind, title }: Incident, { phase }: IncidentUpdate, language: Language): string {
  const words = WORDS[language];
  return `${words[kind]}: ${inLanguage(title, language)}${words.brackets(words.phase[phase])}`;
}

function blocksOf(
  incident: Incident,
  { phase, text, components }: IncidentUpdate,
  { timezone, language, footer, unsubscribeUrl }: LetterReader,
  { now, statusUrl }: { readonly now: number; readonly statusUrl: string | null },
): readonly Block[] {
  const words = WORDS[language];
  const moment = (at: number | null): string | null =>
    at === null ? null : when(at, { now, language, timezone, whole: true });
  const isOver = phase === 'resolved' || phase === 'postmortem' || phase === 'completed';
  const said = (wording: Incident['advice']): string | null =>
    wording === null ? null : inLanguage(wording, language);
  const isIncident = incident.kind === 'incident';
  const facts: readonly (readonly [string, string | null])[] = [
    [words.label.state, words.phase[phase]],
    [words.label.components, namesOf(incident, components, language)],
    [words.label.since, isIncident ? moment(incident.startedAt) : null],
    [words.label.until, isIncident && isOver ? moment(incident.endedAt ?? incident.resolvedAt) : null],
    [words.label.from, moment(incident.scheduledFor)],
    [words.label.to, moment(incident.scheduledUntil)],
    [words.label.advice, isOver ? null : said(incident.advice)],
    [words.label.tail, isOver ? said(incident.tail) : null],
    [words.label.next, isOver ? null : moment(incident.nextUpdateAt)],
  ];
  return [
    ...inLanguage(text, language)
      .split(/\n+/)
      .map((paragraph): Block => ({ kind: 'text', text: paragraph })),
    {
      kind: 'facts',
      rows: facts.flatMap(([label, value]) => (value === null || value === '' ? [] : [[label, value]])),
    },
    ...(statusUrl === null ? [] : [{ kind: 'act', label: words.status, url: statusUrl } as const]),
    { kind: 'rule' },
    { kind: 'text', text: footer(incident.id) },
    ...(unsubscribeUrl === null ? [] : [{ kind: 'act', label: words.end, url: unsubscribeUrl } as const]),
  ];
}

function namesOf({ affected }: Incident, components: IncidentUpdate['components'], language: Language): string {
  const ids = components.length > 0 ? components.map(({ id }) => id) : affected;
  const names = [...new Set(ids.map((id) => componentName(id, language)))];
  const more = names.length - COMPONENTS_MAX;
  return [...names.slice(0, COMPONENTS_MAX), ...(more > 0 ? [WORDS[language].more(more)] : [])].join(
    language === 'ja' ? '、' : ', ',
  );
}
