import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { type Cell, formatTable, harmless, wrap } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment, formatSpan } from '../when.ts';

interface Figures {
  readonly sessions: number;
  readonly unreachable: number;
  readonly delivered: number;
  readonly deferred: number;
  readonly bounced: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

interface Listed {
  readonly provider: string;
  readonly name: string;
  readonly trouble: { readonly since: string; readonly last: string; readonly signs: number } | null;
  readonly lastServedAt: string | null;
  readonly last5Minutes: Figures;
  readonly last60Minutes: Figures;
  readonly waiting: number;
  readonly tenants: number;
  readonly oldestAt: string | null;
  readonly forecastMs: number | null;
}

interface Shown extends Listed {
  readonly destinations: readonly {
    readonly destination: string;
    readonly delivered: number;
    readonly deferred: number;
    readonly bounced: number;
    readonly troubleSince: string | null;
    readonly waiting: number;
  }[];
  readonly moreDestinations: number;
  readonly byTenant: readonly {
    readonly tenant: string;
    readonly delivered: number;
    readonly deferred: number;
    readonly bounced: number;
  }[];
  readonly resting: readonly { readonly address: string; readonly until: string }[];
  readonly refusals: readonly {
    readonly class: string;
    readonly code: number;
    readonly words: string;
    readonly count: number;
    readonly lastAt: string;
  }[];
}

export const upstream: Verb = {
  usage: ['upstream list', 'upstream show PROVIDER'],
  about:
    'How the mail servers of each provider took our mail in the last minutes: connections, deliveries, refusals, how long an attempt took, since when there has been trouble, and what waits. show adds its destinations and its words. Exits 1 where one is in trouble.',
  flags: {},
  examples: ['holdfast upstream list', 'holdfast upstream show microsoft-365', 'holdfast upstream list --json'],
  run: async (order) => {
    const [act = 'list', provider, more] = order.flags.words;
    if (act === 'list' && provider === undefined) return list(order);
    if (act === 'show' && provider !== undefined && more === undefined) return show(provider, order);
    if (act === 'show') throw usage('Say which one: holdfast upstream show PROVIDER.');
    throw usage('upstream knows two things: holdfast upstream list, and holdfast upstream show PROVIDER.');
  },
};

async function list({ operations, json, answer, terminal, calendar }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const all = await server.call<readonly Listed[]>('upstream.list', {}, { repeatable: true });
  const ill = all.filter(({ trouble }) => trouble !== null).length;
  if (json) answer(all);
  else if (all.length === 0) terminal.print('No mail went to other servers within the hour.');
  else {
    const columns = [
      { title: 'Provider' },
      { title: 'State' },
      { title: 'Sent', align: 'right' as const },
      { title: 'Later', align: 'right' as const },
      { title: 'Refused', align: 'right' as const },
      { title: 'No answer', align: 'right' as const },
      { title: '95 % within', align: 'right' as const },
      { title: 'Waiting', align: 'right' as const },
    ];
    const rows = all.map(({ provider, trouble, last60Minutes: hour, last5Minutes, waiting }): Cell[] => [
      harmless(provider),
      trouble === null
        ? { text: '● takes mail', tone: 'ok' }
        : { text: `◆ since ${formatMoment(Date.parse(trouble.since), calendar)}`, tone: 'bad' },
      formatCount(hour.delivered),
      formatCount(hour.deferred),
      formatCount(hour.bounced),
      formatCount(hour.unreachable),
      last5Minutes.p95Ms === 0 ? '–' : formatSpan(last5Minutes.p95Ms, calendar.language),
      formatCount(waiting),
    ]);
    terminal.print(`${formatTable(columns, rows, terminal)}\n`);
    terminal.print(
      'Counts are of the last hour, times of the last 5 minutes. "holdfast upstream show PROVIDER" says more.',
    );
  }
  return ill === 0 ? EXIT.done : EXIT.no;
}

async function show(provider: string, { operations, json, answer, terminal, calendar }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const one = await server.call<Shown>('upstream.show', { provider }, { repeatable: true });
  if (json) answer(one);
  else {
    const moment = (at: string): string => formatMoment(Date.parse(at), calendar);
    terminal.print(`${wrap(headline(one, moment, calendar.language), terminal.columns)}\n`);
    const rows = one.destinations.map(
      ({ destination, delivered, deferred, bounced, troubleSince, waiting }): Cell[] => [
        harmless(destination),
        ...[delivered, deferred, bounced, waiting].map(formatCount),
        troubleSince === null ? '' : moment(troubleSince),
      ],
    );
    const right = { align: 'right' as const };
    const columns = [
      { title: 'Destination', least: 16 },
      { title: 'Sent', ...right },
      { title: 'Later', ...right },
      { title: 'Refused', ...right },
      { title: 'Waiting', ...right },
      { title: 'Not since' },
    ];
    terminal.print(`${formatTable(columns, rows, terminal)}\n`);
    if (one.moreDestinations > 0) terminal.print(`And ${formatCount(one.moreDestinations)} more destinations.\n`);
    const whose = one.byTenant.map(({ tenant, delivered, deferred, bounced }): Cell[] => [
      harmless(tenant),
      ...[delivered, deferred, bounced].map(formatCount),
    ]);
    const counts = [
      { title: 'Sent', ...right },
      { title: 'Later', ...right },
      { title: 'Refused', ...right },
    ];
    if (whose.length > 0) terminal.print(`${formatTable([{ title: 'Tenant' }, ...counts], whose, terminal)}\n`);
    for (const { address, until } of one.resting)
      terminal.print(`Our address ${address} is not trusted there, and rests until ${moment(until)}.\n`);
    const said = one.refusals.map(({ class: of, code, words, count, lastAt }): Cell[] => [
      of,
      formatCount(count),
      moment(lastAt),
      `${code === 0 ? '' : `${code} `}${harmless(words)}`,
    ]);
    const saying = [{ title: 'Kind' }, { title: 'Times', ...right }, { title: 'Last' }, { title: 'Words', least: 24 }];
    if (said.length > 0) terminal.print(formatTable(saying, said, terminal));
  }
  return one.trouble === null ? EXIT.done : EXIT.no;
}

function headline(one: Shown, moment: (at: string) => string, language: 'en' | 'ja'): string {
  const { name, trouble, lastServedAt, waiting, tenants, oldestAt, forecastMs } = one;
  const served = lastServedAt === null ? 'has taken no mail yet' : `took mail last at ${moment(lastServedAt)}`;
  const state =
    trouble === null
      ? `${name} takes our mail`
      : `${name} has been in trouble since ${moment(trouble.since)} (last sign ${moment(trouble.last)}, ${formatCount(trouble.signs)} in all); it ${served}`;
  if (waiting === 0 || oldestAt === null) return `${state}. Nothing waits for it.`;
  const through =
    forecastMs === null ? 'nothing gets through now' : `through in ${formatSpan(forecastMs, language)} at this pace`;
  return `${state}. ${formatCount(waiting)} recipients of ${formatCount(tenants)} tenants wait for it, the oldest since ${moment(oldestAt)}; ${through}.`;
}
