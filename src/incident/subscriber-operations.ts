/**
 * Subscribers as the pages ask for them, and as operators see them (B8). What is answered to a stranger says nothing of who is subscribed.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { ArrivedMail, Call } from '#/model/index.ts';
import {
  type Clock,
  type IncidentMails,
  type Operation,
  operation,
  Refusal,
  type Subscribers,
  type SubscriberWish,
} from '#/ports/index.ts';
import { SUBSCRIBER_LIMITS } from './subscriber-limits.ts';
import type { SubscriberTokens } from './subscriber-tokens.ts';

export interface SubscriberOperationParts {
  readonly subscribers: Subscribers;
  readonly tokens: SubscriberTokens;
  readonly mails: Pick<IncidentMails, 'asking'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Hands a mail to custody. */
  readonly accept: (mail: ArrivedMail, call: Call) => Promise<void>;
}

const { componentsMax, urlCharsMax, ask: limits } = SUBSCRIBER_LIMITS;
const component = z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,99}$/);

export function subscriberOperations(parts: SubscriberOperationParts): readonly Operation[] {
  return [ask(parts), follow(parts), list(parts), remove(parts)];
}

function ask({ subscribers, tokens, mails, clock, accept }: SubscriberOperationParts): Operation {
  return operation({
    name: 'subscriber.ask',
    summary: 'Sends whoever wants to be told of incidents a mail by which they confirm it.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      address: z.string().max(320),
      /** Told by a request to this address instead of by mail; confirmed by mail all the same. */
      webhook: z.string().max(urlCharsMax).optional(),
      language: z.enum(['en', 'ja']).default('en'),
      components: z.array(component).max(componentsMax).default([]),
    }),
    output: z.object({ result: z.enum(['asked', 'later']) }),
    // Strangers ask, and their addresses are no business of the audit log.
    subject: () => null,
    async handle({ address: given, webhook, language, components }, { call }): Promise<{ result: 'asked' | 'later' }> {
      const address = parseMailAddress(given.trim());
      if (address === null) throw new Refusal(2, 'This is no mail address.');
      const wish: SubscriberWish = {
        ...{ id: randomUUID(), address, language, components, at: clock.now() },
        webhook: webhook === undefined ? null : hookOf(webhook),
      };
      const result = await subscribers.subscribe(wish, limits, call);
      // Who is subscribed, or was asked a moment ago, hears the same as a stranger does.
      if (result === 'full') return { result: 'later' };
      if (result !== 'asked') return { result: 'asked' };
      const mail = mails.asking(wish, tokens.make(wish.id, 'confirm'), clock.now());
      if (mail !== null) await accept(mail, call);
      return { result: 'asked' };
    },
  });
}

function follow({ subscribers, tokens, clock }: SubscriberOperationParts): Operation {
  return operation({
    name: 'subscriber.follow',
    summary: 'What the link of a subscriber is for; with act it is done.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ token: z.string().max(100), act: z.boolean() }),
    output: z.object({
      verb: z.enum(['confirm', 'unsubscribe']),
      done: z.boolean(),
      state: z.enum(['asked', 'active', 'ended']),
    }),
    subject: () => null,
    async handle({ token, act }, { call }) {
      const read = tokens.read(token);
      const known = read === null ? null : await subscribers.subscriber(read.id, call);
      if (read === null || known === null) throw new Refusal(1, 'There is no such link, or not any more.');
      const { verb, id } = read;
      if (!act) return { verb, done: false, state: known.state };
      const at = clock.now();
      if (verb === 'confirm') await subscribers.confirm(id, at, call);
      else await subscribers.unsubscribe(id, at, call);
      const now = await subscribers.subscriber(id, call);
      return { verb, done: true, state: now?.state ?? 'ended' };
    },
  });
}

function list({ subscribers }: SubscriberOperationParts): Operation {
  return operation({
    name: 'subscriber.list',
    summary: 'Who asked to be told of incidents.',
    scope: 'operator',
    reads: true,
    input: z.strictObject({
      after: z.string().max(40).default(''),
      limit: z.int().min(1).max(1_000).default(200),
    }),
    output: z.object({
      subscribers: z.array(
        z.object({
          id: z.string(),
          address: z.string(),
          webhook: z.string().nullable(),
          language: z.enum(['en', 'ja']),
          components: z.array(z.string()),
          state: z.enum(['asked', 'active', 'ended']),
          askedAt: z.string(),
        }),
      ),
      next: z.string().nullable(),
    }),
    async handle({ after, limit }, { call }) {
      const found = await subscribers.subscribers({ after, all: true }, limit, call);
      return {
        subscribers: found.map(({ at, components, ...one }) => ({
          ...one,
          components: [...components],
          askedAt: new Date(at).toISOString(),
        })),
        next: found.length < limit ? null : (found.at(-1)?.id ?? null),
      };
    },
  });
}

function remove({ subscribers, clock }: SubscriberOperationParts): Operation {
  return operation({
    name: 'subscriber.remove',
    summary: 'Ends a subscription for its owner.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ id: z.string().max(40) }),
    output: z.object({ id: z.string() }),
    subject: ({ id }) => id,
    async handle({ id }, { call }) {
      if (await subscribers.unsubscribe(id, clock.now(), call)) return { id };
      throw new Refusal(1, `There is no subscriber ${id}, or they have ended it.`);
    },
  });
}

/** As it is stored: https alone, without anything that signs in. Where it leads is looked at when it is dialled. */
function hookOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new Refusal(2, 'A webhook is an https address, such as https://example.com/hook.');
  url.hash = '';
  return url.href;
}
