/**
 * Mails to the contacts of tenants about incidents and planned work, in the language of their tenant (H8): what is told on the status page, what
 * they can do, and by when they hear more. All that concerns one incident makes one conversation in their mail program.
 */
import type { ArrivedMail, Incident, IncidentPhase, IncidentUpdate, TenantId } from '#/model/index.ts';
import { componentName, inLanguage, SYSTEM_TENANT } from '#/model/index.ts';
import type { DirectorySource, IncidentMails, IncidentTelling, SubscriberWish } from '#/ports/index.ts';
import { type BirthParts, noticeOf } from './births.ts';
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
      about: `<incident-${incident.id}@${hostname}>`,
    };
    const mail = noticeOf({ parent: null, tenant: whose, hops: 0, letter }, this.#parts);
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

interface LetterWords {
  readonly incident: string;
  readonly maintenance: string;
  readonly phase: Readonly<Record<IncidentPhase, string>>;
  readonly label: Readonly<
    Record<'state' | 'components' | 'since' | 'until' | 'from' | 'to' | 'advice' | 'tail' | 'next', string>
  >;
  readonly status: string;
  brackets(phase: string): string;
  more(count: number): string;
  footer(tenant: string, id: string): string;
  subscribed(id: string): string;
  /** Ends a subscription. */
  readonly end: string;
  readonly ask: {
    readonly subject: string;
    about(host: string): string;
    readonly act: string;
    readonly notYou: string;
  };
}

const WORDS: Readonly<Record<Language, LetterWords>> = {
  en: {
    incident: 'Incident',
    maintenance: 'Maintenance',
    phase: {
      investigating: 'investigating',
      identified: 'cause found',
      monitoring: 'being watched',
      resolved: 'resolved',
      postmortem: 'what happened',
      scheduled: 'planned',
      in_progress: 'begun',
      verifying: 'being checked',
      completed: 'over',
    },
    label: {
      state: 'State',
      components: 'Affected',
      since: 'Felt from',
      until: 'Felt until',
      from: 'From',
      to: 'Until',
      advice: 'What you can do',
      tail: 'Still to be felt',
      next: 'More by',
    },
    status: 'See the status page',
    brackets: (phase) => ` (${phase})`,
    more: (count) => `and ${count} more`,
    footer: (tenant, id) =>
      `You get this because you are a contact of ${tenant} (${id}). Nobody reads answers to this mail; whoever runs this mail system can take you off the list.`,
    subscribed: (id) => `You get this because you asked to be told of incidents (${id}).`,
    end: 'End the subscription',
    ask: {
      subject: 'Confirm: be told of incidents',
      about: (host) =>
        `Somebody, you perhaps, asked that this address be told of incidents of the mail system ${host}.`,
      act: 'Confirm it',
      notYou: 'It was not you? Then do nothing: you hear no more of it.',
    },
  },
  ja: {
    incident: '障害のお知らせ',
    maintenance: 'メンテナンスのお知らせ',
    phase: {
      investigating: '調査中',
      identified: '原因特定',
      monitoring: '経過観察中',
      resolved: '復旧',
      postmortem: '原因のご報告',
      scheduled: '予定',
      in_progress: '開始',
      verifying: '確認中',
      completed: '終了',
    },
    label: {
      state: '状況',
      components: '対象',
      since: '発生',
      until: '復旧',
      from: '開始予定',
      to: '終了予定',
      advice: 'お客様へのお願い',
      tail: '復旧後の影響',
      next: '次回のご案内',
    },
    status: 'ステータスページを開く',
    brackets: (phase) => `（${phase}）`,
    more: (count) => `ほか${count}件`,
    footer: (tenant, id) =>
      `${tenant} の連絡先として登録されているため、お送りしています（${id}）。このメールにはご返信いただけません。配信停止は、メールシステムの管理者へお申し付けください。`,
    subscribed: (id) => `障害情報の受け取りを登録されたため、お送りしています（${id}）。`,
    end: '受け取りを停止する',
    ask: {
      subject: '確認：障害情報の受け取り',
      about: (host) => `メールシステム ${host} の障害情報を、このアドレスで受け取る申し込みがありました。`,
      act: '登録を確定する',
      notYou: 'お心当たりがない場合は、何もなさらないでください。以後お送りすることはありません。',
    },
  },
};
