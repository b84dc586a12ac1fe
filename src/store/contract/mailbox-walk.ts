/**
 * A random walk of the same calls through two keepers of mailboxes, which must agree in every answer and, after every step, in all that
 * there is to see of the account. Ids, UIDs and modification sequences may differ, but always in the same way. A walk is its seed; a
 * failure names it.
 */
import assert from 'node:assert/strict';
import { phraseOf } from '#/codec/mime/index.ts';
import type { AccountKey, MailAddress, MailboxId, Uid } from '#/model/index.ts';
import type { Delivery, FlagChange, Mailboxes } from '#/ports/index.ts';
import { deliveryKey, FOR_EVER } from './mail-samples.ts';
import { Comparison } from './mailbox-comparison.ts';
import { Draws, USES } from './mailbox-draws.ts';
import { randomOf } from './random-walk.ts';
import type { StandingClock } from './samples.ts';
import { ACME, soon } from './samples.ts';

/** Two keepers on one clock. */
export interface MailboxPair {
  readonly model: Mailboxes;
  readonly clock: StandingClock;
  /** The keeper under test; where several processes may share its store, now this one and now that one. */
  subject(step: number): Mailboxes;
  /** Ends the keeper under test where it stands and opens it again; null where nothing outlives it. */
  readonly reopen: (() => Promise<void>) | null;
}

/** Walks `steps` steps. Throws an assertion where the keepers part. */
export async function walkMailboxes(pair: MailboxPair, seed: number, steps: number): Promise<void> {
  const walker = new MailboxWalker(pair, seed);
  for (let step = 0; step <= steps; step++) {
    try {
      await walker.step(step, step === steps);
    } catch (cause) {
      throw new Error(`seed ${seed}, step ${step}: ${walker.history.slice(-8).join(', ')}`, { cause });
    }
  }
}

let walks = 0;

class MailboxWalker {
  readonly history: string[] = [];
  readonly #pair: MailboxPair;
  readonly #random: (below: number) => number;
  readonly #draws: Draws;
  readonly #account: AccountKey;
  readonly #comparison: Comparison;
  #subject: Mailboxes;
  /** Octets that purges gave back: a keeper may be behind with them. */
  readonly #freed = { model: 0, subject: 0 };

  constructor(pair: MailboxPair, seed: number) {
    this.#pair = pair;
    this.#random = randomOf(seed);
    this.#draws = new Draws(this.#random, pair.clock);
    this.#account = { tenant: ACME, address: `walker-${seed}-${++walks}@acme.test` as MailAddress };
    this.#comparison = new Comparison(this.#account, pair.model);
    this.#subject = pair.subject(0);
  }

