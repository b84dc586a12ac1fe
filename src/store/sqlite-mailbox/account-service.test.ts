/** Failures of the disk below one thread, without the thread. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import type { AccountKey, MailAddress, MailId } from '#/model/index.ts';
import { letter, NO_LIMITS, nameOf } from '../contract/mail-samples.ts';
import { ACME, NOON } from '../contract/samples.ts';
import { AccountService } from './account-service.ts';
import { StoreBroken } from './failures.ts';
import type { AccountCall, Input, ThreadAnswer } from './protocol.ts';
import { Register } from './register.ts';
import { packMessage } from './wire.ts';

const IOERR = 10;
const FULL = 13;

class Bench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-service-'));
  readonly register = new Register(this.folder);
  readonly service = new AccountService(this.register);
  readonly account: AccountKey = { tenant: ACME, address: 'alice@acme.test' as MailAddress };
  #last = 0;
  #isClosed = false;

  ask<Name extends AccountCall>(name: Name, input: Input<Name>, content: Uint8Array = new Uint8Array()): ThreadAnswer {
    const answers: ThreadAnswer[] = [];
    const id = ++this.#last;
    const request = { id, account: this.account, name, input, base: 0, deadlineAt: Number.MAX_SAFE_INTEGER };
    const group = { now: NOON, requests: [request], content: Uint8Array.from(content).buffer };
    this.service.take(group, (message) => message.kind === 'answers' && answers.push(...message.answers));
    assert.equal(answers.length, 1);
    return answers[0] as ThreadAnswer;
  }

  deliver(n: number): ThreadAnswer {
    const mail = letter();
    const key = { message: `0000000000000${n}` as MailId, recipient: 1 };
    const input = { key, mail: packMessage(mail, 0), into: nameOf('INBOX'), limits: NO_LIMITS };
    return this.ask('deliver', input, mail.content);
  }

  close(): void {
    if (!this.#isClosed) this.service.close();
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
    rmSync(this.folder, { recursive: true });
  }
}

it('design 1: a flush that failed ends the keeper, and what it was for is not told as done', (t) => {
  using bench = new Bench();
  assert.ok(bench.deliver(1).ok);
  failing(t, 'COMMIT', IOERR);
  assert.throws(() => bench.deliver(2), StoreBroken);
});

it('design 1: on a full disk a request is refused whole, and later ones are served', (t) => {
  using bench = new Bench();
  assert.ok(bench.deliver(1).ok);
  for (const statement of ['INSERT INTO message', 'COMMIT']) {
    const { restore } = failing(t, statement, FULL);
    const answer = bench.deliver(2);
    assert.deepEqual([answer.ok, !answer.ok && answer.fault], [false, 'disk.full'], statement);
    restore();
    const usage = bench.ask('usage', null);
    assert.ok(usage.ok);
    assert.equal((usage.output as { messages: number }).messages, 1);
  }
  assert.ok(bench.deliver(2).ok);
});

it('O4: a purge gives the space of its messages back to the disk, in steps', () => {
  using bench = new Bench();
  const mail = letter({ content: Buffer.alloc(3_000_000, 'x') });
  const { output } = bench.ask('find', { name: nameOf('INBOX') }) as { output: { id: never } };
  const input = { mailbox: output.id, mails: [packMessage(mail, 0)], limits: NO_LIMITS };
  assert.ok(bench.ask('append', input, mail.content).ok);
  bench.ask('expunge', { mailbox: output.id, uids: null, regardless: true });
  for (let steps = 0; steps < 8; steps++) bench.ask('purge', { before: NOON + 1, limit: 10 });
  const { database } = bench.register.place(bench.account);
  bench.close();
  assert.ok(statSync(database).size < 1_000_000);
});

/** Statements that begin so fail with a code of SQLite, until the test is over or this is restored. */
function failing(t: TestContext, begin: string, errcode: number): { restore: () => void } {
  const method = 'all' as const;
  const original = StatementSync.prototype[method] as (...values: unknown[]) => ReturnType<StatementSync['all']>;
  const spy = t.mock.method(StatementSync.prototype, 'all', function (this: StatementSync, ...values: unknown[]) {
    if (this.sourceSQL.startsWith(begin)) throw Object.assign(new Error('it failed'), { errcode });
    return original.apply(this, values);
  });
  return { restore: () => spy.mock.restore() };
}
