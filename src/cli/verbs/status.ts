import type { ComponentState } from '#/model/index.ts';
import { STEWARD_SOCKET } from '#/roles/places.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { type Cell, formatTable, wrap } from '../table.ts';
import type { Tone } from '../terminal.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment, formatSpan } from '../when.ts';

interface Shown {
  readonly at: string;
  readonly region: string;
  readonly components: readonly {
    readonly id: string;
    readonly state: ComponentState;
    readonly since: string;
    readonly uptime: number | null;
    readonly reasons: readonly { readonly text: { readonly en: string; readonly ja: string } }[];
  }[];
  readonly flow: {
    readonly waiting: number;
    readonly oldestSeconds: number | null;
    readonly arrivedPerMinute: number;
    readonly leftPerMinute: number;
    readonly drainSeconds: number | null;
  } | null;
  readonly page: {
    readonly id: string;
    readonly beganAt: string;
    readonly acknowledged: { readonly by: string; readonly at: string } | null;
    readonly escalated: boolean;
  } | null;
}

export const status: Verb = {
  usage: ['status [--json]', 'status ack'],
  about:
    'How each component does, why, since when, and what waits: what /status shows, from the steward itself, so that it answers while other processes do not. Exits 1 where a component is ill. ack says that somebody has seen the page: nobody else is called, unless it gets worse.',
  flags: {},
  examples: ['holdfast status', 'holdfast status ack', 'holdfast status --json'],
  run: async (order) => {
    const [act = 'show', more] = order.flags.words;
    if (more !== undefined) throw usage(`status ${act} takes no more words.`);
    if (act === 'show') return show(order);
    if (act === 'ack') return acknowledge(order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`status knows no '${act}': ${suggestion(act, ['show', 'ack'])}`);
  },
};

const WORDS: Readonly<Record<ComponentState, { readonly text: string; readonly tone: Tone }>> = {
  operational: { text: '● works', tone: 'ok' },
  degraded_performance: { text: '▲ slow', tone: 'warn' },
  partial_outage: { text: '◆ partly out', tone: 'bad' },
  major_outage: { text: '✕ out', tone: 'bad' },
  under_maintenance: { text: '■ maintenance', tone: 'quiet' },
};

async function show({ operations, json, answer, terminal, calendar }: Order): Promise<ExitCode> {
  await using steward = await operations('refuses', STEWARD_SOCKET);
  const found = await steward.call<Shown>('status.show', {}, { repeatable: true });
  const ill = found.components.filter(({ state }) => state !== 'operational' && state !== 'under_maintenance');
  if (json) answer(found);
  else {
    const columns = [
      { title: 'Component' },
      { title: 'State' },
      { title: 'Since' },
      { title: '90 days', align: 'right' as const },
      { title: 'Why', least: 20 },
    ];
    const rows = found.components.map(({ id, state, since, uptime, reasons }): Cell[] => [
      id,
      WORDS[state],
      formatMoment(Date.parse(since), calendar),
      uptime === null ? '–' : `${(Math.floor(uptime * 100_000) / 1_000).toFixed(2)} %`,
      reasons.map(({ text }) => text[calendar.language]).join(' '),
    ]);
    terminal.print(`${formatTable(columns, rows, terminal)}\n`);
    for (const line of [flowLine(found, calendar.language), pageLine(found, calendar)])
      if (line !== null) terminal.print(`${wrap(line, terminal.columns)}\n`);
    terminal.print(outcome(ill.length, terminal));
  }
  return ill.length === 0 ? EXIT.done : EXIT.no;
}

function outcome(ill: number, terminal: Order['terminal']): string {
  if (ill === 0) return terminal.paint('ok', 'All components work.');
  return terminal.paint('bad', `${ill} ${ill === 1 ? 'component is' : 'components are'} ill.`);
}

function flowLine({ flow }: Shown, language: 'en' | 'ja'): string | null {
  if (flow === null) return 'What waits is not known: custody does not answer.';
  const { waiting, oldestSeconds, drainSeconds, arrivedPerMinute, leftPerMinute } = flow;
  const oldest =
    oldestSeconds === null ? 'none is due' : `the oldest for ${formatSpan(oldestSeconds * 1_000, language)}`;
  const through =
    drainSeconds === null
      ? ', and they do not get fewer'
      : waiting === 0
        ? ''
        : `, through in ${formatSpan(drainSeconds * 1_000, language)}`;
  const pace = `${Math.round(arrivedPerMinute)} come and ${Math.round(leftPerMinute)} go a minute`;
  return `${formatCount(waiting)} recipients wait, ${oldest}${through}; ${pace}.`;
}

function pageLine({ page }: Shown, calendar: Order['calendar']): string | null {
  if (page === null) return null;
  const { beganAt, acknowledged, escalated } = page;
  const moment = (time: string): string => formatMoment(Date.parse(time), calendar);
  const called = `Operators are called since ${moment(beganAt)}${escalated ? ', the second contact too' : ''}`;
  return acknowledged === null
    ? `${called}; "holdfast status ack" says that you have seen it.`
    : `${called}; ${acknowledged.by} has seen it at ${moment(acknowledged.at)}.`;
}

async function acknowledge({ operations, json, answer, terminal }: Order): Promise<ExitCode> {
  await using steward = await operations('refuses', STEWARD_SOCKET);
  const done = await steward.call<{ id: string }>('status.ack', {});
  if (json) answer(done);
  else terminal.print('Nobody else is called, unless it gets worse.');
  return EXIT.done;
}
