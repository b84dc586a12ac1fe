/** Two keepers of mailboxes looked at after the same calls: everything that there is to see of an account must be alike. */
import assert from 'node:assert/strict';
import type { AccountKey, Mailbox, MailboxId, ModSeq, Uid } from '#/model/index.ts';
import type { FullRow, Mailboxes, Recoverable, RecoverFilter } from '#/ports/index.ts';
import { changesInParts } from './changes-in-parts.ts';
import { ANY_OF_IT } from './mail-samples.ts';
import { AllTwins } from './mailbox-twins.ts';
import { soon } from './samples.ts';

/** A moment at which a mailbox was looked at, as each calls it. */
export interface Moment {
  readonly mailbox: MailboxId;
  readonly model: ModSeq;
  readonly subject: ModSeq;
}

const MOMENTS_MAX = 40;
/** Rows of one answer of `changes`: long answers come in parts. */
const PART = 3;

export class Comparison {
  readonly twins = new AllTwins();
  readonly moments: Moment[] = [];
  readonly #account: AccountKey;
  readonly #model: Mailboxes;
  /** What is there: by the model's id, as the model and the subject said last. */
  #seen = new Map<MailboxId, readonly [model: Mailbox, subject: Mailbox]>();

  constructor(account: AccountKey, model: Mailboxes) {
    this.#account = account;
    this.#model = model;
  }

