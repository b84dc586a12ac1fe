/** `policy test FILE --since 7d`: what a draft of rules would have done to the mail of the last days. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatComplaints, prepareResources, rulesOnly } from '#/config/index.ts';
import { Refusal } from '#/ports/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { usage } from './flags.ts';
import { type Cell, formatTable, harmless } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Order } from './verb.ts';
import { type Calendar, formatCount, formatMoment } from './when.ts';

interface Rehearsed {
  readonly tenant: string;
  readonly since: string;
  readonly from: string | null;
  readonly mails: number;
  readonly recipients: number;
  readonly missing: number;
  readonly cut: boolean;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly unanswered: { readonly draft: number; readonly now: number };
  readonly moves: Readonly<Record<string, number>>;
  readonly rules: readonly {
    readonly rule: string;
    readonly recipients: number;
    readonly mails: number;
    readonly first: readonly string[];
    readonly unanswered: number;
  }[];
  readonly changes: readonly {
    readonly mail: string;
    readonly recipient: number;
    readonly before: Fate;
    readonly after: Fate;
  }[];
  readonly warnings: readonly string[];
}

interface Fate {
  readonly kind: string;
  readonly rule: string | null;
}

/** A week of a busy tenant is read in pieces, in a server that has people to serve. */
const REHEARSAL_MS = 300_000;
/** Mails that are named of a rule, and changes that are shown one by one. */
const NAMED = 3;
const CHANGES = 10;

/** The file is one that `apply` takes. */
export async function rehearse(file: string, since: string, order: Order): Promise<ExitCode> {
  const { flags, world, terminal, calendar, json, answer, operations } = order;
  if (flags.text('from') !== null || flags.texts('to').length > 0)
    throw usage('--from and --to are for a mail in a file; with --since past mail is looked at.');
  const read = prepareResources(file, await textOf(resolve(world.cwd, file)), { env: world.env, cwd: world.cwd });
  if ('mistakes' in read) throw usage(formatComplaints(read.mistakes));
  await using server = await operations('reads');
  const { document, ...prepared } = read.prepared;
  const rules = rulesOnly(document);
  const input = { ...prepared, document: rules, tenant: flags.text('tenant'), since, prune: flags.is('prune') };
  const found = await server.call<Rehearsed>('policy.rehearse', input, { deadlineMs: REHEARSAL_MS });
  if (json) answer(found);
  else show(found, terminal, calendar);
  return EXIT.done;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Refusal(EXIT.usage, `${path} can't be read (${why}).`);
  }
}

function show(found: Rehearsed, terminal: Terminal, calendar: Calendar): void {
  const { warnings, mails, recipients, tenant, since, rules } = found;
  if (warnings.length > 0) terminal.note(terminal.paint('warn', harmless(warnings.join('\n'))));
  terminal.print(
    `${counted(mails, 'mail')} of ${tenant} since ${formatMoment(Date.parse(since), calendar)}, to ${counted(recipients, 'recipient')}.`,
  );
  if (rules.length > 0) terminal.print(`\n${formatTable(COLUMNS, rules.map(ruleRow), terminal)}`);
  terminal.print(`\nThe draft: ${listed(found.outcomes)}.`);
  const moved = Object.keys(found.moves).length > 0;
  terminal.print(moved ? `Other than now: ${listed(found.moves)}.` : 'Other than now: nothing.');
  for (const { mail, recipient, before, after } of found.changes.slice(0, CHANGES))
    terminal.print(harmless(`  ${mail} recipient ${recipient}: ${fateOf(before)} → ${fateOf(after)}`));
  for (const line of gapsOf(found, calendar)) terminal.print(terminal.paint('warn', line));
}

const COLUMNS = [
  { title: 'RULE', least: 12 },
  { title: 'RECIPIENTS', align: 'right' as const },
  { title: 'MAILS', align: 'right' as const },
  { title: 'NOT KNOWN', align: 'right' as const },
  { title: 'FIRST', least: 16 },
];

function ruleRow({ rule, recipients, mails, unanswered, first }: Rehearsed['rules'][number]): Cell[] {
  const unknown: Cell = unanswered === 0 ? '0' : { text: formatCount(unanswered), tone: 'warn' };
  return [rule, formatCount(recipients), formatCount(mails), unknown, first.slice(0, NAMED).join(' ')];
}

/** What the figures leave out, each with its reason. */
function gapsOf({ unanswered, missing, cut, from }: Rehearsed, calendar: Calendar): string[] {
  const oldest = from === null ? 'none' : formatMoment(Date.parse(from), calendar);
  return [
    ...(unanswered.draft === 0
      ? []
      : [
          `Not known for ${counted(unanswered.draft, 'recipient')}: the draft asks what nobody asked of this mail then.`,
        ]),
    ...(unanswered.now === 0
      ? []
      : [`Not compared for ${counted(unanswered.now, 'recipient')}: the rules of now ask what nobody asked then.`]),
    ...(missing === 0 ? [] : [`Missing: ${counted(missing, 'mail')} of which nothing could be kept.`]),
    ...(cut ? [`There is more mail: what came before ${oldest} was not looked at.`] : []),
  ];
}

function fateOf({ kind, rule }: Fate): string {
  return rule === null ? kind : `${kind} (${rule})`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'nothing' : some.map(([what, count]) => `${what} ${formatCount(count)}`).join(', ');
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}
