/** What two keepers call the same thing: ids, UIDs and the like, that each chooses for itself, stand for each other for ever. */
import assert from 'node:assert/strict';

type Name = string | number;

/** One kind of names. Each has one twin, and nobody else has that. */
export class Twins<T extends Name> {
  readonly #what: string;
  readonly #forth = new Map<T, T>();
  readonly #back = new Map<T, T>();

  constructor(what: string) {
    this.#what = what;
  }

  /** Both keepers said these of one thing. */
  meet(model: T, subject: T): void {
    assert.equal(this.#forth.getOrInsert(model, subject), subject, `${this.#what} ${model} has changed`);
    assert.equal(this.#back.getOrInsert(subject, model), model, `${this.#what} ${subject} is of two things`);
  }

  /** In the same order, as many. */
  meetAll(model: Iterable<T>, subject: Iterable<T>): void {
    const [ours, theirs] = [[...model], [...subject]];
    assert.equal(theirs.length, ours.length, `${this.#what}s: ${theirs.join(' ')} for ${ours.join(' ')}`);
    for (const [i, each] of ours.entries()) this.meet(each, theirs[i] as T);
  }

  /** The subject's name; itself for what nobody has met. */
  of(model: T): T {
    return this.#forth.get(model) ?? model;
  }

  has(model: T): boolean {
    return this.#forth.has(model);
  }
}

/** All that two keepers may call differently. */
export class AllTwins {
  readonly mailboxes = new Twins<string>('MAILBOXID');
  readonly emails = new Twins<string>('EMAILID');
  readonly threads = new Twins<string>('THREADID');
  readonly uidls = new Twins<string>('UIDL');
  readonly validities = new Twins<number>('UIDVALIDITY');
  readonly #uids = new Map<string, Twins<number>>();

  /** Of a mailbox, by the id that the model gives it. */
  uids(mailbox: string): Twins<number> {
    return this.#uids.getOrInsertComputed(mailbox, () => new Twins('UID'));
  }
}
