/** Mails to the contacts of tenants about redelivery campaigns (H7, H8): what did not arrive, what happens to it, and until when they can say otherwise. */
import type { ArrivedMail } from '#/model/index.ts';
import type { CampaignMails, CampaignTelling } from '#/ports/index.ts';
import { noticeOf } from './births.ts';
import { CAMPAIGN_WORDS } from './campaign-words.ts';
import type { IncidentLetterParts } from './incident-letters.ts';
import { type Block, line } from './page.ts';
import { when } from './when.ts';
import { type Language, wordsFor } from './words.ts';

export type CampaignLetterParts = IncidentLetterParts;

interface Reader {
  readonly language: Language;
  readonly timezone: string;
  readonly name: string;
}

export class CampaignLetters implements CampaignMails {
  readonly #hostname: string;
  readonly #parts: CampaignLetterParts;

  constructor(hostname: string, parts: CampaignLetterParts) {
    this.#hostname = hostname;
    this.#parts = parts;
  }

  telling(telling: CampaignTelling): ArrivedMail | null {
    const { id, at, to, news, campaign, own } = telling;
    const reader = this.#parts.directory.current().tenant(own.tenant);
    if (reader === undefined) return null;
    const { language } = reader;
    const letter = {
      ...{ hostname: this.#hostname, to, at },
      from: wordsFor(language).from,
      subject: line(`${CAMPAIGN_WORDS[language].subject[news]} (${campaign.id})`),
      pages: [{ language, blocks: blocksOf(telling, reader) }],
      about: `<campaign-${campaign.id}@${this.#hostname}>`,
    };
    const mail = noticeOf({ parent: null, tenant: own.tenant, hops: 0, letter }, this.#parts);
    return mail === null ? null : { ...mail, id };
  }
}

function blocksOf(telling: CampaignTelling, reader: Reader): readonly Block[] {
  const { news, campaign, own } = telling;
  const words = CAMPAIGN_WORDS[reader.language];
  const recipients = Object.values(own.recipients).reduce((sum, count) => sum + (count ?? 0), 0);
  const said =
    news === 'announced' ? [words.unless[campaign.unlessChosen], words.choose, words.late] : [words.done, words.late];
  return [
    { kind: 'text', text: words.found(own.messages, recipients) },
    ...said.map((text): Block => ({ kind: 'text', text })),
    { kind: 'facts', rows: news === 'announced' ? timesOf(telling, reader) : figuresOf(telling, reader, recipients) },
    { kind: 'rule' },
    { kind: 'text', text: words.footer(reader.name) },
  ];
}

type Rows = readonly (readonly [label: string, value: string])[];

function windowOf({ campaign, at }: CampaignTelling, { language, timezone }: Reader): Rows {
  const { label } = CAMPAIGN_WORDS[language];
  const moment = (ms: number): string => when(ms, { now: at, language, timezone, whole: true });
  const { from, to } = campaign.query;
  return [
    [label.campaign, campaign.id],
    [label.from, moment(from)],
    [label.to, moment(Math.min(to, campaign.draftedAt))],
  ];
}

function timesOf(telling: CampaignTelling, reader: Reader): Rows {
  const { language, timezone } = reader;
  const { label } = CAMPAIGN_WORDS[language];
  const { plan } = telling.campaign;
  const moment = (ms: number): string => when(ms, { now: telling.at, language, timezone, whole: true });
  const rows = windowOf(telling, reader);
  if (plan === null) return rows;
  return [...rows, [label.closes, moment(plan.closesAt)], [label.starts, moment(plan.startsAt)]];
}

function figuresOf(telling: CampaignTelling, reader: Reader, recipients: number): Rows {
  const { label } = CAMPAIGN_WORDS[reader.language];
  const of = telling.own.recipients;
  const served = (of.served ?? 0) + (of['served before'] ?? 0);
  const refused = of.refused ?? 0;
  return [
    ...windowOf(telling, reader),
    [label.served, String(served)],
    [label.refused, String(refused)],
    [label.other, String(recipients - served - refused)],
  ];
}
