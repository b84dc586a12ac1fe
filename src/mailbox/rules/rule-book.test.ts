import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailAddress } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { ACCOUNT, FakeClock, FakeLog } from '#/testkit/index.ts';
import { RuleBook, type RulesDocument } from './index.ts';

const NONE: RulesDocument = { rules: [] };
const call = () => within(5_000);

class Shelf {
  readonly texts = new Map<string, string>();
  reads = 0;
  /** What a reader waits for. */
  wait: Promise<void> = Promise.resolve();

  async rules({ address }: { readonly address: string }): Promise<string | null> {
    this.reads += 1;
    const text = this.texts.get(address.toLowerCase()) ?? null;
    await this.wait;
    return text;
  }

  async setRules({ address }: { readonly address: string }, text: string | null): Promise<void> {
    if (text === null) this.texts.delete(address.toLowerCase());
    else this.texts.set(address.toLowerCase(), text);
  }
}

function open() {
  const [mailboxes, clock] = [new Shelf(), new FakeClock()];
  return { mailboxes, clock, book: new RuleBook({ mailboxes, clock, log: new FakeLog() }) };
}

test('O7: accounts are asked once in some seconds, however much mail comes, and a change counts at once', async () => {
  const { book, mailboxes, clock } = open();
  await Promise.all(Array.from({ length: 100 }, () => book.of(ACCOUNT, call())));
  for (let i = 0; i < 100; i++) assert.equal(await book.of(ACCOUNT, call()), null);
  assert.equal(mailboxes.reads, 1);
  await book.set(ACCOUNT, NONE, call());
  const shouted = { ...ACCOUNT, address: 'ALICE@acme.test' as MailAddress };
  assert.deepEqual((await book.of(shouted, call()))?.document, NONE);
  await clock.advance(60_000);
  mailboxes.texts.clear();
  assert.equal(await book.of(ACCOUNT, call()), null, 'changed by another host');
});

test('design 1: rules that were read before a change are not believed after it', async () => {
  const { book, mailboxes } = open();
  const gate = Promise.withResolvers<void>();
  mailboxes.wait = gate.promise;
  const before = book.of(ACCOUNT, call());
  await book.set(ACCOUNT, NONE, call());
  gate.resolve();
  assert.equal(await before, null);
  assert.deepEqual((await book.of(ACCOUNT, call()))?.document, NONE);
});

test('O3: rules that are as they were are not understood anew', async () => {
  const { book, clock } = open();
  await book.set(ACCOUNT, NONE, call());
  const rules = await book.of(ACCOUNT, call());
  await clock.advance(60_000);
  assert.ok(rules !== null && (await book.of(ACCOUNT, call())) === rules);
  await book.set(ACCOUNT, { rules: [], vacation: { text: 'Away.', days: 7 } }, call());
  assert.equal((await book.of(ACCOUNT, call()))?.document.vacation?.text, 'Away.');
});

test('B3: memory has a bound: of too many, those that were read first are asked for again', async () => {
  const { book, mailboxes } = open();
  const account = (i: number) => ({ ...ACCOUNT, address: `u${i}@acme.test` as MailAddress });
  for (let i = 0; i < 50_001; i++) await book.of(account(i), call());
  assert.equal(mailboxes.reads, 50_001);
  await book.of(account(50_000), call());
  assert.equal(mailboxes.reads, 50_001);
  await book.of(account(0), call());
  assert.equal(mailboxes.reads, 50_002);
});

test('O6: an account that can not be asked now is asked again by the next delivery', async () => {
  const { book, mailboxes } = open();
  mailboxes.wait = Promise.reject(new Error('away'));
  await assert.rejects(book.of(ACCOUNT, call()), /away/);
  mailboxes.wait = Promise.resolve();
  assert.equal(await book.of(ACCOUNT, call()), null);
});
