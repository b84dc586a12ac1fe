/** English. */
import { type HeldReason, type RecipientState, waitsByVerdict } from '#/model/index.ts';
import { formatCount } from '../when.ts';
import type { MailWords, Words, Written } from './sayings.ts';
import { heldAlike, type Whereabouts } from './whereabouts.ts';

export const ENGLISH: Words = {
  state: {
    queued: 'queued',
    deferred: 'deferred',
    held: 'held',
    approval: 'approval',
    delivered: 'delivered',
    bounced: 'bounced',
    discarded: 'discarded',
    expired: 'expired',
  },
  stage: {
    accept: 'accept',
    inspect: 'inspect',
    hold: 'hold',
    sign: 'sign',
    route: 'route',
    deliver: 'deliver',
    notify: 'notify',
  },
  kind: {
    accepted: 'accepted',
    inspected: 'inspected',
    held: 'held',
    approval: 'waits for approval',
    released: 'released',
    verdict: 'decided',
    signed: 'signed',
    attempted: 'attempted',
    deferred: 'deferred',
    delivered: 'delivered',
    bounced: 'bounced',
    discarded: 'discarded',
    expired: 'expired',
    repaired: 'repaired',
    moved: 'moved',
  },
  book: {
    accepted: 'accepted',
    received: 'received',
    generated: 'generated',
    delivered: 'delivered',
    bounced: 'bounced',
    discarded: 'discarded',
    expired: 'expired',
    held: 'held',
    queued: 'queued',
  },
  sentence: (where, mail, written) => SENTENCES[where.state](where, mail, written),
  several: (counts, total) => {
    const parts = [...counts].map(([state, count]) => `${formatCount(count)} ${MANY[state]}`);
    const [only = ''] = parts;
    return parts.length === 1 ? `All ${only}.` : `Of ${formatCount(total)} recipients: ${parts.join(', ')}.`;
  },
  advice: (where, id) => {
    const waits = where.some(({ state }) => state === 'deferred' || state === 'queued');
    const released = where.some((each) => each.state === 'held' && !waitsByVerdict(each));
    return [
      ...(released ? [`To let it go on:   holdfast queue release ${id}`] : []),
      ...heldAlike(where).map((reason) => `And all such mail: holdfast queue release reason:"${reason}"`),
      ...(waits ? [`To try now:        holdfast queue retry ${id}`] : []),
      ...(waits || released ? [`To give it up:     holdfast queue bounce ${id}   (the sender is told)`] : []),
    ];
  },
  gap: (after, span) => `${span}${GAPS[after] ?? ''}`,
  detail: (kind, detail) => (kind === 'held' ? detail.replace(/^Held: /, '') : detail),
  whom: (addresses) => {
    if (addresses.length > NAMED_MAX) return `${formatCount(addresses.length)} recipients`;
    const [last = '', ...before] = [...addresses].reverse();
    return before.length === 0 ? last : `${before.reverse().join(', ')} and ${last}`;
  },
  at: (peer) => `at ${peer}`,
  nth: (attempt) => `try ${attempt}`,
  took: (span) => `took ${span}`,
  earlier: (count) => `${formatCount(count)} earlier events; --json shows all`,
  label: {
    noSubject: '(no subject)',
    nobody: '<> (a notice)',
    from: 'From',
    to: 'To',
    id: 'ID',
    tenant: 'Tenant',
    received: 'Came in',
    parent: 'Because of',
    recipient: 'Recipient',
    recipients: 'recipients',
    allRecipients: 'all recipients',
    state: 'State',
    since: 'Since',
    next: 'Next',
    tries: 'Tries',
    subject: 'Subject',
    lastReply: 'Reason or reply',
    now: 'now',
    original: 'written to',
    duplicate: 'may have arrived twice',
  },
};

/** More addresses in a sentence are a list, and hide what is said. */
const NAMED_MAX = 3;

const MANY: Readonly<Record<RecipientState, string>> = {
  queued: 'waiting for delivery',
  deferred: 'waiting for another try',
  held: 'held',
  approval: 'waiting for approval',
  delivered: 'delivered',
  bounced: 'refused',
  discarded: 'dropped',
  expired: 'given up',
};

const GAPS: Readonly<Record<string, string>> = {
  accepted: ' until its first event',
  deferred: ' until the next try',
  held: ' held',
  approval: ' with a person',
  released: ' after its release',
};