  async step(step: number, isLast: boolean): Promise<void> {
    // Nothing is expunged at the same moment as anything else, so that the oldest and the newest are known.
    await this.#pair.clock.sleep(1 + this.#random(2_000));
    this.#subject = this.#pair.subject(step);
    if (step === 0) await this.#comparison.look(this.#subject, true);
    const [name, run] = isLast ? (['purge all', () => this.#purgeAll()] as const) : this.#choose();
    this.history.push(name);
    await run();
    await this.#comparison.look(this.#subject, isLast || name === 'reopen' || this.#random(12) === 0);
  }

  #choose(): readonly [string, () => Promise<unknown>] {
    const dice = this.#random(100);
    if (dice < 16) return ['deliver', () => this.#deliver()];
    if (dice < 28) return ['append', () => this.#append()];
    if (dice < 42) return ['flag', () => this.#flag()];
    if (dice < 54) return ['copy', () => this.#copy()];
    if (dice < 62) return ['expunge', () => this.#expunge()];
    if (dice < 75) return ['names', () => this.#names()];
    if (dice < 79) return ['recover', () => this.#recover()];
    if (dice < 83) return ['purge', () => this.#purge(this.#draws.before(), 1 + this.#random(4))];
    if (dice < 85) return ['retire', () => this.#retire()];
    if (dice < 86) return ['hold', () => this.#hold()];
    if (dice < 88) return ['forget', () => this.#forget()];
    if (dice < 92) return ['search', () => this.#search()];
    if (dice < 96) return ['look back', () => this.#lookBack()];
    if (dice < 98 || this.#pair.reopen === null) return ['recoverable', () => this.#lookAtRecoverable()];
    return ['reopen', () => this.#reopen()];
  }

  async #deliver(): Promise<void> {
    const into = this.#draws.one<Delivery['into']>([this.#draws.name(), { specialUse: this.#draws.one(USES) }]);
    // Now and then one that was there before.
    const delivery = {
      key: deliveryKey(this.#random(60)),
      mail: this.#draws.letter(),
      into,
      limits: await this.#limits(),
    };
    await this.#both((keeper) => keeper.deliver(this.#account, delivery, soon()));
  }

  async #append(): Promise<void> {
    const [mailbox, limits] = [this.#mailbox(), await this.#limits()];
    const mails = Array.from({ length: this.#random(4) }, () => this.#draws.letter());
    const ours = await this.#pair.model.append(this.#account, mailbox, mails, limits, soon());
    const theirs = await this.#subject.append(this.#account, this.#idOf(mailbox), mails, limits, soon());
    assert.equal(theirs.kind, ours.kind);
    if (ours.kind !== 'appended' || theirs.kind !== 'appended') return;
    this.#comparison.twins.uids(mailbox).meetAll(ours.uids, theirs.uids);
    this.#comparison.twins.validities.meet(ours.uidValidity, theirs.uidValidity);
  }

  async #flag(): Promise<void> {
    const [mailbox, moment] = [this.#mailbox(), this.#draws.one([null, null, ...this.#comparison.moments])];
    const uids = await this.#some(mailbox);
    const change = {
      how: this.#draws.one<FlagChange['how']>(['add', 'add', 'remove', 'replace']),
      flags: this.#draws.flags(),
    };
    const since = moment?.mailbox === mailbox ? moment : null;
    const ours = await this.#pair.model.flag(
      this.#account,
      mailbox,
      uids,
      { ...change, unchangedSince: since?.model ?? null },
      soon(),
    );
    const theirs = await this.#subject.flag(
      this.#account,
      this.#idOf(mailbox),
      this.#comparison.uidsOf(mailbox, uids),
      { ...change, unchangedSince: since?.subject ?? null },
      soon(),
    );
    const twins = this.#comparison.twins.uids(mailbox);
    twins.meetAll(
      ours.rows.map(({ uid }) => uid),
      theirs.rows.map(({ uid }) => uid),
    );
    twins.meetAll(ours.modified, theirs.modified);
    const flags = ours.rows.map((row) => row.flags.toSorted());
    assert.deepEqual(
      theirs.rows.map((row) => row.flags.toSorted()),
      flags,
    );
    assert.deepEqual(theirs.refused, ours.refused);
  }

  async #copy(): Promise<void> {
    const [from, to, how] = [this.#mailbox(), this.#mailbox(), this.#draws.one(['copy', 'move'] as const)];
    const [uids, limits] = [await this.#some(from), await this.#limits()];
    const ours = await this.#pair.model.copy(this.#account, from, uids, to, how, limits, soon());
    const theirs = await this.#subject.copy(
      this.#account,
      this.#idOf(from),
      this.#comparison.uidsOf(from, uids),
      this.#idOf(to),
      how,
      limits,
      soon(),
    );
    assert.equal(theirs.kind, ours.kind);
    if (ours.kind !== 'copied' || theirs.kind !== 'copied') return;
    this.#comparison.twins.uids(from).meetAll(ours.from, theirs.from);
    this.#comparison.twins.uids(to).meetAll(ours.to, theirs.to);
    this.#comparison.twins.validities.meet(ours.uidValidity, theirs.uidValidity);
  }

  async #expunge(): Promise<void> {
    const [mailbox, regardless] = [this.#mailbox(), this.#random(4) === 0];
    const uids = this.#random(2) === 0 ? await this.#some(mailbox) : null;
    const ours = await this.#pair.model.expunge(this.#account, mailbox, uids, regardless, soon());
    const translated = uids === null ? null : this.#comparison.uidsOf(mailbox, uids);
    const theirs = await this.#subject.expunge(this.#account, this.#idOf(mailbox), translated, regardless, soon());
    this.#comparison.twins.uids(mailbox).meetAll(ours.uids, theirs.uids);
  }

  async #names(): Promise<void> {
    const [name, other, use] = [this.#draws.name(), this.#draws.name(), this.#draws.one([null, null, ...USES])];
    const wanted = this.#random(2) === 0;
    await this.#draws.one([
      () => this.#both(async (keeper) => (await keeper.create(this.#account, name, use, soon())).kind),
      () => this.#both((keeper) => keeper.delete(this.#account, name, soon())),
      () => this.#both((keeper) => keeper.rename(this.#account, name, other, soon())),
      () => this.#both((keeper) => keeper.rename(this.#account, name, other, soon())),
      () => this.#both((keeper) => keeper.subscribe(this.#account, name, wanted, soon())),
      () => this.#both(async (keeper) => (await keeper.find(this.#account, name, soon()))?.name),
    ])();
  }

  async #recover(): Promise<void> {
    const [filter, limit] = [this.#draws.filter(), this.#random(5)];
    await this.#both((keeper) => keeper.recover(this.#account, filter, limit, soon()));
  }

  async #lookAtRecoverable(): Promise<void> {
    await this.#comparison.lookAtRecoverable(this.#subject, this.#draws.filter(), this.#random(6));
  }

  async #purge(before: number, limit: number): Promise<boolean> {
    const ours = await this.#pair.model.purge(this.#account, before, limit, soon());
    const theirs = await this.#subject.purge(this.#account, before, limit, soon());
    assert.deepEqual([theirs.messages, theirs.left], [ours.messages, ours.left]);
    this.#freed.model += ours.bytes;
    this.#freed.subject += theirs.bytes;
    return ours.left + theirs.bytes + ours.messages > 0;
  }

  async #purgeAll(): Promise<void> {
    await this.#both((keeper) => keeper.hold(this.#account, false, soon()));
    while (await this.#purge(FOR_EVER, 50)) this.history.push('again');
    assert.equal(this.#freed.subject, this.#freed.model, 'octets that purges gave back');
  }

  async #retire(): Promise<void> {
    const [mailbox, before, limit] = [this.#mailbox(), this.#draws.before(), this.#random(3)];
    const ours = await this.#pair.model.retire(this.#account, mailbox, before, limit, soon());
    assert.equal(await this.#subject.retire(this.#account, this.#idOf(mailbox), before, limit, soon()), ours);
  }

  async #hold(): Promise<void> {
    const held = this.#random(3) === 0;
    await this.#both((keeper) => keeper.hold(this.#account, held, soon()));
  }

  async #forget(): Promise<void> {
    const keys = [deliveryKey(this.#random(60)), deliveryKey(this.#random(60))];
    await this.#both((keeper) => keeper.forgetDeliveries(this.#account, keys, soon()));
  }

  async #search(): Promise<void> {
    const [mailbox, where] = [this.#mailbox(), this.#draws.one(['body', 'text'] as const)];
    const phrase = phraseOf(this.#draws.text(2));
    const ours = await this.#pair.model.holding(this.#account, mailbox, phrase, where, soon());
    const theirs = await this.#subject.holding(this.#account, this.#idOf(mailbox), phrase, where, soon());
    this.#comparison.twins.uids(mailbox).meetAll(ours, theirs);
  }

  async #lookBack(): Promise<void> {
    const { moments } = this.#comparison;
    if (moments.length > 0) await this.#comparison.lookBack(this.#subject, this.#draws.one(moments));
  }

  async #reopen(): Promise<void> {
    await this.#pair.reopen?.();
    this.#subject = this.#pair.subject(this.history.length);
  }

  async #both(ask: (keeper: Mailboxes) => Promise<unknown>): Promise<void> {
    const [expected, actual] = [await ask(this.#pair.model), await ask(this.#subject)];
    assert.deepEqual(actual, expected);
  }

  /** Mostly none; else little more than is there. */
  async #limits(): Promise<Delivery['limits']> {
    if (this.#random(4) > 0) return { quotaBytes: null };
    const { bytes } = await this.#pair.model.usage(this.#account, soon());
    return { quotaBytes: bytes + this.#random(1_000) };
  }

  /** Some UIDs of a mailbox as the model has them, in any order; gone ones now and then. */
  async #some(mailbox: MailboxId): Promise<Uid[]> {
    const view = await this.#pair.model.view(this.#account, mailbox, soon());
    const known = [...(view?.uids ?? []), 1, 2];
    return Array.from({ length: this.#random(6) }, () => this.#draws.one(known));
  }

  /** The model's id of one that is there; of one that was, now and then. */
  #mailbox(): MailboxId {
    const old = this.#comparison.moments.map(({ mailbox }) => mailbox);
    return this.#draws.one(this.#random(6) === 0 && old.length > 0 ? old : this.#comparison.mailboxes);
  }

  #idOf(mailbox: MailboxId): MailboxId {
    return this.#comparison.idOf(mailbox);
  }
}
