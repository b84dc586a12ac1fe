/** What administrators do with accounts (ports/operation.ts). */
import { z } from 'zod';
import type { AccountKey, Call, MailboxName } from '#/model/index.ts';
import { type Operation, operation, type RecoverFilter, Refusal } from '#/ports/index.ts';
import { accountOf, type OperationParts } from './operation-parts.ts';
import { ruleOperations } from './rule-operations.ts';

/** All operations of this room. */
export function mailboxOperations(parts: OperationParts): readonly Operation[] {
  const accounts = [list, show, recoverable, recover, purge, hold, purging].map((declared) => declared(parts));
  return [...accounts, ...ruleOperations(parts)];
}

const RECOVER_STEP = 200;
const ACCOUNTS_MAX = 1_000;

const address = z.string().min(3).max(320);
const tenant = z.string().optional();
const time = z.string().max(100).nullable().default(null);
const summary = z.object({
  address: z.string(),
  tenant: z.string(),
  messages: z.int(),
  bytes: z.int(),
  quotaBytes: z.int().nullable(),
  recoverableMessages: z.int(),
  recoverableBytes: z.int(),
  held: z.boolean(),
});

function list({ mailboxes, directory }: OperationParts): Operation {
  return operation({
    name: 'mailbox.list',
    summary: 'Accounts with what they hold, of one tenant or of all, by address.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant,
      after: z.string().nullable().default(null),
      limit: z.int().min(1).max(ACCOUNTS_MAX).default(100),
    }),
    output: z.array(summary),
    async handle(input, { call }) {
      const users = directory
        .current()
        .tenants.filter(({ id }) => input.tenant === undefined || id === input.tenant)
        .flatMap(({ id, users: all }) => all.map((user) => ({ tenant: id, user })))
        .filter(({ user }) => input.after === null || user.address > input.after)
        .sort((a, b) => (a.user.address < b.user.address ? -1 : 1))
        .slice(0, input.limit);
      const found: z.output<typeof summary>[] = [];
      for (const { tenant: id, user } of users) {
        const usage = await mailboxes.usage({ tenant: id, address: user.address }, call);
        found.push({ address: user.address, tenant: id, quotaBytes: user.quotaBytes, ...usage });
      }
      return found;
    },
  });
}

function show(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.show',
    summary: 'The mailboxes of one account with their counts.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({ address, tenant }),
    output: z.array(
      z.object({
        name: z.string(),
        specialUse: z.string().nullable(),
        messages: z.int(),
        unseen: z.int(),
        bytes: z.int(),
        uidNext: z.int(),
        uidValidity: z.int(),
      }),
    ),
    async handle(input, { call }) {
      const found = await parts.mailboxes.list(accountOf(input, parts), call);
      return found.map(({ name, specialUse, exists, unseen, size, uidNext, uidValidity }) => ({
        name,
        specialUse,
        messages: exists,
        unseen,
        bytes: size,
        uidNext,
        uidValidity,
      }));
    },
  });
}

function recoverable(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.recoverable',
    summary: 'Deleted messages of one account that can come back, newest first.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      address,
      tenant,
      since: time,
      mailbox: z.string().nullable().default(null),
      limit: z.int().min(1).max(1_000).default(100),
    }),
    output: z.array(
      z.object({
        mailbox: z.string(),
        uid: z.int(),
        from: z.string(),
        subject: z.string(),
        bytes: z.int(),
        expungedAt: z.string(),
      }),
    ),
    async handle(input, { call }) {
      const account = accountOf(input, parts);
      const found = await parts.mailboxes.recoverable(account, filterOf(account, input, parts), input.limit, call);
      return found.map(({ mailbox, uid, from, subject, size, expungedAt }) => ({
        mailbox,
        uid,
        from,
        subject,
        bytes: size,
        expungedAt: new Date(expungedAt).toISOString(),
      }));
    },
  });
}

function recover(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.recover',
    summary: 'Brings deleted messages of one account back to where they were.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ address, tenant, since: time, mailbox: z.string().nullable().default(null) }),
    output: z.object({ messages: z.int() }),
    subject: ({ address: whose, since, mailbox }) =>
      [whose, since === null ? '' : `since ${since}`, mailbox ?? ''].filter(Boolean).join(' '),
    async handle(input, { call }) {
      const account = accountOf(input, parts);
      const filter = filterOf(account, input, parts);
      return { messages: await untilNone((limit) => parts.mailboxes.recover(account, filter, limit, call)) };
    },
  });
}

function purge(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.purge',
    summary: 'Takes away for good what was deleted in one account, before its time.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ address, tenant }),
    output: z.object({ messages: z.int() }),
    subject: ({ address: whose }) => whose,
    async handle(input, { call }) {
      const account = accountOf(input, parts);
      await refuseHeld(account, parts, call);
      if (parts.purge.status().paused)
        throw new Refusal(1, 'The purge is paused. Let it go on first: holdfast mailbox purging resume.');
      return { messages: await parts.purge.now(account, call) };
    },
  });
}

async function refuseHeld(account: AccountKey, { mailboxes }: OperationParts, call: Call): Promise<void> {
  if (!(await mailboxes.usage(account, call)).held) return;
  throw new Refusal(1, `${account.address} is under legal hold, so nothing of it is purged. End the hold first.`);
}

function hold(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.hold',
    summary: 'Puts one account under legal hold, or ends it: nothing that was deleted in it is purged meanwhile.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ address, tenant, held: z.boolean(), reason: z.string().max(500).optional() }),
    output: z.object({ held: z.boolean() }),
    subject: ({ address: whose, held }) => `${whose} ${held ? 'held' : 'no longer held'}`,
    async handle(input, { call }) {
      await parts.mailboxes.hold(accountOf(input, parts), input.held, call);
      return { held: input.held };
    },
  });
}

function purging({ purge: job }: OperationParts): Operation {
  return operation({
    name: 'mailbox.purging',
    summary: 'How the purge of deleted mail goes: backlog, pace, what it waits for; pauses it or lets it go on.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ paused: z.boolean().optional() }),
    output: z.object({
      paused: z.boolean(),
      backlog: z.int(),
      pace: z.int(),
      etaSeconds: z.int().nullable(),
      purged: z.int(),
      waitsForPeople: z.boolean(),
    }),
    subject: ({ paused }) => (paused === undefined ? null : paused ? 'paused' : 'goes on'),
    async handle({ paused }, { call }) {
      if (paused !== undefined) await job.pause(paused, call);
      return job.status();
    },
  });
}

function filterOf(
  { tenant: id }: AccountKey,
  { since, mailbox }: { readonly since: string | null; readonly mailbox: string | null },
  { timeOf }: OperationParts,
): RecoverFilter {
  return { since: since === null ? null : timeOf(since, id), mailbox: mailbox as MailboxName | null };
}

async function untilNone(step: (limit: number) => Promise<number>): Promise<number> {
  for (let all = 0; ; ) {
    const done = await step(RECOVER_STEP);
    all += done;
    if (done === 0) return all;
  }
}
