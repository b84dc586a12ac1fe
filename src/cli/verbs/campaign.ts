import type { CampaignChoice } from '#/model/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { type CampaignLineShown, type CampaignShown, formatCampaign, formatCampaigns } from '../page/campaign-page.ts';
import { harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';
import { AFFECTED_FLAGS, windowOf } from './affected.ts';

const DRAFT_MS = 30 * 60_000;
const LINES = 1_000;
const ACTS = ['close', 'run', 'pause', 'resume'] as const;
const WORDS = ['draft', 'announce', 'choose', ...ACTS, 'show', 'list', 'report'] as const;

const FLAGS: FlagTable = {
  ...AFFECTED_FLAGS,
  'only-ordered': { kind: 'yes', help: 'draft: send only what tenants order (else: all that they do not refuse)' },
  pace: { kind: 'text', value: 'N', help: 'draft: recipients let go a second (50)' },
  note: { kind: 'text', value: 'TEXT', help: 'draft: a sentence in a header field of the late mail' },
  choice: { kind: 'text', value: 'DURATION', help: 'announce: how long tenants choose (24h)' },
  closed: { kind: 'text', value: 'DURATION', help: 'announce: how long before the run choices close (12h)' },
  frozen: { kind: 'text', value: 'DURATION', help: 'announce: how long before the run the list is frozen (1h)' },
  message: { kind: 'texts', value: 'ID', help: 'choose: this message alone; may be given again' },
  reason: { kind: 'text', value: 'TEXT', help: 'close, run, pause, resume: why, for its history' },
  list: { kind: 'yes', help: 'show: each message and recipient' },
  language: { kind: 'text', value: 'en|ja', help: 'report: in which language' },
};

export const campaign: Verb = {
  usage: [
    'campaign draft TITLE --from TIME [--to TIME] [--component NAME] …',
    'campaign draft TITLE … [--only-ordered] [--pace N] [--note TEXT]',
    'campaign announce ID [--choice 24h] [--closed 12h] [--frozen 1h]',
    'campaign choose ID send|stop|default --tenant ID [--message ID …]',
    'campaign close|run|pause|resume ID [--reason TEXT]',
    'campaign show ID [--tenant ID] [--list]',
    'campaign list [--tenant ID]',
    'campaign report ID [--tenant ID] [--language en|ja]',
  ],
  about:
    'Sends, in the open, what a fault left unserved. draft writes down who is unserved of the mail that "holdfast affected" finds with the same flags; announce tells the tenants, who choose for all of their mail or for single messages; then choices close, the list is frozen, and the rest is let go at a pace. Who was served is never served again.',
  flags: FLAGS,
  examples: [
    'holdfast campaign draft "Filter fault of 21 April" --from 12:07 --to 12:11 --component inspect',
    'holdfast campaign announce 01M6Z0V6K8Q3T9XA',
    'holdfast campaign choose 01M6Z0V6K8Q3T9XA stop --tenant acme',
    'holdfast campaign report 01M6Z0V6K8Q3T9XA --language ja > report.md',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'draft') return draft(words, order);
    if (act === 'announce') return announce(words, order);
    if (act === 'choose') return choose(words, order);
    if (act === 'show') return show(words, order);
    if (act === 'list') return list(words, order);
    if (act === 'report') return report(words, order);
    if ((ACTS as readonly string[]).includes(act)) return move(act, words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`campaign knows no '${act}': ${suggestion(act, [...WORDS])}`);
  },
};

