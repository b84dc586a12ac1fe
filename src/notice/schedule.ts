/** When a mail that waits for people is looked at: reminders, and the last call before its end. Pure; all times are wall-clock ms. */
import type { Wait } from '#/model/index.ts';

/** Before the end of a wait that is long enough people are told that it ends tomorrow. */
const LAST_CALL_MS = 24 * 3_600_000;
/** A wait shorter than this needs no last call: its beginning is news enough. */
const LONG_MS = 2 * LAST_CALL_MS;

type Span = Pick<Wait, 'since' | 'until'>;

/** The next moment behind `after` at which people are reminded; the end of the wait where there is none. */
export function nextLook(span: Span, reminderMs: readonly number[], after: number): number {
  return Math.min(span.until, ...moments(span, reminderMs).filter((at) => at > after));
}

/** Whether people are to be reminded now: a moment has passed since they were last told. */
export function isReminderDue(wait: Span & Pick<Wait, 'toldAt'>, reminderMs: readonly number[], now: number): boolean {
  const told = wait.toldAt ?? wait.since;
  return moments(wait, reminderMs).some((at) => at > told && at <= now);
}

function moments({ since, until }: Span, reminderMs: readonly number[]): readonly number[] {
  const reminders = reminderMs.map((ms) => since + ms);
  const lastCall = until - since >= LONG_MS ? [until - LAST_CALL_MS] : [];
  return [...reminders, ...lastCall].filter((at) => at < until);
}
