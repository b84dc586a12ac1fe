/** When what happens by itself, from durations that people write. */
import { z } from 'zod';
import { parseDuration } from '#/codec/forms/index.ts';
import { type CampaignPlan, Refusal } from '#/ports/index.ts';
import { PLAN_DEFAULTS, PLAN_MS_MAX } from './limits.ts';

const duration = z.string().max(20).optional();

/** Durations such as `24h`. */
export const planInput = {
  /** How long tenants choose, from now. */
  choice: duration,
  /** How long before the run choices close. */
  closed: duration,
  /** How long before the run the list is frozen. */
  frozen: duration,
};

/** Refuses what is no duration, or in no order. */
export function planOf(times: z.output<z.ZodObject<typeof planInput>>, now: number): CampaignPlan {
  const choiceMs = msOf('choice', times.choice, PLAN_DEFAULTS.choiceMs);
  const closedMs = msOf('closed', times.closed, PLAN_DEFAULTS.closedMs);
  const frozenMs = msOf('frozen', times.frozen, Math.min(PLAN_DEFAULTS.frozenMs, closedMs));
  if (frozenMs > closedMs)
    throw new Refusal(2, 'The list can’t be frozen before choices close: give "frozen" at most as long as "closed".');
  const closesAt = now + choiceMs;
  const startsAt = closesAt + closedMs;
  return { closesAt, freezesAt: startsAt - frozenMs, startsAt };
}

function msOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const ms = parseDuration(text);
  if (ms === null || ms < 0 || ms > PLAN_MS_MAX)
    throw new Refusal(2, `${name}: "${text}" is not a duration such as 30m or 24h, of at most 90 days.`);
  return ms;
}
