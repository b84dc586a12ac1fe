import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { exportMail } from '../mailbox-export.ts';
import { importMail, MOVE_FLAGS, pullMail } from '../mailbox-moves.ts';
import { forward, RULE_FLAGS, RULE_USAGE, rules, vacation } from '../mailbox-rules.ts';
import { type Cell, formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment, formatSize, formatSpan } from '../when.ts';

interface Account {
  readonly address: string;
  readonly tenant: string;
  readonly messages: number;
  readonly bytes: number;
  readonly quotaBytes: number | null;
  readonly recoverableMessages: number;
  readonly held: boolean;
}

interface Folder {
  readonly name: string;
  readonly specialUse: string | null;
  readonly messages: number;
  readonly unseen: number;
  readonly bytes: number;
}

interface Deleted {
  readonly mailbox: string;
  readonly from: string;
  readonly subject: string;
  readonly bytes: number;
  readonly expungedAt: string;
}

interface Purging {
  readonly paused: boolean;
  readonly backlog: number;
  readonly pace: number;
  readonly etaSeconds: number | null;
  readonly purged: number;
  readonly waitsForPeople: boolean;
}

/** A million messages go in steps that nobody feels: that takes its time, and who asked wants to hear the end. */
const PURGE_MS = 24 * 3_600_000;
const SHOWN = 100;
const LIMIT_MAX = 1_000;

const FLAGS: FlagTable = {
  tenant: { kind: 'text', value: 'ID', help: 'list: accounts of this tenant alone' },
  limit: { kind: 'text', value: 'N', help: `list, deleted: at most so many (${SHOWN})` },
  after: { kind: 'text', value: 'ADDRESS', help: 'list: those behind this address' },
  since: {
    kind: 'text',
    value: 'TIME',
    help: 'deleted, recover: deleted since then, as 4h, 18:00 or 2026-11-30T09:00',
  },
  folder: { kind: 'texts', value: 'NAME', help: 'deleted, recover, pull, export: out of this mailbox alone' },
  now: { kind: 'yes', help: 'purge: what was deleted goes for good at once; nothing brings it back' },
  reason: { kind: 'text', value: 'TEXT', help: 'hold: why, for the audit log' },
  ...MOVE_FLAGS,
  ...RULE_FLAGS,
};

export const mailbox: Verb = {
  usage: [
    'mailbox list [--tenant ID] [--limit N] [--after ADDRESS]',
    'mailbox show ADDRESS',
    'mailbox deleted ADDRESS [--since TIME] [--folder NAME] [--limit N]',
    'mailbox recover ADDRESS [--since TIME] [--folder NAME]',
    'mailbox purge ADDRESS --now',
    'mailbox hold on|off ADDRESS [--reason TEXT]',
    'mailbox purging [pause|resume]',
    'mailbox import ADDRESS PATH [--format F] [--into FOLDER] [--dry-run]',
    'mailbox pull ADDRESS imaps://USER@HOST[:PORT] [--folder NAME …] [--into FOLDER]',
    'mailbox export ADDRESS PATH --format F [--folder NAME] --read-body REASON',
    ...RULE_USAGE,
  ],
  about:
    'Accounts and what was deleted in them. Deleted mail can be recovered for retention.recoverable; then it is purged in small steps that nobody feels. hold keeps all of it (legal hold); purging shows how the purge goes, and stops it or lets it go on. import brings mail from files, pull from another server by IMAP; each message comes once, however often they run, so that a run that was stopped is begun again and goes on. export copies all of an account, or one mailbox, into new files. rules sort, forward or discard mail that comes, and vacation answers it.',
  flags: FLAGS,
  examples: [
    'holdfast mailbox list --tenant acme',
    'holdfast mailbox recover alice@acme.test --since 4h --folder Projects',
    'holdfast mailbox forward alice@acme.test alice@home.test',
    'holdfast mailbox hold on bob@acme.test --reason "case 4711"',
    'holdfast mailbox import alice@acme.test /srv/vmail/alice/Maildir',
    'holdfast mailbox export alice@acme.test /srv/alice --format maildir --read-body "she leaves"',
    'holdfast mailbox pull alice@acme.test imaps://alice@old.acme.test --password-file alice.txt',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    const [one, two] = words;
    if (act === 'list' && words.length === 0) return list(order);
    if (act === 'show' && words.length === 1) return show(one ?? '', order);
    if (act === 'deleted' && words.length === 1) return deleted(one ?? '', order);
    if (act === 'recover' && words.length === 1) return recover(one ?? '', order);
    if (act === 'purge' && words.length === 1) return purge(one ?? '', order);
    if (act === 'hold' && words.length === 2 && (one === 'on' || one === 'off'))
      return hold(two ?? '', one === 'on', order);
    if (act === 'import' && words.length === 2) return importMail(one ?? '', two ?? '', order);
    if (act === 'export' && words.length === 2) return exportMail(one ?? '', two ?? '', order);
    if (act === 'pull' && words.length === 2) return pullMail(one ?? '', two ?? '', order);
    if (act === 'purging' && (one === undefined || one === 'pause' || one === 'resume')) return purging(one, order);
    if (act === 'rules' && words.length === 1) return rules(one ?? '', order);
    if (act === 'forward' && words.length > 1) return forward(one ?? '', words.slice(1), order);
    if (act === 'vacation' && (words.length === 1 || (words.length === 2 && two === 'off')))
      return vacation(one ?? '', two === 'off', order);
    throw usage(`Say one of: ${mailbox.usage.map((line) => `holdfast ${line}`).join('; ')}.`);
  },
};

