import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { actOnHeld, HELD_ACTS, isHeldAct, whoOf } from '../held-acts.ts';
import { formatHeldHistory, formatHeldList, formatHeldMail } from '../page/held-page.ts';
import { queryOf } from '../query.ts';
import type { HeldMail, PastMail, ShownHeld } from '../shapes.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

const SHOWN = 100;
const LIMIT_MAX = 1_000;

const FLAGS: FlagTable = {
  as: { kind: 'text', value: 'ADDRESS', help: 'act as this person, with what they may do; without it as the operator' },
  reason: { kind: 'text', value: 'TEXT', help: 'acts: why, for the journal; a rejection tells it to the sender' },
  'as-it-is': { kind: 'yes', help: 'release: without the changes that its rule asks for and that can’t be made' },
  filter: { kind: 'text', value: 'QUERY', help: 'acts: all that it means, such as from:alice@acme.test' },
  tray: {
    kind: 'text',
    value: 'TRAY',
    help: 'list: mine, team (from an address of a group of theirs), approve (what --as is asked to decide), all; history: mine, decided, all',
  },
  limit: { kind: 'text', value: 'N', help: `list, history: at most so many mails (${SHOWN})` },
  after: { kind: 'text', value: 'ID', help: 'list, history: those behind this one' },
};

export const held: Verb = {
  usage: [
    'held list [QUERY…] [--as ADDRESS] [--tray mine|team|approve|all] [--limit N] …',
    'held show ID [--as ADDRESS]',
    'held history [--as ADDRESS] [--tray mine|decided|all] [--limit N] [--after PLACE]',
    'held release|stop|delete ID…|--filter QUERY [--as ADDRESS] [--reason TEXT]',
    'held release ID… --as-it-is --reason TEXT [--as ADDRESS]',
    'held approve|reject ID…|--filter QUERY [--as ADDRESS] [--reason TEXT]',
  ],
  about:
    'Mail that a policy holds or that waits for approval: why, until when, and what to do with it. release lets it go now; stop keeps it from going by itself; delete ends it without a report; reject ends it and tells its sender. A sender acts on their own mail, approvers on what they were asked; administrators and operators act for others and give a reason.',
  flags: FLAGS,
  examples: [
    'holdfast held list --as alice@acme.test --tray mine',
    'holdfast held release 01M6Z0V6K8Q3T9XA --as alice@acme.test',
    'holdfast held reject 01M6Z0V6K8Q3T9XA --as boss@acme.test --reason "Not to this customer"',
    'holdfast held delete --filter from:alice@acme.test --reason "account was compromised"',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'list') return list(words, order);
    if (act === 'show') return show(words, order);
    if (act === 'history') return history(words, order);
    if (isHeldAct(act)) return actOnHeld(act, words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`held knows no '${act}': ${suggestion(act, ['list', 'show', 'history', ...Object.keys(HELD_ACTS)])}`);
  },
};

async function list(words: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal } = order;
  const limit = flags.count('limit', SHOWN, LIMIT_MAX);
  const tray = flags.text('tray') ?? 'all';
  requireTray(tray, ['mine', 'team', 'approve', 'all']);
  await using server = await order.operations('reads');
  const input = { ...whoOf(order), tray, filter: queryOf(words), limit, after: flags.text('after') };
  const { mails, next } = await server.call<{ mails: HeldMail[]; next: string | null }>('held.list', input);
  if (order.json) order.answer(mails);
  else if (mails.length > 0) terminal.print(`${formatHeldList(mails, order.calendar, terminal)}\n`);
  const more = next === null ? '' : ` There may be more: --after ${next}`;
  const recipients = mails.reduce((sum, mail) => sum + mail.recipients.length, 0);
  const counts = `${formatCount(recipients)} ${recipients === 1 ? 'recipient' : 'recipients'} of ${formatCount(mails.length)} ${mails.length === 1 ? 'mail' : 'mails'}.`;
  if (!order.json) terminal.print(`${mails.length === 0 ? 'Nothing waits here.' : counts}${more}`);
  else if (more !== '') terminal.note(more.trim());
  return EXIT.done;
}

async function show([id, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  if (id === undefined || more.length > 0) throw usage('Name one mail: holdfast held show ID.');
  await using server = await order.operations('reads');
  const mail = await server.call<ShownHeld>('held.show', { ...whoOf(order), id });
  if (order.json) order.answer(mail);
  else order.terminal.print(formatHeldMail(mail, order.calendar, order.terminal));
  return EXIT.done;
}

/** What became of mail that waited, the last 30 days. */
async function history(words: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal } = order;
  if (words.length > 0) throw usage('history takes no words: --as says whose, --tray which.');
  const limit = flags.count('limit', SHOWN, HISTORY_MAX);
  const tray = flags.text('tray') ?? (flags.text('as') === null ? 'all' : 'mine');
  requireTray(tray, ['mine', 'decided', 'all']);
  await using server = await order.operations('reads');
  const input = { ...whoOf(order), tray, limit, after: flags.text('after') };
  const { mails, next } = await server.call<{ mails: PastMail[]; next: string | null }>('held.history', input);
  const more = next === null ? '' : `There may be more: --after "${next}"`;
  if (order.json) {
    order.answer(mails);
    if (more !== '') terminal.note(more);
    return EXIT.done;
  }
  if (mails.length > 0) terminal.print(`${formatHeldHistory(mails, order.calendar, terminal)}\n`);
  terminal.print(
    `${mails.length === 0 ? 'Nothing stands here.' : `${formatCount(mails.length)} ${mails.length === 1 ? 'mail' : 'mails'}.`} ${more}`.trim(),
  );
  return EXIT.done;
}

const HISTORY_MAX = 200;

function requireTray(tray: string, known: readonly string[]): void {
  if (!known.includes(tray)) throw usage(`There is no tray '${tray}': ${known.join(', ')}.`);
}