type Sentence = (where: Whereabouts, mail: MailWords, written: Written) => string;

const SENTENCES: Readonly<Record<RecipientState, Sentence>> = {
  queued: ({ address, since, next, destination }, _mail, { moment, span, now }) => {
    const waits = `Waits for delivery to ${address} since ${moment(since)}${destination === '' ? '' : ` (${destination})`}.`;
    if (next === null || next <= now) return `${waits} It is due now; nothing holds it but its turn.`;
    return `${waits} Next try at ${moment(next)}, in ${span(next - now)}.`;
  },
  deferred: ({ address, since, next, attempts, reply }, _mail, { moment, span, now }) => {
    const said = reply === '' ? 'the other side could not take it' : speaker(reply);
    const then =
      next === null || next <= now
        ? 'The next try is due now.'
        : `Next try at ${moment(next)}, in ${span(next - now)}.`;
    return `Waits for another try to ${address} since ${moment(since)}: ${said} (${tries(attempts)}). ${then}`;
  },
  held: ({ address, since, next, goesOn, reason }, _mail, { moment }) => {
    const then = goesOn ? 'goes on by itself' : 'is given up';
    const until =
      next === null
        ? ''
        : ` Without a decision it ${then} at ${moment(next)}${goesOn ? '' : ', and the sender is told'}.`;
    return `Held on its way to ${address} since ${moment(since)}${WHY_HELD[reason as HeldReason] ?? `: ${reason}.`}${until}`;
  },
  approval: ({ address, since, next }, _mail, { moment }) => {
    const until = next === null ? '' : ` Without a decision it is given up at ${moment(next)}, and the sender is told.`;
    return `Waits for a person's approval on its way to ${address} since ${moment(since)}.${until}`;
  },
  delivered: ({ address, since, afterMs, reply, possiblyDuplicate }, _mail, { moment, span }) => {
    const said = reply === '' ? '' : ` The other side said "${reply}".`;
    const twice = possiblyDuplicate
      ? ' It may have arrived twice: an earlier attempt was cut off before its answer.'
      : '';
    return `Delivered to ${address} at ${moment(since)}, ${span(afterMs)} after it came in.${said}${twice}`;
  },
  bounced: ({ address, since, reply, reason, attempts }, mail, { moment }) =>
    `Refused on its way to ${address} at ${moment(since)}: ${cause(reply, reason, attempts)}. ${told(mail)}`,
  discarded: ({ address, since, reason, reply, attempts }, _mail, { moment }) =>
    `Dropped on its way to ${address} at ${moment(since)}: ${cause(reply, reason, attempts)}. Nobody is told.`,
  expired: ({ address, since, afterMs, attempts, reply, reason }, mail, { moment, span }) =>
    `Given up on its way to ${address} at ${moment(since)}, ${span(afterMs)} after it came in, after ${tries(attempts)}: ${cause(reply, reason, attempts)}. ${told(mail)}`,
};

const WHY_HELD: Readonly<Record<HeldReason, string>> = {
  'outbound off':
    ' because outbound mail is off. Set "outbound: on" or "routes" in holdfast.yaml, send SIGHUP to "holdfast serve", then release it.',
  'no local delivery':
    ' because nothing here delivers to local mailboxes yet. Add an LMTP route for its domain, then release it.',
  operator: ' by an operator. It goes on where it stopped when it is released.',
  'stopped by sender': ': its sender stopped it.',
  'set-aside': ': it was set aside, for the reason below. It goes on where it stopped when it is released.',
  restored: ' because it comes from a backup and may have been served before. Release what was not.',
  policy: ' by a policy.',
};

// A reply without an attempt is ours: an operator's or a rule's.
function cause(reply: string, reason: string, attempts: number): string {
  if (reply !== '') return attempts > 0 ? speaker(reply) : `"${reply}"`;
  return reason === '' ? 'no reason is recorded' : reason;
}

// What has no reply code nobody has said: it is our own word for what happened.
function speaker(reply: string): string {
  return /^\d{3}\b/.test(reply) ? `the other side said "${reply}"` : reply.replace(/\.$/, '');
}

function told({ hasSender }: MailWords): string {
  return hasSender ? 'The sender is told, unless they asked not to be.' : 'It has no sender who could be told.';
}

function tries(attempts: number): string {
  return attempts === 1 ? '1 try' : `${formatCount(attempts)} tries`;
}
