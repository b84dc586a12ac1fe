/** What people do with campaigns (ports/operation.ts): operators draft and run them, tenants see their part of it and choose. */
import { z } from 'zod';
import { type Call, type CampaignId, type CampaignState, isMailId, type MailId, type TenantId } from '#/model/index.ts';
import {
  type AffectedQuery,
  type Campaign,
  type Campaigns,
  type Clock,
  type DirectorySource,
  type Journal,
  type Operation,
  type OperationContext,
  operation,
  Refusal,
} from '#/ports/index.ts';
import { draft } from './draft.ts';
import {
  CHOSEN_MAX,
  EVENTS_SHOWN,
  LISTED_MAX,
  NOTE_CHARS_MAX,
  PER_SECOND_DEFAULT,
  PER_SECOND_MAX,
  TITLE_CHARS_MAX,
} from './limits.ts';
import { lines } from './lines.ts';
import { planInput, planOf } from './plan.ts';
import { reportOf } from './report.ts';
import { campaignView, shownCampaign, viewCampaign, viewShown } from './views.ts';

export interface CampaignParts {
  readonly campaigns: Campaigns;
  readonly journal: Pick<Journal, 'affected' | 'trace'>;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
  /** The words of `holdfast affected` as a question; refuses what is none. */
  readonly readWindow: (words: ScopeWords) => AffectedQuery;
}

export type ScopeWords = z.output<z.ZodObject<typeof scopeInput>>;

const word = z.string().min(1).max(500).optional();
/** The words of `holdfast affected`. */
const scopeInput = {
  from: z.string().max(64),
  to: z.string().max(64).optional(),
  ...{ component: word, worker: word, policy: word, destination: word, tenant: word },
};
const id = z.string().max(40);

/** All of them. */
export function campaignOperations(parts: CampaignParts): readonly Operation[] {
  return [
    drafted(parts),
    announced(parts),
    ...MOVES.map((one) => moved(one, parts)),
    choose(parts),
    list(parts),
    show(parts),
    lines(parts),
    report(parts),
  ];
}

function drafted(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.draft',
    summary: 'Writes down who is unserved of the mail that a fault touched, to be sent after all.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      title: z.string().trim().min(1).max(TITLE_CHARS_MAX),
      scope: z.strictObject(scopeInput),
      unlessChosen: z.enum(['send', 'stop']).default('send'),
      perSecond: z.int().min(1).max(PER_SECOND_MAX).default(PER_SECOND_DEFAULT),
      /** In a field of the late mail: printable, one line. */
      note: z
        .string()
        .trim()
        .min(1)
        .max(NOTE_CHARS_MAX)
        .regex(/^\P{Cc}*$/u)
        .nullable()
        .default(null),
    }),
    output: shownCampaign,
    subject: ({ title }) => title,
    async handle({ title, scope, ...terms }, { by, call }) {
      const made = await draft(parts.readWindow(scope), { title: plain(title), by, ...terms }, parts, call);
      return await shown(made, null, parts, call);
    },
  });
}

function announced(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.announce',
    summary: 'Tells the tenants in it, and lets them choose until it closes; then it freezes and runs by itself.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, ...planInput }),
    output: shownCampaign,
    subject: (input) => input.id,
    async handle({ id: given, ...times }, { by, call }) {
      const campaign = await existing(given, null, parts, call);
      const at = parts.clock.now();
      const move = { to: 'announced', at, by, plan: planOf(times, at) } as const;
      if (!(await parts.campaigns.move(campaign.id, ['drafted'], move, call)))
        throw notNow(campaign, 'announced', ['drafted']);
      return await shown(campaign.id, null, parts, call);
    },
  });
}

interface Move {
  readonly verb: 'close' | 'run' | 'pause' | 'resume';
  readonly summary: string;
  readonly from: readonly CampaignState[];
  /** Each is made where the one before it was, or is not needed any more. */
  readonly steps: readonly (readonly [from: CampaignState, to: CampaignState])[];
}

const MOVES: readonly Move[] = [
  {
    verb: 'close',
    summary: 'Takes no more choices of tenants, before its time. Operators still write down what reached them.',
    from: ['announced'],
    steps: [['announced', 'closed']],
  },
  {
    verb: 'run',
    summary: 'Freezes the list and begins now, before its time.',
    from: ['closed', 'frozen'],
    steps: [
      ['closed', 'frozen'],
      ['frozen', 'running'],
    ],
  },
  {
    verb: 'pause',
    summary: 'Lets nothing more go until it is resumed.',
    from: ['running'],
    steps: [['running', 'paused']],
  },
  { verb: 'resume', summary: 'Goes on where it was paused.', from: ['paused'], steps: [['paused', 'running']] },
];

function moved({ verb, summary, from, steps }: Move, parts: CampaignParts): Operation {
  return operation({
    name: `campaign.${verb}`,
    summary,
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, reason: z.string().max(200).default('') }),
    output: shownCampaign,
    subject: (input) => input.id,
    async handle({ id: given, reason }, { by, call }) {
      const campaign = await existing(given, null, parts, call);
      let last = false;
      for (const [before, to] of steps) {
        last = await parts.campaigns.move(
          campaign.id,
          [before],
          { to, at: parts.clock.now(), by, detail: plain(reason) },
          call,
        );
      }
      if (!last) throw notNow(campaign, verb, from);
      return await shown(campaign.id, null, parts, call);
    },
  });
}

