/** Mails to contacts and operators about mail that waits for a person for too long (H8): how much, since when, and who can do something. */
import { type ArrivedMail, SYSTEM_TENANT } from '#/model/index.ts';
import type { WaitingMails, WaitingTelling } from '#/ports/index.ts';
import { noticeOf } from './births.ts';
import type { IncidentLetterParts } from './incident-letters.ts';
import { type Block, line } from './page.ts';
import { WAITING_WORDS } from './waiting-words.ts';
import { when } from './when.ts';
import { type Language, wordsFor } from './words.ts';

interface Reader {
  readonly language: Language;
  readonly timezone: string;
  /** Null: an operator. */
  readonly name: string | null;
}

export class WaitingLetters implements WaitingMails {
  readonly #settings: { readonly hostname: string; readonly timezone: string };
  readonly #parts: IncidentLetterParts;

  constructor(settings: { readonly hostname: string; readonly timezone: string }, parts: IncidentLetterParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  waiting(telling: WaitingTelling): ArrivedMail | null {
    const { id, at, to, tenant } = telling;
    const reader = this.#readerOf(telling);
    if (reader === null) return null;
    const { hostname } = this.#settings;
    const { language } = reader;
    const count = (telling.approval?.messages ?? 0) + (telling.setAside?.messages ?? 0) + telling.stuck;
    const letter = {
      ...{ hostname, to, at, from: wordsFor(language).from },
      subject: line(WAITING_WORDS[language].subject(countOf(count, telling.isMore))),
      pages: [{ language, blocks: blocksOf(telling, reader) }],
      about: `<waiting-${tenant ?? 'all'}@${hostname}>`,
    };
    const mail = noticeOf({ parent: null, tenant: tenant ?? SYSTEM_TENANT, hops: 0, letter }, this.#parts);
    return mail === null ? null : { ...mail, id };
  }

  /** Operators read English. */
  #readerOf({ tenant }: WaitingTelling): Reader | null {
    if (tenant === null) return { language: 'en', timezone: this.#settings.timezone, name: null };
    const { language, timezone, name } = this.#parts.directory.current().tenant(tenant) ?? {};
    if (language === undefined || timezone === undefined || name === undefined) return null;
    return { language, timezone, name };
  }
}

function blocksOf({ at, approval, setAside, stuck, isMore }: WaitingTelling, reader: Reader): readonly Block[] {
  const { language, timezone, name } = reader;
  const words = WAITING_WORDS[language];
  const rows = [[words.label.approval, approval] as const, [words.label.setAside, setAside] as const].flatMap(
    ([label, waits]): (readonly [string, string])[] => {
      if (waits === null) return [];
      const since = when(waits.oldestAt, { now: at, language, timezone, whole: true });
      return [[label, words.waits(countOf(waits.messages, isMore), since)]];
    },
  );
  if (stuck > 0) rows.push([words.label.stuck, countOf(stuck, false)]);
  const said = [
    ...(approval === null ? [] : [name === null ? words.approveAll : words.approve]),
    ...(setAside === null ? [] : [name === null ? words.release : words.ask]),
    ...(stuck === 0 ? [] : [name === null ? words.audit : words.goesOn]),
  ];
  return [
    { kind: 'text', text: words.about },
    { kind: 'facts', rows },
    ...said.map((text): Block => ({ kind: 'text', text })),
    { kind: 'rule' },
    { kind: 'text', text: name === null ? words.operator : words.footer(name) },
  ];
}

/** `10,000+` where there are more than were counted. */
function countOf(count: number, isMore: boolean): string {
  return `${count.toLocaleString('en')}${isMore ? '+' : ''}`;
}