async function draft([title, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  if (title === undefined || more.length > 0)
    throw usage('Give it a title: holdfast campaign draft "Filter fault" --from 12:07 --to 12:11.');
  const { flags } = order;
  const note = flags.text('note');
  const input = {
    ...{
      title,
      scope: windowOf(order),
      unlessChosen: (flags.is('only-ordered') ? 'stop' : 'send') satisfies CampaignChoice,
    },
    ...(flags.is('pace') && { perSecond: flags.count('pace', 50, 1_000) }),
    ...(note !== null && { note }),
  };
  return await asked('campaign.draft', input, order);
}

async function announce(words: readonly string[], order: Order): Promise<ExitCode> {
  const times = ['choice', 'closed', 'frozen'].flatMap((name) => {
    const text = order.flags.text(name);
    return text === null ? [] : [[name, text]];
  });
  return await asked('campaign.announce', { id: idIn(words), ...Object.fromEntries(times) }, order);
}

async function move(act: string, words: readonly string[], order: Order): Promise<ExitCode> {
  const reason = order.flags.text('reason');
  return await asked(`campaign.${act}`, { id: idIn(words), ...(reason !== null && { reason }) }, order);
}

async function asked(name: string, input: object, order: Order): Promise<ExitCode> {
  await using server = await order.operations('changes');
  const found = await server.call<CampaignShown>(name, input, { deadlineMs: DRAFT_MS });
  if (order.json) order.answer(found);
  else order.terminal.print(formatCampaign(found, order.calendar, order.terminal));
  return EXIT.done;
}

async function choose([id, choice, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  const tenant = order.flags.text('tenant');
  const isWord = choice === 'send' || choice === 'stop' || choice === 'default';
  if (id === undefined || !isWord || more.length > 0 || tenant === null)
    throw usage('Say what for whom: holdfast campaign choose ID send|stop|default --tenant ID.');
  const messages = order.flags.texts('message').flatMap((text) => text.split(','));
  await using server = await order.operations('changes');
  const done = await server.call<{ messages: number }>('campaign.choose', {
    ...{ id, choice, tenant },
    ...(messages.length > 0 && { messages }),
  });
  if (order.json) order.answer(done);
  else
    order.terminal.print(
      `${formatCount(done.messages)} ${done.messages === 1 ? 'message' : 'messages'} of ${tenant}: ${choice}.`,
    );
  return EXIT.done;
}

async function show(words: readonly string[], order: Order): Promise<ExitCode> {
  const id = idIn(words);
  const tenant = order.flags.text('tenant');
  const whose = tenant === null ? {} : { tenant };
  await using server = await order.operations('reads');
  if (!order.flags.is('list')) {
    const found = await server.call<CampaignShown>('campaign.show', { id, ...whose });
    if (order.json) order.answer(found);
    else order.terminal.print(formatCampaign(found, order.calendar, order.terminal));
    return EXIT.done;
  }
  const { terminal, json } = order;
  let count = 0;
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const page: { items: CampaignLineShown[]; next: string | null } = await server.call('campaign.lines', {
      ...{ id, limit: LINES, after },
      ...whose,
    });
    for (const item of page.items) {
      terminal.print(json ? `${count === 0 ? '[' : ','}${JSON.stringify(item)}` : lineOf(item));
      count += 1;
    }
    after = page.next;
  }
  if (json) terminal.print(count === 0 ? '[]' : ']');
  else terminal.print(`${formatCount(count)} recipients.`);
  return EXIT.done;
}

function lineOf({ id, recipient, tenant, outcome, detail, address, subject }: CampaignLineShown): string {
  const stands = detail === '' ? outcome : `${outcome} (${detail})`;
  return harmless(`${id}/${recipient}  ${tenant}  ${stands}  ${address ?? '–'}  ${subject ?? '–'}`);
}

async function list(words: readonly string[], order: Order): Promise<ExitCode> {
  if (words.length > 0) throw usage('campaign list takes no words.');
  const tenant = order.flags.text('tenant');
  await using server = await order.operations('reads');
  const found = await server.call<CampaignShown[]>('campaign.list', tenant === null ? {} : { tenant });
  if (order.json) order.answer(found);
  else order.terminal.print(formatCampaigns(found, order.calendar, order.terminal));
  return EXIT.done;
}

async function report(words: readonly string[], order: Order): Promise<ExitCode> {
  const { flags } = order;
  const language = flags.text('language') ?? order.calendar.language;
  if (language !== 'en' && language !== 'ja') throw usage(`--language is en or ja, not '${language}'.`);
  const tenant = flags.text('tenant');
  await using server = await order.operations('changes');
  const input = { id: idIn(words), language, ...(tenant !== null && { of: tenant }) };
  const made = await server.call<{ campaign: CampaignShown; markdown: string }>('campaign.report', input);
  if (order.json) order.answer(made);
  else order.terminal.print(made.markdown);
  return EXIT.done;
}

function idIn([id, ...more]: readonly string[]): string {
  if (id === undefined || more.length > 0)
    throw usage('Name one campaign by its ID: "holdfast campaign list" shows them.');
  return id;
}
