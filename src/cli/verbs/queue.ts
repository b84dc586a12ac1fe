import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { formatQueue } from '../page/lists.ts';
import { formatTrace } from '../page/trace-page.ts';
import { listQueue, queryOf } from '../query.ts';
import { ACTS, actOn, isAct } from '../queue-acts.ts';
import type { QueuedMail, ReadMail, TracedMail } from '../shapes.ts';
import { harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

const SHOWN = 100;
const LIMIT_MAX = 10_000_000;

const FLAGS: FlagTable = {
  limit: { kind: 'text', value: 'N', help: `list: at most so many mails (${SHOWN})` },
  after: { kind: 'text', value: 'ID', help: 'list: those behind this mail' },
  all: { kind: 'yes', help: 'acts: everything that waits, where no ID or filter is given' },
  yes: { kind: 'yes', help: 'acts: do not ask before mail is given up' },
  until: {
    kind: 'text',
    value: 'TIME',
    help: 'hold: until then, as 4h, 18:00 or 2026-11-30T09:00; then it goes on by itself (without it: given up after retention.held)',
  },
  via: { kind: 'text', value: 'HOST:PORT', help: 'reroute: the next hop; or mx:DOMAIN, or HOST:PORT:lmtp' },
  reason: { kind: 'text', value: 'TEXT', help: 'why, for the audit log; bounce tells it to the sender' },
  'read-body': {
    kind: 'text',
    value: 'REASON',
    help: 'show: its content, at most 1 MiB; who read it and why is written into the audit log',
  },
};

export const queue: Verb = {
  usage: [
    'queue list [QUERY…] [--limit N] [--after ID]',
    'queue show ID [--read-body REASON]',
    'queue hold|release|retry ID…|QUERY…|--all [--until TIME] [--reason TEXT]',
    'queue reroute ID…|QUERY…|--all --via HOST:PORT [--reason TEXT]',
    'queue bounce|drop ID…|QUERY…|--all [--reason TEXT] [--yes]',
  ],
  about:
    'Shows what waits or is held, and acts on it, singly or by filter. The words of a query are those of trace, such as to:*@peer.test state:deferred. bounce gives mail up and tells its sender; drop gives it up and tells nobody. Mail that a policy holds or an approver has to decide is not touched.',
  flags: FLAGS,
  examples: [
    'holdfast queue list state:held',
    'holdfast queue retry to:*@peer.test',
    'holdfast queue reroute destination:mx:peer.test --via 192.0.2.7:25',
    'holdfast queue drop from:spammer@acme.test --reason "compromised account" --yes',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'list') return list(words, order);
    if (act === 'show') return show(words, order);
    if (isAct(act)) return actOn(ACTS[act], words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`queue knows no '${act}': ${suggestion(act, ['list', 'show', ...Object.keys(ACTS)])}`);
  },
};

async function list(words: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal } = order;
  const limit = flags.count('limit', SHOWN, LIMIT_MAX);
  await using server = await order.operations('reads');
  const { mails, more } = await listQueue(server, queryOf(words), limit, flags.text('after'), (count) => {
    if (count >= 10_000) terminal.progress(`${formatCount(count)} mails …`);
  });
  if (order.json) order.answer(mails);
  else if (mails.length > 0) terminal.print(`${formatQueue(mails, order.calendar, terminal)}\n`);
  const next = more ? ` There are more: --after ${mails.at(-1)?.id ?? ''}` : '';
  if (!order.json) terminal.print(`${countsOf(mails, words.length > 0)}${next}`);
  else if (more) terminal.note(next.trim());
  return EXIT.done;
}

function countsOf(mails: readonly QueuedMail[], filtered: boolean): string {
  if (mails.length === 0) return filtered ? 'Nothing that waits matches.' : 'Nothing waits.';
  const recipients = mails.reduce((sum, mail) => sum + mail.recipients.length, 0);
  return `${formatCount(recipients)} ${recipients === 1 ? 'recipient' : 'recipients'} of ${formatCount(mails.length)} ${mails.length === 1 ? 'mail' : 'mails'}.`;
}

async function show(words: readonly string[], order: Order): Promise<ExitCode> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw usage('Name one mail: holdfast queue show ID.');
  const reason = order.flags.text('read-body');
  if (reason !== null) return readBody(id, reason, order);
  await using server = await order.operations('reads');
  const mail = await server.call<TracedMail>('queue.show', { id });
  if (order.json) order.answer(mail);
  else order.terminal.print(formatTrace(mail, order.calendar, order.terminal));
  return EXIT.done;
}

// What comes from a mail may hold escape sequences; a terminal gets its text alone, --json has every octet.
async function readBody(id: string, reason: string, order: Order): Promise<ExitCode> {
  const { terminal } = order;
  await using server = await order.operations('changes');
  const found = await server.call<ReadMail>('mail.body', { id, reason });
  if (order.json) order.answer(found);
  else {
    const text = Buffer.from(found.content, 'base64').toString('utf8');
    terminal.print(text.split(/\r?\n/).map(harmless).join('\n'));
  }
  const part = found.shown < found.size ? `The first ${formatCount(found.shown)}` : `All ${formatCount(found.shown)}`;
  terminal.note(`${part} of ${formatCount(found.size)} bytes. That you read it, and why, stands in the audit log.`);
  return EXIT.done;
}
