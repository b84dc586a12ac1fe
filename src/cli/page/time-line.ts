/** The time line of a mail: one row an event, time left, what happened and by whom right; gaps longer than usual are drawn as such. */
import type { TracedMail, TraceEvent } from '../shapes.ts';
import { harmless, pad, widthOf, wrap } from '../table.ts';
import type { Terminal, Tone } from '../terminal.ts';
import { type Calendar, formatClock, formatDay, formatSpan, isSameDay } from '../when.ts';
import { type MergedEvent, mergeEvents } from './merged-events.ts';
import type { Words } from './sayings.ts';
import type { Whereabouts } from './whereabouts.ts';
import { wordsOf } from './words.ts';

/** A step that needs no waiting takes milliseconds; whoever looks at a trace asks about what takes longer. */
const USUAL_MS = 5_000;
const EVENTS_MAX = 200;
const CLOCK_WIDTH = '14:32:07'.length;
const GAP = '  ';

const TONES: Readonly<Record<string, Tone>> = {
  delivered: 'ok',
  deferred: 'warn',
  held: 'warn',
  approval: 'warn',
  bounced: 'bad',
  discarded: 'bad',
  expired: 'bad',
};

interface Page {
  readonly words: Words;
  readonly calendar: Calendar;
  readonly terminal: Terminal;
  readonly widths: { readonly stage: number; readonly kind: number; readonly by: number };
  /** Whether rows have to say whom they are about. */
  readonly several: boolean;
}

/** Rows of the time line; empty where nothing is recorded. */
export function formatTimeLine(
  mail: TracedMail,
  all: readonly Whereabouts[],
  calendar: Calendar,
  terminal: Terminal,
): string {
  const words = wordsOf(calendar.language);
  const merged = mergeEvents(mail.events);
  const shown = merged.slice(-EVENTS_MAX);
  const widest = (texts: string[]): number => Math.max(0, ...texts.map(widthOf));
  const widths = {
    stage: widest(shown.map(({ event }) => words.stage[event.stage])),
    kind: widest(shown.map(({ event }) => words.kind[event.kind])),
    by: widest(shown.map(({ event }) => event.component ?? '')),
  };
  const page = { words, calendar, terminal, widths, several: all.length > 1 };
  const hidden = merged.length - shown.length;
  const lines = hidden === 0 ? [] : [terminal.paint('quiet', `${GAP}… ${words.earlier(hidden)}`)];
  for (const [i, one] of shown.entries()) lines.push(...between(shown[i - 1]?.event, one.event, page), row(one, page));
  const last = shown.at(-1)?.event;
  if (last !== undefined) lines.push(...untilNow(last, all, page));
  return lines.join('\n');
}

// A new day is named, and a wait that is longer than usual is drawn.
function between(before: TraceEvent | undefined, event: TraceEvent, page: Page): string[] {
  const at = Date.parse(event.at);
  const last = before === undefined ? page.calendar.now : Date.parse(before.at);
  const gap = before !== undefined && at - last > USUAL_MS ? [gapLine(before, at - last, page)] : [];
  if (isSameDay(at, last, page.calendar)) return gap;
  return [...gap, page.terminal.paint('quiet', `${GAP}${formatDay(at, page.calendar)}`)];
}

function row(merged: MergedEvent, page: Page): string {
  const { event } = merged;
  const { words, terminal, widths, calendar } = page;
  const head = [
    formatClock(Date.parse(event.at), calendar),
    terminal.paint('quiet', pad(words.stage[event.stage], widths.stage)),
    terminal.paint(TONES[event.kind] ?? 'plain', pad(words.kind[event.kind], widths.kind)),
  ];
  const indent = GAP.length * 4 + CLOCK_WIDTH + widths.stage + widths.kind;
  const room = terminal.columns - indent - (widths.by === 0 ? 0 : widths.by + GAP.length);
  const [first = '', ...more] = wrap(harmless(detailOf(merged, page)), room).split('\n');
  const by = (event.component ?? '') === '' ? '' : GAP + terminal.paint('quiet', event.component ?? '');
  const lines = [GAP + [...head, by === '' ? first : pad(first, room)].join(GAP) + by];
  return [...lines, ...more.map((line) => ' '.repeat(indent) + line)].map((line) => line.trimEnd()).join('\n');
}

function detailOf({ event, recipients }: MergedEvent, { words, calendar, several }: Page): string {
  const { kind, detail, attempt = 0, elapsedMs = 0, peer = null } = event;
  const who = several && recipients.length > 0 ? words.whom(recipients) : '';
  const text = [who, words.detail(kind, detail)].filter((part) => part !== '').join(': ');
  const extras = [
    ...(peer === null || peer === '' ? [] : [words.at(peer)]),
    ...(attempt > 1 ? [words.nth(attempt)] : []),
    ...(elapsedMs >= 1_000 ? [words.took(formatSpan(elapsedMs, calendar.language))] : []),
  ];
  return `${text}${extras.length === 0 ? '' : ` (${extras.join(', ')})`}`;
}

function gapLine(before: TraceEvent, ms: number, { words, calendar, terminal }: Page): string {
  const text = words.gap(before.kind, formatSpan(ms, calendar.language));
  return terminal.paint(
    'quiet',
    `${GAP}${' '.repeat(CLOCK_WIDTH / 2)}┊${' '.repeat(CLOCK_WIDTH / 2 - 1)}${GAP}${text}`,
  );
}

// What is still under way goes on to now.
function untilNow(last: TraceEvent, all: readonly Whereabouts[], page: Page): string[] {
  const live = all.filter((where) => where.live);
  if (live.length === 0) return [];
  const { words, calendar, terminal } = page;
  const waited = calendar.now - Date.parse(last.at);
  const states = [...new Set(live.map(({ state }) => words.state[state]))].join(', ');
  const now = `${GAP}${formatClock(calendar.now, calendar)}${GAP}${terminal.paint('strong', `${words.label.now}: ${states}`)}`;
  return waited > USUAL_MS ? [gapLine(last, waited, page), now] : [now];
}
