import { parseDuration } from '#/codec/forms/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { wordsOf } from '../page/words.ts';
import type { AuditAnswer, AuditLine, BookName } from '../shapes.ts';
import { formatTable } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

const QUICK_MS = 10 * 60_000;
const LOG_SHOWN = 50;
const LOG_MAX = 1_000;
const FULL_MS = 24 * 60 * 60_000;
const COLUMNS: readonly BookName[] = ['accepted', 'delivered', 'bounced', 'discarded', 'expired', 'held', 'queued'];

export const audit: Verb = {
  usage: ['audit [--full] [--timeout DURATION] [--json]', 'audit --log [--limit N] [--json]'],
  about:
    'Counts every recipient again, by code that shares nothing with the live books: accepted = delivered + bounced + discarded + expired + held + queued, for each tenant. Looks for rows that nothing will move, mends what can be mended, and names the rest. Exits 1 where the books do not balance. Also says whether the log of operators’ acts is as it was written; --log shows it.',
  flags: {
    full: { kind: 'yes', help: 'also check length and hash of all content' },
    log: { kind: 'yes', help: 'show who did what to mail, relays and resources, and why' },
    limit: { kind: 'text', value: 'N', help: `--log: the newest N entries (${LOG_SHOWN})` },
    timeout: { kind: 'text', value: 'DURATION', help: 'how long it may take (10m; 24h with --full)' },
  },
  examples: ['holdfast audit', 'holdfast audit --full --json', 'holdfast audit --log'],
  run: async (order) => {
    if (order.flags.words.length > 0) throw usage('audit takes no words; did you mean --full?');
    if (order.flags.is('log')) return showLog(order);
    const full = order.flags.is('full');
    const deadlineMs = timeoutOf(order.flags.text('timeout')) ?? (full ? FULL_MS : QUICK_MS);
    await using server = await order.operations('changes');
    if (full) order.terminal.progress('Reading and hashing all content …');
    const found = await server.call<AuditAnswer>('books.audit', { full }, { deadlineMs, repeatable: true });
    if (order.json) order.answer(found);
    else show(found, full, order);
    return exitOf(found);
  },
};

function exitOf({ balanced, orphans }: AuditAnswer): ExitCode {
  return balanced && orphans.every(({ mended }) => mended) ? EXIT.done : EXIT.no;
}

function show(found: AuditAnswer, full: boolean, { terminal, calendar }: Order): void {
  const words = wordsOf(calendar.language);
  const columns = [
    { title: words.label.tenant, least: 12 },
    ...COLUMNS.map((name) => ({ title: words.book[name], align: 'right' as const })),
  ];
  const rows = found.tenants.map((line) => [line.tenant, ...COLUMNS.map((name) => formatCount(line[name]))]);
  terminal.print(rows.length === 0 ? 'No tenant has had mail yet.' : formatTable(columns, rows, terminal));
  for (const { message, recipient, fault, mended } of found.orphans) {
    const what = mended ? terminal.paint('warn', 'put right') : terminal.paint('bad', 'needs you');
    terminal.print(`${what}  ${message} recipient ${recipient}: ${fault}`);
  }
  const brokenAt = found.auditLog?.brokenAt ?? null;
  if (brokenAt !== null) terminal.print(`\n${broken(brokenAt, terminal)}`);
  terminal.print(`\n${outcome(found, full, terminal)}`);
}

function broken(at: number, terminal: Order['terminal']): string {
  const text = `The log of operators’ acts was changed by other hands: entry ${formatCount(at)} is not as it was written. Keep a copy of control.db, and compare it with a backup.`;
  return terminal.paint('bad', text);
}

async function showLog({ flags, terminal, calendar, json, answer, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const limit = flags.count('limit', LOG_SHOWN, LOG_MAX);
  const lines = await server.call<AuditLine[]>('audit.log', { limit });
  const columns = [{ title: 'WHEN' }, { title: 'WHO' }, { title: 'ACT' }, { title: 'ON' }, { title: 'WHY', least: 12 }];
  const rows = lines.map(({ at, by, act, subject, reason }) => [
    formatMoment(Date.parse(at), calendar),
    by,
    act,
    subject,
    reason,
  ]);
  if (json) answer(lines);
  else terminal.print(lines.length === 0 ? 'Nobody has done anything yet.' : formatTable(columns, rows, terminal));
  return EXIT.done;
}

function outcome(found: AuditAnswer, full: boolean, terminal: Order['terminal']): string {
  const total = found.tenants.reduce((sum, { accepted }) => sum + accepted, 0);
  const lost = found.orphans.filter(({ mended }) => !mended).length;
  if (exitOf(found) === EXIT.done) {
    const content = full ? ', and all content is as it was accepted' : '';
    const who = total === 1 ? 'the one recipient is' : `all ${formatCount(total)} recipients are`;
    return terminal.paint('ok', `The books balance: ${who} accounted for${content}.`);
  }
  const rows =
    lost === 0
      ? ''
      : ` ${formatCount(lost)} ${lost === 1 ? 'recipient needs' : 'recipients need'} you: "holdfast trace ID" tells more.`;
  return terminal.paint(
    'bad',
    `The books do not balance.${rows} Keep the data directory as it is, and look at the log.`,
  );
}

function timeoutOf(text: string | null): number | null {
  if (text === null) return null;
  const ms = parseDuration(text);
  if (ms === null || ms < 1_000) throw usage(`--timeout wants a duration like 10m or 2h, not '${text}'.`);
  return ms;
}