  /** Mailboxes that are there, by the model's ids. */
  get mailboxes(): readonly MailboxId[] {
    return [...this.#seen.keys()];
  }

  /** The subject's id of a mailbox, and its UIDs of the model's. */
  idOf(mailbox: MailboxId): MailboxId {
    return this.twins.mailboxes.of(mailbox) as MailboxId;
  }

  uidsOf(mailbox: MailboxId, uids: readonly Uid[]): Uid[] {
    return uids.map((uid) => this.twins.uids(mailbox).of(uid));
  }

  /** Looks at the lists, and at each mailbox that either says has changed; `full`: at all there is. */
  async look(subject: Mailboxes, full: boolean): Promise<void> {
    const account = this.#account;
    const [ours, theirs] = [await this.#model.list(account, soon()), await subject.list(account, soon())];
    assert.deepEqual(theirs.map(counts), ours.map(counts));
    const before = this.#seen;
    this.#seen = new Map(ours.map((mailbox, i) => [mailbox.id, [mailbox, theirs[i] ?? mailbox]]));
    for (const [id, [model, other]] of this.#seen) {
      this.twins.mailboxes.meet(id, other.id);
      this.twins.validities.meet(model.uidValidity, other.uidValidity);
      const last = before.get(id);
      const [was, wasOther] = [last?.[0].highestModSeq ?? 0, last?.[1].highestModSeq ?? 0];
      assert.ok(other.highestModSeq >= wasOther, 'a modification sequence fell');
      assert.ok(other.uidNext >= (last?.[1].uidNext ?? 1), 'UIDNEXT fell');
      const changed = model.highestModSeq > was || other.highestModSeq > wasOther;
      if (changed || full) await this.#lookInto(subject, model, other, last?.[1].uidNext ?? 1);
      if (changed) this.#remember({ mailbox: id, model: model.highestModSeq, subject: other.highestModSeq });
    }
    await this.#lookAtAccount(subject, full);
  }

  /** Changes since a moment are of the same messages. */
  async lookBack(subject: Mailboxes, { mailbox, model, subject: since }: Moment): Promise<void> {
    const id = this.idOf(mailbox);
    const ours = await this.#model.changes(this.#account, mailbox, { modSeq: model }, soon());
    const parts = await changesInParts(subject, this.#account, id, { modSeq: since, limit: PART });
    const [first] = parts;
    assert.equal(first === undefined, ours === null);
    if (ours === null || first === undefined) return;
    const theirs = { changed: parts.flatMap(({ changed }) => changed), vanished: first.vanished };
    const uids = this.twins.uids(mailbox);
    uids.meetAll(
      ours.changed.map(({ uid }) => uid),
      theirs.changed.map(({ uid }) => uid),
    );
    assert.deepEqual(theirs.changed.map(flagsOf), ours.changed.map(flagsOf));
    const vanished = new Set(theirs.vanished);
    assert.ok(
      this.uidsOf(mailbox, [...ours.vanished]).every((uid) => vanished.has(uid)),
      'a UID vanished unheard',
    );
    const live = await subject.view(this.#account, id, soon());
    assert.ok(
      live?.uids.every((uid) => !vanished.has(uid)),
      'a UID that lives has vanished',
    );
    assert.deepEqual(
      [...theirs.vanished].sort((a, b) => a - b),
      [...theirs.vanished],
    );
  }

  compareRecoverable(ours: readonly Recoverable[], theirs: readonly Recoverable[]): void {
    const plain = ({ mailbox, size, expungedAt, subject, from }: Recoverable): unknown => {
      return { mailbox, size, expungedAt, subject, from };
    };
    assert.deepEqual(theirs.map(plain), ours.map(plain));
    this.twins.emails.meetAll(
      ours.map(({ emailId }) => emailId),
      theirs.map(({ emailId }) => emailId),
    );
    this.twins.threads.meetAll(
      ours.map(({ threadId }) => threadId),
      theirs.map(({ threadId }) => threadId),
    );
  }

  /** What can be recovered is the same. */
  async lookAtRecoverable(subject: Mailboxes, filter: RecoverFilter, limit: number): Promise<void> {
    const [ours, theirs] = [
      await this.#model.recoverable(this.#account, filter, limit, soon()),
      await subject.recoverable(this.#account, filter, limit, soon()),
    ];
    this.compareRecoverable(ours, theirs);
  }

  async #lookInto(subject: Mailboxes, model: Mailbox, other: Mailbox, uidNextBefore: Uid): Promise<void> {
    const account = this.#account;
    const [view, theirView] = [
      await this.#model.view(account, model.id, soon()),
      await subject.view(account, other.id, soon()),
    ];
    assert.ok(view !== null && theirView !== null);
    const { uidNext, uidValidity, highestModSeq } = other;
    assert.deepEqual(
      { ...theirView, uids: null },
      { uids: null, uidNext, uidValidity, highestModSeq, keywords: view.keywords },
    );
    const uids = this.twins.uids(model.id);
    for (const [i, uid] of view.uids.entries())
      if (!uids.has(uid))
        assert.ok((theirView.uids[i] ?? 0) >= uidNextBefore, `UID ${theirView.uids[i]} has come again`);
    uids.meetAll(view.uids, theirView.uids);
    assert.deepEqual(theirView.uids.toSorted(), theirView.uids, 'a view does not rise');
    const parts = { facts: true, head: true };
    const ours = await this.#model.rows(account, model.id, [...view.uids], parts, soon());
    const theirs = await subject.rows(account, other.id, [...theirView.uids], parts, soon());
    assert.deepEqual(theirs.map(content), ours.map(content));
    for (const [i, row] of ours.entries()) await this.#meetRow(subject, row, theirs[i] ?? row);
    assert.ok(theirs.every(({ modSeq }) => modSeq <= highestModSeq));
  }

  async #meetRow(subject: Mailboxes, row: FullRow, their: FullRow): Promise<void> {
    const isNew = !this.twins.emails.has(row.emailId);
    this.twins.emails.meet(row.emailId, their.emailId);
    this.twins.threads.meet(row.threadId, their.threadId);
    if (!isNew) return;
    const all = row.size + 1;
    const octets = await this.#model.octets(this.#account, row.emailId, 0, all, soon());
    assert.ok(Buffer.from(octets).equals(await subject.octets(this.#account, their.emailId, 0, all, soon())));
  }

  async #lookAtAccount(subject: Mailboxes, full: boolean): Promise<void> {
    const account = this.#account;
    assert.deepEqual(await subject.usage(account, soon()), await this.#model.usage(account, soon()));
    const [drop, theirDrop] = [await this.#model.maildrop(account, soon()), await subject.maildrop(account, soon())];
    this.twins.mailboxes.meet(drop.mailbox, theirDrop.mailbox);
    const [ours, theirs] = [drop.messages, theirDrop.messages];
    this.twins.uids(drop.mailbox).meetAll(
      ours.map(({ uid }) => uid),
      theirs.map(({ uid }) => uid),
    );
    this.twins.uidls.meetAll(
      ours.map(({ uidl }) => uidl),
      theirs.map(({ uidl }) => uidl),
    );
    if (!full) return;
    await this.lookAtRecoverable(subject, ANY_OF_IT, 10_000);
    assert.deepEqual(await subject.subscriptions(account, soon()), await this.#model.subscriptions(account, soon()));
  }

  #remember(moment: Moment): void {
    this.moments.push(moment);
    if (this.moments.length > MOMENTS_MAX) this.moments.splice(Math.floor(MOMENTS_MAX / 3), 1);
  }
}

function counts({ name, specialUse, subscribed, exists, unseen, deleted, size }: Mailbox): unknown {
  return { name, specialUse, subscribed, exists, unseen, deleted, size };
}

function flagsOf({ flags }: Pick<FullRow, 'flags'>): readonly string[] {
  return flags.toSorted();
}

function content(row: FullRow): unknown {
  const { receivedAt, savedAt, size, facts, head } = row;
  const text = head === null ? null : Buffer.from(head).toString('latin1');
  return { flags: flagsOf(row), receivedAt, savedAt, size, facts, head: text };
}
