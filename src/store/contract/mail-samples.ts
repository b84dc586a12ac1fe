/** Letters, people and a look at everything, for the suites of mailboxes. */
import assert from 'node:assert/strict';
import { phraseOf, readMessage } from '#/codec/mime/index.ts';
import type {
  AccountKey,
  EmailId,
  Flag,
  MailAddress,
  Mailbox,
  MailboxId,
  MailboxName,
  MailId,
  TenantId,
  Uid,
} from '#/model/index.ts';
import type {
  AccountLimits,
  AutomaticAnswer,
  Copied,
  Delivered,
  Delivery,
  FlagChange,
  Flagged,
  FullRow,
  Mailboxes,
  NewMessage,
  Recoverable,
  RecoverFilter,
  TextPart,
} from '#/ports/index.ts';
import { ACME, DAY_MS, NOON, soon } from './samples.ts';

export const NO_LIMITS: AccountLimits = { quotaBytes: null };
/** Before which everything was expunged. */
export const FOR_EVER = Number.MAX_SAFE_INTEGER;
export const ANY_OF_IT = { since: null, mailbox: null } as const;

/** What a test says of a letter; the rest is made. */
export interface LetterParts {
  readonly subject?: string;
  readonly from?: string;
  readonly text?: string;
  readonly messageId?: string | null;
  readonly references?: readonly string[];
  readonly flags?: readonly Flag[];
  readonly receivedAt?: number;
  readonly uidl?: string | null;
  /** Exactly these octets. */
  readonly content?: Uint8Array;
}

let letters = 0;

/** A letter like no other. */
export function letter(parts: LetterParts = {}): NewMessage {
  const content = parts.content ?? contentOf(++letters, parts);
  return {
    content,
    facts: readMessage(content),
    flags: parts.flags ?? [],
    receivedAt: parts.receivedAt ?? NOON - 3_600_000,
    uidl: parts.uidl ?? null,
  };
}