async function list({ flags, json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const limit = flags.count('limit', SHOWN, LIMIT_MAX);
  const input = { tenant: flags.text('tenant') ?? undefined, after: flags.text('after'), limit };
  const found = await server.call<Account[]>('mailbox.list', input);
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Account', least: 20 },
    { title: 'Tenant', least: 8 },
    { title: 'Messages', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
    { title: 'Deleted', align: 'right' as const },
    { title: '' },
  ];
  const rows = found.map((one): Cell[] => [
    one.address,
    one.tenant,
    formatCount(one.messages),
    one.quotaBytes === null ? formatSize(one.bytes) : `${formatSize(one.bytes)} of ${formatSize(one.quotaBytes)}`,
    formatCount(one.recoverableMessages),
    one.held ? { text: 'legal hold', tone: 'warn' } : '',
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  terminal.print(rows.length === 0 ? 'There are no accounts.' : `${formatCount(rows.length)} accounts.`);
  return EXIT.done;
}

async function show(address: string, { json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const found = await server.call<Folder[]>('mailbox.show', { address });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Mailbox', least: 12 },
    { title: 'Use' },
    { title: 'Messages', align: 'right' as const },
    { title: 'Unread', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
  ];
  const rows = found.map((one): Cell[] => [
    harmless(one.name),
    one.specialUse ?? '',
    formatCount(one.messages),
    formatCount(one.unseen),
    formatSize(one.bytes),
  ]);
  terminal.print(formatTable(columns, rows, terminal));
  return EXIT.done;
}

async function deleted(address: string, order: Order): Promise<ExitCode> {
  const { flags, json, answer, terminal, calendar, operations } = order;
  await using server = await operations('refuses');
  const limit = flags.count('limit', SHOWN, LIMIT_MAX);
  const found = await server.call<Deleted[]>('mailbox.recoverable', { ...whatOf(address, order), limit });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Deleted' },
    { title: 'Mailbox', least: 8 },
    { title: 'From', least: 12 },
    { title: 'Subject', least: 20 },
    { title: 'Size', align: 'right' as const },
  ];
  const rows = found.map((one): Cell[] => [
    formatMoment(Date.parse(one.expungedAt), calendar),
    harmless(one.mailbox),
    harmless(one.from),
    harmless(one.subject),
    formatSize(one.bytes),
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  terminal.print(
    rows.length === 0
      ? 'Nothing that was deleted can be recovered.'
      : `${formatCount(rows.length)} ${rows.length === limit ? 'newest ' : ''}can be recovered: holdfast mailbox recover ${address}`,
  );
  return EXIT.done;
}

async function recover(address: string, order: Order): Promise<ExitCode> {
  const { json, answer, terminal, operations } = order;
  await using server = await operations('changes');
  const done = await server.call<{ messages: number }>('mailbox.recover', whatOf(address, order));
  if (json) answer(done);
  else if (done.messages === 0) terminal.print('Nothing that was deleted matches.');
  else terminal.print(`${formatCount(done.messages)} messages are back where they were.`);
  return done.messages === 0 ? EXIT.no : EXIT.done;
}

async function purge(address: string, { flags, json, answer, terminal, operations }: Order): Promise<ExitCode> {
  if (!flags.is('now')) throw usage('Add --now: what was deleted is gone for good then.');
  await using server = await operations('changes');
  const done = await server.call<{ messages: number }>('mailbox.purge', { address }, { deadlineMs: PURGE_MS });
  if (json) answer(done);
  else terminal.print(`${formatCount(done.messages)} deleted messages are gone for good.`);
  return EXIT.done;
}

async function hold(address: string, held: boolean, order: Order): Promise<ExitCode> {
  const { flags, json, answer, terminal, operations } = order;
  await using server = await operations('changes');
  const reason = flags.text('reason') ?? undefined;
  const done = await server.call('mailbox.hold', { address, held, reason });
  if (json) answer(done);
  else if (held) terminal.print(`${address} is under legal hold: nothing that is deleted there is purged.`);
  else terminal.print(`${address} is no longer under legal hold.`);
  return EXIT.done;
}

async function purging(act: string | undefined, order: Order): Promise<ExitCode> {
  const { json, answer, terminal, operations, calendar } = order;
  await using server = await operations(act === undefined ? 'refuses' : 'changes');
  const paused = act === undefined ? undefined : act === 'pause';
  const state = await server.call<Purging>('mailbox.purging', { paused });
  if (json) {
    answer(state);
    return EXIT.done;
  }
  const left = state.etaSeconds === null ? '' : `, about ${formatSpan(state.etaSeconds * 1_000, calendar.language)}`;
  if (state.paused) terminal.print('The purge is paused: holdfast mailbox purging resume.');
  else if (state.backlog === 0) terminal.print('Nothing waits to be purged.');
  else terminal.print(`${formatCount(state.backlog)} messages wait to be purged, ${state.pace} a second${left}.`);
  if (state.waitsForPeople) terminal.print('It stands still because people are at work.');
  terminal.print(`${formatCount(state.purged)} purged since the start.`);
  return EXIT.done;
}

function whatOf(address: string, { flags }: Order) {
  return { address, since: flags.text('since'), mailbox: flags.text('folder') };
}
