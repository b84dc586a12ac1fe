/** Carrying out a plan (`rules/plan.ts`): the mailbox it names, and the mails that it lets be born with the delivery. */
import { randomUUID } from 'node:crypto';
import type { MessageFacts } from '#/codec/mime/index.ts';
import { type AccountKey, type Call, isFault, type MailboxName, type User } from '#/model/index.ts';
import type { Birth, DeliveryKey, Mailboxes } from '#/ports/index.ts';
import { nameOfAnswer, type Plan, writeAnswer } from './rules/index.ts';

const DAY_MS = 86_400_000;

/** The mailbox of that name, made and subscribed where it is not there; null where it can't be. */
export async function mailboxFor(
  mailboxes: Mailboxes,
  account: AccountKey,
  name: MailboxName,
  call: Call,
): Promise<MailboxName | null> {
  if ((await mailboxes.find(account, name, call)) !== null) return name;
  try {
    await mailboxes.create(account, name, null, call);
    await mailboxes.subscribe(account, name, true, call);
    return name;
  } catch (error) {
    if (isFault(error, 'mailbox.refused')) return null;
    throw error;
  }
}

export interface Carried {
  readonly plan: Plan;
  readonly account: AccountKey;
  readonly user: User;
  readonly key: DeliveryKey;
  readonly facts: MessageFacts;
}

export interface CarryParts {
  readonly mailboxes: Pick<Mailboxes, 'mayAnswer'>;
  readonly hostname: string;
  readonly clock: { now(): number };
}

/** Forwards and answers, the same however often the delivery is asked for. */
export async function birthsOf(
  { plan, account, user, key, facts }: Carried,
  { mailboxes, hostname, clock }: CarryParts,
  call: Call,
): Promise<readonly Birth[]> {
  const { forwards, answer, keep } = plan;
  const births: Birth[] =
    forwards.length === 0 ? [] : [{ kind: 'forward', by: account, to: forwards, kept: keep !== null }];
  if (answer === null) return births;
  const at = clock.now();
  const asked = { key, to: answer.to, about: nameOfAnswer(answer), at, since: at - answer.days * DAY_MS };
  if (!(await mailboxes.mayAnswer(account, asked, call))) return births;
  const displayName = user.attributes.displayName ?? null;
  const messageId = `${randomUUID()}@${hostname}`;
  const content = writeAnswer({ answer, facts, from: user.address, displayName, messageId, now: at });
  return [...births, { kind: 'answer', by: account, to: answer.to, content }];
}
