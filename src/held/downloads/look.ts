/** What is to become of a link now: a pure look at it and at the trace of its mail. */
import { isLive, type JournalEvent } from '#/model/index.ts';
import type { DueLink, LookResult, Trace } from '#/ports/index.ts';
import type { DownloadLimits } from './limits.ts';

/** While its mail waits: soon at first, then once a minute; after an hour rarer, so that thousands that wait for days cost nothing. */
const LOOK_MS_MIN = 5_000;
const MINUTE_MS = 60_000;
const LOOK_MS_MAX = 3_600_000;
/** A look is late by no more than this part of the time that its mail has waited. */
const LATE_PART = 1 / 60;
/** A mail whose trace is not there yet is about to be; one that has none for so long is none. */
const UNKNOWN_MS = 3_600_000;

export function lookAt(link: DueLink, trace: Trace | null, now: number, limits: DownloadLimits): LookResult {
  if (link.state === 'open') return lookAtOpen(link, now, limits);
  const recipient = trace?.recipients.find(({ n }) => n === link.n);
  const ageMs = Math.max(0, now - link.madeAt);
  if (recipient === undefined) return ageMs > UNKNOWN_MS ? never(now) : later(now, ageMs);
  if (isLive(recipient.state)) return later(now, ageMs);
  const events = trace?.events.filter((event) => event.recipient === link.n) ?? [];
  if (recipient.state !== 'delivered' || !isByVersion(link, events)) return never(now);
  const at = events.find(({ kind }) => kind === 'delivered')?.at ?? now;
  const expiresAt = at + link.expireMs;
  const lookAt = link.proof === 'password' ? Math.min(at + limits.passwordAfterMs, expiresAt) : expiresAt;
  return { kind: 'sent', at, expiresAt, lookAt };
}

function lookAtOpen(
  { proof, told, sentAt, expiresAt }: DueLink,
  now: number,
  { passwordAfterMs }: DownloadLimits,
): LookResult {
  if (expiresAt === null || expiresAt <= now) return { kind: 'ended', at: now, reason: 'expired' };
  if (proof !== 'password' || told) return { kind: 'later', lookAt: expiresAt };
  const tellAt = (sentAt ?? now) + passwordAfterMs;
  return tellAt > now ? { kind: 'later', lookAt: tellAt } : { kind: 'told', lookAt: expiresAt };
}

/** Inspected again under other rules, its mail went without this link: the newest verdict says by which. */
function isByVersion({ version }: DueLink, events: readonly JournalEvent[]): boolean {
  const newest = events.findLast(({ kind }) => kind === 'verdict');
  return newest === undefined || newest.ruleVersion === null || newest.ruleVersion === version;
}

function later(now: number, ageMs: number): LookResult {
  const soonMs = Math.min(MINUTE_MS, Math.max(LOOK_MS_MIN, ageMs));
  const waitMs = Math.min(LOOK_MS_MAX, Math.max(soonMs, Math.floor(ageMs * LATE_PART)));
  return { kind: 'later', lookAt: now + waitMs };
}

function never(now: number): LookResult {
  return { kind: 'ended', at: now, reason: 'never sent' };
}
