/**
 * Acts of operators on live recipients, singly or by filter, in bounded batches: hold, release, retry, reroute, drop, bounce. Mail that
 * waits for an approver or is held by policy is not theirs (contract, `queue`).
 */
import { z } from 'zod';
import {
  type Claim,
  type DestinationKey,
  type Outcome,
  pinned,
  type Settlement,
  waitsByVerdict,
  within,
} from '#/model/index.ts';
import {
  type Operation,
  type OperationContext,
  operation,
  type QueueAct,
  type QueueFilter,
  Refusal,
  type Trace,
} from '#/ports/index.ts';
import { noticesOf } from './notice.ts';
import { parseTime } from './query.ts';
import { type OperationParts, queryInput, queueFilter, readQuery } from './select.ts';

/** Recipients per call to the store: people's mail goes on between two. */
const BATCH = 500;
/** Messages named in an answer; the counts are whole. */
const NAMED_MAX = 1_000;
/** Messages looked at together. */
const PAGE = 100;
/** For each of custody's steps; what was claimed must end, whatever time the operator has left. */
const CUSTODY_MS = 10_000;
/** An answer is given while there is still so much time to send it. */
const SPARE_MS = 500;

const input = {
  ...queryInput,
  /** Stands in for a filter: everything that waits. */
  all: z.boolean().default(false),
  /** Why, for the audit log. */
  reason: z.string().max(200).optional(),
};
const output = z.object({ recipients: z.int(), messages: z.array(z.string()), more: z.boolean() });
type Answer = z.infer<typeof output>;
type Selection = { readonly query: string; readonly tenant?: string | undefined; readonly all: boolean };

export function actOperations(parts: OperationParts): readonly Operation[] {
  const plain = z.strictObject(input);
  return [
    act(
      'queue.hold',
      'Stops mail until it is released. With a time it then goes on by itself; without one it is given up at the end of retention.held, and its sender told.',
      plain.extend({ until: z.string().optional() }),
      {
        parts,
        plan: ({ until }) =>
          until === undefined
            ? { kind: 'hold', until: parts.clock.now() + parts.heldMs, atEnd: 'expire' }
            : { kind: 'hold', until: laterTime(until, parts), atEnd: 'release' },
      },
    ),
    act('queue.release', 'Lets held mail go on where it stopped.', plain, { parts, plan: () => ({ kind: 'release' }) }),
    act('queue.retry', 'Tries waiting mail at once.', plain, { parts, plan: () => ({ kind: 'retry' }) }),
    act('queue.reroute', 'Sends waiting mail to another next hop.', plain.extend({ destination: destinationInput }), {
      parts,
      plan: ({ destination }) => ({ kind: 'reroute', destination: pinned(destination as DestinationKey) }),
    }),
    act(
      'queue.drop',
      'Deletes mail without telling its sender.',
      plain.extend({ reason: z.string().min(1).max(200) }),
      {
        parts,
        plan: ({ reason }) => ({ kind: 'drop', reason }),
      },
    ),
    bounce(parts),
  ];
}

const destinationInput = z
  .string()
  .regex(/^(mx:[^\s:]+|route:[^\s:]+:\d{1,5}(:lmtp)?|route:\[[0-9a-f:.]+\]:\d{1,5}(:lmtp)?|local)$/i, {
    error: 'A destination is mx:DOMAIN, route:HOST:PORT or route:HOST:PORT:lmtp.',
  });

function act<Input extends z.ZodType<Selection>>(
  name: string,
  summary: string,
  schema: Input,
  { parts, plan }: { readonly parts: OperationParts; readonly plan: (input: z.output<Input>) => QueueAct },
): Operation {
  return operation({
    name,
    summary,
    scope: 'operator',
    reads: false,
    input: schema,
    output,
    subject: subjectOf,
    async handle(selection, context) {
      const filter = await filterOf(selection, parts, context);
      const answer = filter === null ? NOTHING : await actOn(plan(selection), filter, parts, context);
      parts.doorbell();
      return answer;
    },
  });
}

const NOTHING: Answer = { recipients: 0, messages: [], more: false };

async function actOn(
  plan: QueueAct,
  filter: QueueFilter,
  { custody }: OperationParts,
  { by, call }: OperationContext,
): Promise<Answer> {
  const messages = new Set<string>();
  let recipients = 0;
  for (;;) {
    const step = await custody.act(plan, filter, by, BATCH, call);
    recipients += step.recipients;
    for (const id of step.messages) if (messages.size < NAMED_MAX) messages.add(id);
    const stuck = step.recipients === 0;
    if (!step.more || stuck || outOfTime(call))
      return { recipients, messages: [...messages], more: step.more && !stuck };
  }
}

function bounce(parts: OperationParts): Operation {
  return operation({
    name: 'queue.bounce',
    summary: 'Gives mail up and tells its sender.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      ...input,
      reason: z.string().min(1).max(200).default('Returned by the operator of this mail system'),
    }),
    output,
    subject: subjectOf,
    async handle(selection, context) {
      const filter = await filterOf(selection, parts, context);
      const answer = filter === null ? NOTHING : await bounceAll(filter, selection.reason, parts, context);
      parts.doorbell();
      return answer;
    },
  });
}