function choose(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.choose',
    summary: 'Says for one tenant whether its mail, or single messages of it, are to be sent; the later word counts.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({
      id,
      tenant: z.string().optional(),
      choice: z.enum(['send', 'stop', 'default']),
      messages: z.array(z.string()).min(1).max(CHOSEN_MAX).optional(),
    }),
    output: z.object({ messages: z.int() }),
    subject: ({ id: given, tenant, choice, messages }) => [given, tenant, choice, ...(messages ?? [])].join(' '),
    async handle({ id: given, tenant, choice, messages }, { by, call }) {
      if (tenant === undefined) throw new Refusal(2, 'Say for which tenant.');
      const campaign = await existing(given, tenant as TenantId, parts, call);
      const isOperator = by.startsWith('cli:');
      const ids = messages?.map(messageId) ?? null;
      const hit = await parts.campaigns.choose(
        campaign.id,
        {
          ...{ tenant: tenant as TenantId, messages: ids, by, at: parts.clock.now() },
          choice: choice === 'default' ? null : choice,
          states: isOperator ? ['announced', 'closed'] : ['announced'],
          before: isOperator ? 'freezesAt' : 'closesAt',
        },
        call,
      );
      if (hit === null) throw new Refusal(1, tooLate(campaign, isOperator));
      if (hit === 0)
        throw new Refusal(
          1,
          `None of this mail of ${tenant} is in the campaign. "holdfast campaign show ${campaign.id} --list" shows what is.`,
        );
      return { messages: hit };
    },
  });
}

function messageId(text: string): MailId {
  const found = text.toUpperCase();
  if (!isMailId(found)) throw new Refusal(2, `"${text}" is no ID of a message.`);
  return found;
}

function tooLate({ state, plan }: Campaign, isOperator: boolean): string {
  if (state === 'drafted') return 'It was not announced yet: announce it first.';
  const until = isOperator ? plan?.freezesAt : plan?.closesAt;
  const when = until === undefined ? '' : ` It took choices until ${new Date(until).toISOString()}.`;
  return `It is ${state}: no choice can be taken any more.${when}${isOperator ? '' : ' Ask whoever runs this server whether it can still be stopped.'}`;
}

function list(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.list',
    summary: 'Campaigns, newest first; of a tenant those in which it has mail.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string().optional(),
      limit: z.int().min(1).max(LISTED_MAX).default(50),
      after: id.nullable().default(null),
    }),
    output: z.array(campaignView),
    async handle({ tenant, limit, after }, { call }) {
      const own = (tenant ?? null) as TenantId | null;
      const found = await parts.campaigns.list(own, after as CampaignId | null, limit, call);
      return found.map((one) => viewCampaign(one)).map((one) => (own === null ? one : { ...one, by: '', scope: {} }));
    },
  });
}

function show(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.show',
    summary: 'One campaign with its figures by tenant; a tenant sees its own.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ id, tenant: z.string().optional() }),
    output: shownCampaign,
    async handle({ id: given, tenant }, { call }) {
      const own = (tenant ?? null) as TenantId | null;
      const campaign = await existing(given, own, parts, call);
      return await shown(campaign.id, own, parts, call);
    },
  });
}

function report(parts: CampaignParts): Operation {
  return operation({
    name: 'campaign.report',
    summary: 'The figures by tenant, and the report as Markdown; a completed campaign is reported then.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id, of: z.string().optional(), language: z.enum(['en', 'ja']).default('en') }),
    output: z.object({ campaign: shownCampaign, markdown: z.string() }),
    subject: (input) => input.id,
    async handle({ id: given, of, language }, { by, call }: OperationContext) {
      const own = (of ?? null) as TenantId | null;
      const campaign = await existing(given, own, parts, call);
      const move = { to: 'reported', at: parts.clock.now(), by } as const;
      await parts.campaigns.move(campaign.id, ['completed'], move, call);
      const whole = await shown(campaign.id, own, parts, call);
      return { campaign: whole, markdown: reportOf(whole, language) };
    },
  });
}

/** Refuses what is not there, and for a tenant what it has no part in, by the same words. */
async function existing(
  given: string,
  tenant: TenantId | null,
  { campaigns }: CampaignParts,
  call: Call,
): Promise<Campaign> {
  const found = await campaigns.show(given.toUpperCase() as CampaignId, call);
  const refusal = new Refusal(1, `There is no campaign ${given}. "holdfast campaign list" shows them.`);
  if (found === null) throw refusal;
  if (tenant === null) return found;
  const [own] = await campaigns.figures(found.id, tenant, call);
  if (own === undefined || found.state === 'drafted') throw refusal;
  return found;
}

async function shown(
  given: CampaignId,
  tenant: TenantId | null,
  { campaigns, directory }: CampaignParts,
  call: Call,
): Promise<z.input<typeof shownCampaign>> {
  const campaign = await campaigns.show(given, call);
  if (campaign === null) throw new Refusal(1, `There is no campaign ${given}.`);
  const figures = await campaigns.figures(given, tenant, call);
  if (tenant !== null) return { ...viewShown(campaign, figures, [], directory), by: '', scope: {} };
  return viewShown(campaign, figures, await campaigns.events(given, EVENTS_SHOWN, call), directory);
}

function notNow({ id: given, state }: Campaign, verb: string, from: readonly CampaignState[]): Refusal {
  return new Refusal(
    1,
    `Campaign ${given} is ${state}, and can be ${PARTICIPLES[verb] ?? verb} only while it is ${from.join(' or ')}.`,
  );
}

const PARTICIPLES: Readonly<Record<string, string>> = {
  close: 'closed',
  run: 'run',
  pause: 'paused',
  resume: 'resumed',
};

/** One line, whatever was written. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
