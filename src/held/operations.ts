/** What people do with held mail and approvals (ports/operation.ts). `as` is who acts; nobody named is the operator. */
import { z } from 'zod';
import {
  HELD_VERBS,
  type HeldVerb,
  isMailId,
  isUnmade,
  type MailId,
  type TenantId,
  type Wording,
  waitsByVerdict,
} from '#/model/index.ts';
import {
  type Operation,
  type OperationContext,
  operation,
  type QueueFilter,
  Refusal,
  type Trace,
} from '#/ports/index.ts';
import { type Actor, actorOf } from './actor.ts';
import { actOnMail, type Tally } from './acts.ts';
import type { Asked } from './asked.ts';
import { noteDecided } from './decided.ts';
import { glanceAt } from './glance.ts';
import { historyOperation } from './history.ts';
import { ID_COUNT_MAX, LOOKED_AT_MAX, NAMED_MAX, REASON_CHARS_MAX, SPARE_MS } from './limits.ts';
import type { HeldParts } from './parts.ts';
import { inTray, TRAYS, type Tray } from './trays.ts';
import { markOf } from './verdict-mark.ts';
import { heldMail, shownMail, viewHeld } from './views.ts';
import { allWaiting } from './waiting.ts';

const who = {
  /** The address of the person who acts; of a person who signed in always their own. */
  as: z.string().max(320).optional(),
  tenant: z.string().optional(),
};

/** Those recipients alone that wait by this verdict (`markOf`): what an action link is for. */
const verdict = z.string().max(40).optional();

/** All operations of this room. */
export function heldOperations(parts: HeldParts): readonly Operation[] {
  return [list(parts), show(parts), historyOperation(parts), ...HELD_VERBS.map((verb) => act(verb, parts))];
}

function list(parts: HeldParts): Operation {
  return operation({
    name: 'held.list',
    summary:
      'Mail that policy holds or that waits for approval, in order of acceptance: one’s own, to approve, or all that one may see.',
    scope: 'person',
    reads: true,
    input: z.strictObject({
      ...who,
      tray: z.enum(TRAYS).default('all'),
      filter: z.string().default(''),
      limit: z.int().min(1).max(1_000).default(100),
      after: z.string().nullable().default(null),
    }),
    output: z.object({ mails: z.array(heldMail), next: z.string().nullable() }),
    async handle(input, { by, call }) {
      const directory = parts.directory.current();
      const actor = actorOf(input.as, by, directory);
      const mails: z.input<typeof heldMail>[] = [];
      let looked = 0;
      for await (const mail of allWaiting(
        parts.journal,
        filterOf(input, actor, parts),
        input.after as MailId | null,
        call,
      )) {
        const seen = inTray(mail, input.tray, actor, directory);
        if (seen !== null) mails.push(viewHeld(seen, actor, directory));
        if (mails.length >= input.limit || ++looked >= LOOKED_AT_MAX) return { mails, next: mail.id };
      }
      return { mails, next: null };
    },
  });
}

function show(parts: HeldParts): Operation {
  return operation({
    name: 'held.show',
    summary:
      'One mail that is held or waits for approval: why, until when, who really gets it, what is attached, and what one may do.',
    scope: 'person',
    reads: true,
    input: z.strictObject({ ...who, id: z.string(), verdict }),
    output: shownMail,
    async handle({ id, ...input }, { by, call }) {
      const directory = parts.directory.current();
      const actor = actorOf(input.as, by, directory);
      const waiting = await visible(id, { ...input, actor }, parts, call);
      const mail = inTray(waiting, 'all', actor, directory);
      if (mail === null)
        throw new Refusal(
          1,
          `${waiting.id} is for its sender to see, for who was asked to approve it, and for administrators.`,
          `${waiting.id} は、差出人、承認を依頼された人、管理者だけが見られます。`,
        );
      const { header, attachments } = await glanceAt(mail, parts, call);
      return {
        ...viewHeld(mail, actor, directory),
        header,
        attachments: attachments === null ? null : [...attachments],
      };
    },
  });
}

