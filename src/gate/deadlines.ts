/** When a silent or slow peer has had its time. Looked at about once a second for all sessions; no command has a timer of its own. */
import type { World } from './world.ts';

/** A body on its way: since when, how much, heard of when. Monotonic ms and octets. */
export class BodyPhase {
  readonly startedAt: number;
  heardAt: number;
  bytes = 0;

  constructor(now: number) {
    this.startedAt = now;
    this.heardAt = now;
  }
}

/** The times of one session, monotonic ms. */
export interface Pace {
  readonly startedAt: number;
  /** The last whole command or reply: single octets of a command buy no time. */
  heardAt: number;
  body: BodyPhase | null;
  /** When a pending commit has taken too long. */
  commitAt: number | null;
}

/** What of a session its patience depends on. */
export interface Patience {
  readonly principal: object | null;
  readonly transaction: object | null;
  readonly rules: { readonly takesFromStrangers: boolean };
}

/** The time at which the session is over if nothing happens. */
export function deadlineOf(pace: Pace, session: Patience, world: World): number {
  const { limits } = world.settings;
  if (pace.body !== null) return bodyDeadline(pace.body, world);
  const squeezed = session.principal === null && world.admission.underPressure;
  const silence = pace.heardAt + (squeezed ? limits.commandMsUnderPressure : limits.commandMs);
  const mustSignIn = session.principal === null && !session.rules.takesFromStrangers;
  const signIn = mustSignIn ? pace.startedAt + limits.signInMs : Number.POSITIVE_INFINITY;
  const whole = session.transaction === null ? pace.startedAt + limits.sessionMs : Number.POSITIVE_INFINITY;
  return Math.min(silence, signIn, whole);
}

/**
 * Whether a session that is between two mails must go because the gate closes. Who has just come may send a first mail, while they speak:
 * a planned replacement turns nobody away (M6).
 */
export function mustLeave(pace: Pace, { newcomer }: { readonly newcomer: boolean }, world: World): boolean {
  const { closingSince, now, settings } = world;
  if (closingSince === null) return false;
  const { newcomerMs, newcomerSilenceMs } = settings.limits;
  return !newcomer || now > pace.heardAt + newcomerSilenceMs || now > closingSince + newcomerMs;
}

/** Each block has its time, and the whole must keep a pace: an octet a minute is no mail. */
function bodyDeadline(body: BodyPhase, { settings: { limits } }: World): number {
  const paced = limits.bodyGraceMs + (body.bytes / limits.bodyBytesPerSecondMin) * 1000;
  return Math.min(body.heardAt + limits.bodyBlockMs, body.startedAt + paced);
}
