/** What programs read of mail in custody: the shapes of contract.md, and the words in which events are told. */
import { z } from 'zod';
import { adviceOf, classOfText, providerOf } from '#/codec/refusal/index.ts';
import type { Identity, JournalEvent } from '#/model/index.ts';
import { BOOK_COLUMNS, BOUNCE_CLASSES, isNeighbour, RECIPIENT_STATES, type RecipientState } from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';

/** Of what kind a refusal is, whether it is for good, and what can be done. */
const failure = z.object({
  class: z.enum(BOUNCE_CLASSES),
  final: z.boolean(),
  advice: z.object({ en: z.string(), ja: z.string() }),
});

const state = z.enum(Object.keys(RECIPIENT_STATES) as [RecipientState, ...RecipientState[]]);

export const tracedMail = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  tenant: z.string(),
  from: z.string().nullable(),
  subject: z.string(),
  receivedAt: z.string(),
  recipients: z.array(
    z.object({
      address: z.string(),
      original: z.string().nullable(),
      direction: z.string(),
      state,
      reason: z.string(),
      attempts: z.int(),
      lastReply: z.string(),
      possiblyDuplicate: z.boolean(),
      due: z.string().nullable(),
      releaseAt: z.string().nullable(),
      destination: z.string(),
      /** Of one that was refused, or was told to come again; null else. */
      failure: failure.nullable(),
    }),
  ),
  events: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      stage: z.string(),
      recipient: z.string().nullable(),
      detail: z.string(),
      component: z.string(),
      attempt: z.int(),
      elapsedMs: z.number(),
      /** The server that was tried, `host[address]:port`. */
      peer: z.string().nullable(),
      /** Whose server that is, such as `Google`. */
      provider: z.string().nullable(),
      /** Of a verdict: policy's rule, and the version of the rules that it stood in. */
      rule: z.string().nullable(),
      ruleVersion: z.string().nullable(),
    }),
  ),
});

export const queuedMail = z.object({
  id: z.string(),
  tenant: z.string(),
  from: z.string().nullable(),
  recipients: z.array(
    z.object({
      address: z.string(),
      state,
      due: z.string().nullable(),
      releaseAt: z.string().nullable(),
      attempts: z.int(),
      lastReply: z.string(),
      reason: z.string(),
      destination: z.string(),
    }),
  ),
});

export const bookLine = z.object({
  tenant: z.string(),
  accepted: z.int(),
  ...(Object.fromEntries(BOOK_COLUMNS.map((column) => [column, z.int()])) as Record<
    (typeof BOOK_COLUMNS)[number],
    z.ZodInt
  >),
});

/** A message with its way, as `trace --json` gives it. */
export function viewTrace(trace: Trace): z.input<typeof tracedMail> {
  const addresses = new Map(trace.recipients.map(({ n, address }) => [n, address as string]));
  return {
    id: trace.id,
    parent: trace.parent,
    tenant: trace.tenant,
    from: trace.from,
    subject: trace.subject,
    receivedAt: time(trace.receivedAt),
    recipients: trace.recipients.map((recipient) => ({
      ...viewRecipient(recipient),
      original: recipient.original,
      direction: recipient.direction,
      possiblyDuplicate: recipient.possiblyDuplicate,
      failure: failureOf(recipient),
    })),
    events: trace.events.map((event) => ({
      at: time(event.at),
      kind: event.kind,
      stage: event.stage,
      recipient: addresses.get(event.recipient) ?? null,
      detail: tell(event, trace),
      component: event.component,
      attempt: event.attempt,
      elapsedMs: event.elapsedMs,
      peer: event.provider,
      provider: providerNameOf(event.provider),
      rule: event.rule,
      ruleVersion: event.ruleVersion,
    })),
  };
}

/** A message with its live recipients, as `queue list --json` gives it. */
export function viewQueued(trace: Trace): z.input<typeof queuedMail> {
  return { id: trace.id, tenant: trace.tenant, from: trace.from, recipients: trace.recipients.map(viewRecipient) };
}

function viewRecipient(recipient: TracedRecipient) {
  const { address, state, reason, destination, attempts, lastReply } = recipient;
  const due = timeOf(recipient.due);
  return { address, state, reason, destination, due, releaseAt: timeOf(recipient.releaseAt), attempts, lastReply };
}

/** States in which the last reply is the reason. */
const FAILED: ReadonlySet<RecipientState> = new Set(['deferred', 'bounced', 'expired']);

function failureOf({ state: now, lastReply }: TracedRecipient): z.input<typeof failure> | null {
  const found = FAILED.has(now) ? classOfText(lastReply) : null;
  return found === null ? null : { class: found, final: now !== 'deferred', advice: { ...adviceOf(found) } };
}

/** Of `host[address]:port`; what has no host is no server of anybody's. */
function providerNameOf(peer: string | null): string | null {
  const bracket = peer?.indexOf('[') ?? -1;
  return peer === null || bracket < 1 ? null : providerOf(peer.slice(0, bracket)).name;
}

const WHO: Readonly<Record<Identity['kind'], (identity: Identity) => string>> = {
  user: ({ name }) => `user ${name}`,
  relay: ({ name }) => `relay ${name}`,
  peer: () => 'another mail server',
  system: () => 'this server',
};

/** An event in plain words; what a peer said is kept as it said it. */
function tell(event: JournalEvent, { identity, tenant }: Pick<Trace, 'identity' | 'tenant'>): string {
  const { kind, detail, attribution } = event;
  const said = detail === '' ? '' : `: ${detail}`;
  const by = attribution === null ? '' : ` by ${attribution}`;
  if (event.stage === 'notify' && kind !== 'accepted') return `Told of it${said}`;
  switch (kind) {
    case 'accepted':
      return detail === 'generated'
        ? 'Made here and taken into custody'
        : `Taken into custody from ${isNeighbour(identity, tenant) ? 'another company on this server' : WHO[identity.kind](identity)}`;
    case 'delivered':
      return `The next server took it${said}`;
    case 'deferred':
      return `Not taken now, it will be tried again${said}`;
    case 'bounced':
      return `Refused for good${said}`;
    case 'expired':
      return `Given up${said}`;
    case 'held':
      return `Held${by}${said}`;
    case 'released':
      return `Let go${by}${said}`;
    case 'discarded':
      return `Deleted${by}${said}`;
    case 'moved':
      return `Goes another way${by}${said}${event.destination === null ? '' : `, now to ${event.destination}`}`;
    case 'repaired':
      return `Put right${said}`;
    case 'inspected':
      return 'Inspected';
    case 'verdict':
      return `Verdict${said}`;
    case 'approval':
      return `Waits for approval${said}`;
    case 'signed':
      return `Signature${said}`;
    case 'attempted':
      return detail;
  }
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : time(ms);
}

/** RFC 3339, in UTC. */
function time(ms: number): string {
  return new Date(ms).toISOString();
}
