import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { MailAddress } from '#/model/index.ts';
import { letter } from '../contract/mail-samples.ts';
import { ACME, NOON } from '../contract/samples.ts';
import { Account } from './account.ts';
import { purge } from './aging.ts';
import { append } from './arrival.ts';
import { expungeEntries } from './entries.ts';
import { inboxOf } from './folders.ts';
import { THINNING_MARKS_MIN } from './limits.ts';
import { Register } from './register.ts';
import { holding, indexSome } from './search.ts';
import { Views } from './views.ts';
import { packMessage } from './wire.ts';

const MESSAGES = 2 * THINNING_MARKS_MIN + 300;
const KEPT = 40;

it('O3: what is purged leaves the index of words in steps between deletions, and its space is given back', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-thinning-'));
  const register = new Register(folder);
  const key = { tenant: ACME, address: 'alice@acme.test' as MailAddress };
  const account = new Account(key, register.place(key), new Views(), NOON);
  const change = <T>(work: () => T): T => {
    account.begin();
    const outcome = account.attempt(work);
    account.commit();
    return outcome;
  };
  const count = (sql: string): number => account.db.get<{ n: number }>(sql)?.n ?? 0;
  try {
    for (let first = 1; first <= MESSAGES; first += 100) {
      const numbers = Array.from({ length: 100 }, (_, i) => first + i);
      const mails = numbers.map((n) => letter({ text: `every word${n} ${n % 50 === 0 ? 'fiftieth' : 'other'}` }));
      const bytes = Buffer.concat(mails.map(({ content }) => content));
      let at = 0;
      const packed = mails.map((mail) => {
        const message = packMessage(mail, at);
        at += mail.content.length;
        return message;
      });
      const input = { mailbox: '' as never, mails: packed, limits: { quotaBytes: null } };
      change(() => void append(account, inboxOf(account), input, { bytes, base: 0 }));
    }
    while (change(() => indexSome(account)) > 0);
    const before = count('SELECT sum(length(block)) AS n FROM term_data');
    change(() => expungeEntries(account, inboxOf(account), [[1, MESSAGES - KEPT]], 'all'));
    const steps = purgeAll(() => change(() => purge(account, NOON + 1, 100)));
    const without = steps.findIndex(({ messages }) => messages === 0);
    assert.ok(
      without >= 10 && without < steps.length - 1,
      'the index is written anew amid the purge, when it is half empty',
    );
    assert.equal(
      steps.reduce((sum, { messages }) => sum + messages, 0),
      MESSAGES - KEPT,
    );
    const left = count('SELECT sum(length(block)) AS n FROM term_data');
    assert.ok(left < before / 10, `the index had ${before} octets and has ${left}`);
    assert.equal(count('SELECT freelist_count AS n FROM pragma_freelist_count'), 0);
    assert.deepEqual(holding(account.db, inboxOf(account).id, ['fiftieth'], 'text'), [2_300]);
    assert.deepEqual(holding(account.db, inboxOf(account).id, ['word7'], 'text'), []);
  } finally {
    for (const each of [account, register]) each.close();
    rmSync(folder, { recursive: true });
  }
});

function purgeAll(step: () => ReturnType<typeof purge>): ReturnType<typeof purge>[] {
  const steps: ReturnType<typeof purge>[] = [];
  do steps.push(step());
  while ((steps.at(-1)?.messages ?? 0) > 0 || steps.at(-1)?.moreSpace === true);
  return steps;
}