const SUMMARIES: Readonly<Record<HeldVerb, string>> = {
  release: 'Lets held mail go on where it stopped.',
  stop: 'Keeps held mail from going by itself: it waits until somebody acts, and ends by retention.held.',
  delete: 'Deletes held mail, or mail that waits for approval.',
  approve: 'Agrees that mail goes; with the last one who must agree it goes.',
  reject: 'Refuses mail that waits for approval; its sender is told, with the rule and the reason.',
};

const answer = z.object({
  /** Recipients that it was done to. */
  recipients: z.int(),
  messages: z.array(z.string()),
  /** Recipients that this person may not do it to, with the first reason. */
  refused: z.int(),
  why: z.string().nullable(),
  /** Recipients at which somebody or something else was first. */
  late: z.int(),
  /** There was no time for all: call again. */
  more: z.boolean(),
});
/** What acts on several mails came to. */
export type HeldAnswer = z.output<typeof answer>;

function act(verb: HeldVerb, parts: HeldParts): Operation {
  return operation({
    name: `held.${verb}`,
    summary: SUMMARIES[verb],
    scope: 'person',
    reads: false,
    input: z.strictObject({
      ...who,
      ids: z.array(z.string()).max(ID_COUNT_MAX).default([]),
      /** In the words of trace; instead of IDs. */
      filter: z.string().default(''),
      reason: z.string().trim().max(REASON_CHARS_MAX).default(''),
      verdict,
      /** Of a release, by IDs: without the changes of the mail that its rule asks for. */
      ...(verb === 'release' && { asItIs: z.boolean().default(false) }),
    }),
    output: answer,
    subject: ({ ids, filter, as, asItIs }) =>
      [...ids, filter, as && `as ${as}`, asItIs === true && 'as it is'].filter(Boolean).join(' '),
    async handle(input, context) {
      const actor = actorOf(input.as, context.by, parts.directory.current());
      const asked: Asked = { verb, actor, reason: plain(input.reason), asItIs: input.asItIs === true };
      if (asked.asItIs && input.filter !== '') throw new Refusal(2, 'Name each mail that is to go as it is by its ID.');
      const done =
        input.ids.length > 0
          ? await actById(input, asked, parts, context)
          : await actByFilter(input, asked, parts, context);
      if (done.recipients > 0) {
        parts.doorbell();
        await noteDecided(done.messages, actor, parts, context.call);
      }
      return done;
    },
  });
}

interface Selection {
  readonly ids: readonly string[];
  readonly filter: string;
  readonly tenant?: string | undefined;
  readonly verdict?: string | undefined;
}

/** What is not there for this person, or has moved on, keeps none of the others; where nothing could be done at all, the answer says why. */
async function actById(
  input: Selection,
  asked: Asked,
  parts: HeldParts,
  context: OperationContext,
): Promise<HeldAnswer> {
  if (input.filter !== '') throw new Refusal(2, 'Either IDs or a filter: not both.');
  const sum = new Sum();
  for (const id of new Set(input.ids.map((one) => one.toUpperCase()))) {
    if (sum.outOfTime(context)) return sum.answer(true);
    const sight = { ...input, actor: asked.actor, asItIs: asked.asItIs === true };
    const mail = await unlessRefused(visible(id, sight, parts, context.call));
    if (mail instanceof Refusal) sum.refuse({ en: mail.message, ja: mail.ja ?? mail.message });
    else sum.add(mail, await actOnMail(mail, asked, parts, context));
  }
  const done = sum.answer(false);
  if (done.recipients > 0) return done;
  const { why } = sum;
  if (why !== null) throw new Refusal(1, `Nothing was changed. ${why.en}`, `何も変更されませんでした。${why.ja}`);
  throw new Refusal(
    1,
    'Nothing was changed: it was just moved by somebody else, or its time has come. "holdfast trace ID" says which.',
    '何も変更されませんでした。先に別の操作が行われたか、期限が来ています。',
  );
}