function contentOf(n: number, parts: LetterParts): Uint8Array {
  const id = parts.messageId === undefined ? `letter-${n}@acme.test` : parts.messageId;
  const references = parts.references?.map((each) => `<${each}>`) ?? [];
  const head = [
    `From: ${parts.from ?? 'Alice <alice@acme.test>'}`,
    `Subject: ${parts.subject ?? `Letter ${n}`}`,
    ...(id === null ? [] : [`Message-ID: <${id}>`]),
    ...(references.length === 0 ? [] : [`References: ${references.join('\r\n ')}`]),
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${parts.text ?? `Words of letter ${n}.`}\r\n`);
}

export function nameOf(name: string): MailboxName {
  return name as MailboxName;
}

/** A key of a delivery that differs for each `n` and person. */
export function deliveryKey(n: number): Delivery['key'] {
  return { message: `01ARZ3NDEKTSV${String(n).padStart(3, '0')}` as MailId, recipient: 1 + (n % 3) };
}

/** An answer to x@world.test, for the delivery of that number. */
export function automaticAnswer(n: number, more: Partial<AutomaticAnswer> = {}): AutomaticAnswer {
  const at = more.at ?? NOON;
  const to = 'x@world.test' as MailAddress;
  return { key: deliveryKey(n), to, about: 'away', at, since: at - 7 * DAY_MS, ...more };
}

let people = 0;

/** Somebody with an account of their own on a keeper, who says what they want in few words. */
export class Person {
  readonly account: AccountKey;
  /** The keeper; another one once the store was opened again. */
  mailboxes: Mailboxes;

  constructor(mailboxes: Mailboxes, account: Partial<AccountKey> = {}) {
    this.mailboxes = mailboxes;
    this.account = { tenant: ACME, address: `person-${++people}@acme.test` as MailAddress, ...account };
  }

  async mailbox(name = 'INBOX'): Promise<Mailbox> {
    const mailbox = await this.mailboxes.find(this.account, nameOf(name), soon());
    assert.ok(mailbox !== null, `there is no ${name}`);
    return mailbox;
  }

  async idOf(name = 'INBOX'): Promise<MailboxId> {
    return (await this.mailbox(name)).id;
  }

  async create(name: string): Promise<Mailbox> {
    const created = await this.mailboxes.create(this.account, nameOf(name), null, soon());
    assert.equal(created.kind, 'created');
    return created.kind === 'created' ? created.mailbox : await this.mailbox(name);
  }

  async deliver(n: number, mail: LetterParts = {}, more: Partial<Delivery> = {}): Promise<Delivered> {
    const delivery = { key: deliveryKey(n), mail: letter(mail), into: nameOf('INBOX'), limits: NO_LIMITS, ...more };
    return this.mailboxes.deliver(this.account, delivery, soon());
  }

  async append(name: string, ...mails: readonly LetterParts[]): Promise<readonly Uid[]> {
    const appended = await this.mailboxes.append(
      this.account,
      await this.idOf(name),
      mails.map((each) => letter(each)),
      NO_LIMITS,
      soon(),
    );
    assert.ok(appended.kind === 'appended', appended.kind);
    return appended.uids;
  }

  async uids(name = 'INBOX'): Promise<readonly Uid[]> {
    const view = await this.mailboxes.view(this.account, await this.idOf(name), soon());
    return [...(view?.uids ?? [])];
  }

  async rows(name = 'INBOX', uids: readonly Uid[] | null = null): Promise<readonly FullRow[]> {
    const parts = { facts: true, head: true };
    return this.mailboxes.rows(this.account, await this.idOf(name), uids ?? (await this.uids(name)), parts, soon());
  }

  async row(name: string, uid: Uid): Promise<FullRow> {
    const [row] = await this.rows(name, [uid]);
    assert.ok(row !== undefined, `${name} has no message ${uid}`);
    return row;
  }

  async flag(
    name: string,
    uids: readonly Uid[],
    how: FlagChange['how'],
    flags: readonly Flag[],
    unchangedSince: number | null = null,
  ): Promise<Flagged> {
    return this.mailboxes.flag(this.account, await this.idOf(name), uids, { how, flags, unchangedSince }, soon());
  }

  async copy(from: string, uids: readonly Uid[], to: string, how: 'copy' | 'move' = 'copy'): Promise<Copied> {
    const [source, target] = [await this.idOf(from), await this.idOf(to)];
    return this.mailboxes.copy(this.account, source, uids, target, how, NO_LIMITS, soon());
  }

  /** Expunges whatever their flags are. */
  async expunge(name: string, uids: readonly Uid[] | null = null): Promise<readonly Uid[]> {
    return (await this.mailboxes.expunge(this.account, await this.idOf(name), uids, true, soon())).uids;
  }

  async octets(message: EmailId, from = 0, bytes = 64 * 1024 * 1024): Promise<Uint8Array> {
    return this.mailboxes.octets(this.account, message, from, bytes, soon());
  }

  /** UIDs of messages that hold what somebody typed. */
  async holding(text: string, where: TextPart = 'text', name = 'INBOX'): Promise<readonly Uid[]> {
    return this.mailboxes.holding(this.account, await this.idOf(name), phraseOf(text), where, soon());
  }

  async recoverable(filter: Partial<RecoverFilter> = {}, limit = 1_000): Promise<readonly Recoverable[]> {
    return this.mailboxes.recoverable(this.account, { ...ANY_OF_IT, ...filter }, limit, soon());
  }

  /** Purges whatever was expunged, in steps. */
  async purge(limit = 100): Promise<{ readonly messages: number; readonly bytes: number; readonly steps: number }> {
    let [messages, bytes, steps] = [0, 0, 0];
    for (;;) {
      const step = await this.mailboxes.purge(this.account, FOR_EVER, limit, soon());
      steps += 1;
      messages += step.messages;
      bytes += step.bytes;
      assert.ok(step.messages <= limit, `a step of ${limit} took ${step.messages}`);
      assert.ok(steps < 10_000, 'a purge has no end');
      if (step.left === 0 && step.messages === 0 && step.bytes === 0) return { messages, bytes, steps };
    }
  }

  /** Everything there is to know of the account, for comparing. */
  async everything(): Promise<unknown> {
    const { account, mailboxes } = this;
    const list = await mailboxes.list(account, soon());
    const contents = [];
    for (const { name, id } of list) {
      const rows = await this.rows(name);
      const octets = [];
      for (const { emailId } of rows) octets.push(Buffer.from(await this.octets(emailId)).toString('base64'));
      const view = await mailboxes.view(account, id, soon());
      contents.push({ name, uids: [...(view?.uids ?? [])], rows: rows.map(plain), octets });
    }
    return {
      list,
      contents,
      subscriptions: await mailboxes.subscriptions(account, soon()),
      maildrop: await mailboxes.maildrop(account, soon()),
      usage: await mailboxes.usage(account, soon()),
      recoverable: await mailboxes.recoverable(account, ANY_OF_IT, 10_000, soon()),
    };
  }
}

export function tenantOf(name: string): TenantId {
  return name as TenantId;
}

/** Octets as text, since keepers may answer with different kinds of arrays. */
function plain(row: FullRow): unknown {
  return { ...row, head: row.head === null ? null : Buffer.from(row.head).toString('latin1') };
}