async function bounceAll(
  filter: QueueFilter,
  reason: string,
  parts: OperationParts,
  { call }: OperationContext,
): Promise<Answer> {
  const messages: string[] = [];
  let recipients = 0;
  // Mail that was there before: the DSNs that this act makes are not meant.
  const before = parts.clock.now() - 1;
  const meant = { ...filter, until: Math.min(filter.until ?? before, before) };
  for await (const item of waiting(meant, parts, call)) {
    let hit = 0;
    for await (const step of bounceSteps(item, meant, reason, parts)) {
      hit += step;
      if (outOfTime(call)) break;
    }
    recipients += hit;
    if (hit > 0 && messages.length < NAMED_MAX) messages.push(item.id);
    // What the last step left, if anything, is hit by the next call.
    if (outOfTime(call)) return { recipients, messages, more: true };
  }
  return { recipients, messages, more: false };
}

/** All messages that a filter means, page by page. */
async function* waiting(
  filter: QueueFilter,
  { journal }: OperationParts,
  call: OperationContext['call'],
): AsyncGenerator<Trace> {
  for (let after: Trace['id'] | null = null; ; ) {
    const page: Awaited<ReturnType<typeof journal.queue>> = await journal.queue(filter, after, PAGE, call);
    yield* page.items;
    after = page.next;
    if (after === null) return;
  }
}

/**
 * Bounces what may be bounced of one message, and says after each step how many that were: the store gives only so many of a message
 * at a time. Recipients under way at this moment are left to their attempt.
 */
async function* bounceSteps(
  item: Trace,
  filter: QueueFilter,
  reason: string,
  parts: OperationParts,
): AsyncGenerator<number> {
  const ours = item.recipients.filter((recipient) => !waitsByVerdict(recipient));
  const whole = ours.length === item.recipients.length;
  const filters: QueueFilter[] = whole
    ? [{ ...filter, ids: [item.id] }]
    : ours.map(({ n }) => ({ ...filter, ids: [item.id], recipient: n }));
  for (const each of filters) {
    for (let left = whole ? ours.length : 1; left > 0; ) {
      const hit = await bounceNamed(each, reason, parts);
      if (hit === 0) break;
      yield hit;
      left -= hit;
    }
  }
}

async function bounceNamed(filter: QueueFilter, reason: string, parts: OperationParts): Promise<number> {
  const request = { kind: 'named', filter, limit: BATCH } as const;
  const claims = await parts.custody.claim(request, parts.worker, within(CUSTODY_MS));
  let hit = 0;
  for (const claim of claims) hit += await bounceClaim(claim, reason, parts);
  return hit;
}

async function bounceClaim(claim: Claim, reason: string, parts: OperationParts): Promise<number> {
  const outcomes = claim.recipients.map(({ n }) => ({ n, outcome: bouncedFor(claim, reason) }));
  const born = await noticesOf(claim, outcomes, 'failure', parts);
  const settlement: Settlement = { claim, outcomes, born, elapsedMs: 0, peer: null };
  try {
    const answers = await parts.custody.settle(settlement, parts.worker, within(CUSTODY_MS));
    return answers.filter((answer) => answer === 'settled').length;
  } catch {
    // The claim is ours and must end: repeated in the background until custody takes it.
    parts.settleLater(settlement);
    return outcomes.length;
  }
}

function bouncedFor(claim: Claim, reason: string): Outcome {
  const { purpose } = claim.mail;
  if (purpose === 'dsn' || purpose === 'notice') return { kind: 'discarded', reason };
  return { kind: 'bounced', reply: { code: 550, enhanced: '5.7.1', text: reason, host: null } };
}

/** The filter of an act; without any condition it must be said that all is meant. */
async function filterOf(
  selection: Selection,
  parts: OperationParts,
  { call }: OperationContext,
): Promise<QueueFilter | null> {
  const query = readQuery(selection, parts);
  if (Object.keys(query).length === 0 && !selection.all) {
    throw new Refusal(2, 'Say which mail is meant, by queue ID or filter, or say that all is meant (--all).');
  }
  return queueFilter(query, parts.journal, call);
}

/** For the audit log: the words that chose, and where it was sent to. */
function subjectOf(selection: Selection & { readonly destination?: string }): string {
  const { query, tenant, all, destination } = selection;
  const words = [all ? 'all that waits' : query, tenant && `tenant:${tenant}`, destination && `→ ${destination}`];
  return words.filter(Boolean).join(' ');
}

function outOfTime(call: OperationContext['call']): boolean {
  return performance.now() > call.deadlineAt - SPARE_MS;
}

/** `2h` is in two hours here, not two hours ago. */
function laterTime(text: string, parts: OperationParts): number {
  const now = parts.clock.now();
  const at = parseTime(text, { now, timezone: parts.timezoneOf(null) });
  const until = /^\d+[smhdw]$/.test(text) ? now + (now - at) : at;
  if (until <= now) throw new Refusal(2, `"${text}" is in the past: a hold ends in the future.`);
  return until;
}