async function unlessRefused<T>(doing: Promise<T>): Promise<T | Refusal> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function actByFilter(
  input: Selection,
  asked: Asked,
  parts: HeldParts,
  context: OperationContext,
): Promise<HeldAnswer> {
  if (input.verdict !== undefined) throw new Refusal(2, 'A verdict is named with IDs, not with a filter.');
  if (input.filter.trim() === '')
    throw new Refusal(2, 'Say which mail is meant, by ID or by a filter such as from:alice@acme.test.');
  const filter = filterOf(input, asked.actor, parts);
  const tray: Tray = asked.verb === 'approve' || asked.verb === 'reject' ? 'approve' : 'all';
  const sum = new Sum();
  for await (const mail of allWaiting(parts.journal, filter, null, context.call)) {
    const isAdmin = asked.actor.kind === 'person' && asked.actor.isAdmin;
    const seen = inTray(mail, isAdmin ? 'all' : tray, asked.actor, parts.directory.current());
    if (seen !== null) sum.add(seen, await actOnMail(seen, asked, parts, context));
    if (sum.outOfTime(context)) return sum.answer(true);
  }
  return sum.answer(false);
}

/** What acts on several mails came to. */
class Sum {
  readonly #messages: string[] = [];
  #done = 0;
  #late = 0;
  #refused = 0;
  #why: Wording | null = null;

  add({ id }: Trace, { done, late, refused }: Tally): void {
    this.#done += done;
    this.#late += late;
    this.#refused += refused.length;
    this.#why ??= refused[0] ?? null;
    if (done > 0 && this.#messages.length < NAMED_MAX) this.#messages.push(id);
  }

  /** A whole mail that is not there to be acted on. */
  refuse(why: Wording): void {
    this.#refused += 1;
    this.#why ??= why;
  }

  /** The first reason for which something was left as it is. */
  get why(): Wording | null {
    return this.#why;
  }

  outOfTime({ call }: OperationContext): boolean {
    return performance.now() > call.deadlineAt - SPARE_MS;
  }

  answer(more: boolean): HeldAnswer {
    const counts = { recipients: this.#done, refused: this.#refused, late: this.#late };
    return { ...counts, messages: this.#messages, why: this.#why?.en ?? null, more };
  }
}

interface Sight extends Pick<Selection, 'tenant' | 'verdict'> {
  readonly actor: Actor;
  /** What waits because its changes could not be made when it was to leave is seen, too. */
  readonly asItIs?: boolean;
}

/** The waiting recipients of a mail that this actor may know of. Another tenant's mail is not there for them. */
async function visible(
  given: string,
  { tenant, actor, verdict: mark, asItIs = false }: Sight,
  { journal }: HeldParts,
  call: OperationContext['call'],
): Promise<Trace> {
  const id = given.toUpperCase();
  const [mail] = isMailId(id) ? await journal.trace({ ids: [id] }, 1, call) : [];
  const limits = [tenant, actor.kind === 'person' ? actor.tenant : undefined].filter((one) => one !== undefined);
  if (mail === undefined || limits.some((one) => one !== mail.tenant))
    throw new Refusal(
      1,
      `There is no message ${given}. "holdfast held list" shows what waits.`,
      `メール ${given} は見つかりません。`,
    );
  const waiting = mail.recipients.filter((one) => waitsByVerdict(one) || (asItIs && isUnmade(one)));
  const recipients = waiting.filter((one) => mark === undefined || (one.verdict && markOf(one.verdict)) === mark);
  if (recipients.length > 0) return { ...mail, recipients };
  if (waiting.length > 0)
    throw new Refusal(
      1,
      `What was meant of message ${mail.id} does not wait any more.`,
      `メール ${mail.id} の対象は、すでに保留されていません。`,
    );
  const [first] = mail.recipients;
  throw new Refusal(
    1,
    `Message ${mail.id} is neither held by policy nor waiting for approval: it is ${first?.state}${first?.state === 'held' ? ` (${first.reason})` : ''}.`,
    `メール ${mail.id} は、ルールによる保留中でも承認待ちでもありません。`,
  );
}

function filterOf(input: Pick<Selection, 'filter' | 'tenant'>, actor: Actor, parts: HeldParts): QueueFilter {
  const tenant = actor.kind === 'person' ? actor.tenant : input.tenant;
  const { address, messageId, ...filter } = parts.readFilter(input.filter, tenant ?? null);
  if (address !== undefined || messageId !== undefined)
    throw new Refusal(
      2,
      'A filter here has words such as from:, to:, subject:, since: or reason:; name a mail by its ID.',
      '検索には from:、to:、subject:、since: などの語を使ってください。',
    );
  return tenant === undefined ? filter : { ...filter, tenant: tenant as TenantId };
}

/** One line, whatever was written: it comes to stand in a report and in lists. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
