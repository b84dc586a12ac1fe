import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { MailAddress } from '#/model/index.ts';
import { letter } from '../contract/mail-samples.ts';
import { ACME, NOON } from '../contract/samples.ts';
import type { SqlValue } from '../sqlite/statement.ts';
import { Account } from './account.ts';
import { append } from './arrival.ts';
import { Database } from './database.ts';
import { inboxOf } from './folders.ts';
import { Register } from './register.ts';
import { holding, indexSome } from './search.ts';
import { Views } from './views.ts';
import { packMessage } from './wire.ts';

/** A connection beside the owner's, between whose statements something happens. */
class Beside extends Database {
  readonly #between: () => void;

  constructor(file: string, between: () => void) {
    super(new DatabaseSync(file, { readOnly: true }));
    this.#between = between;
  }

  override all<Row>(sql: string, ...values: readonly SqlValue[]): Row[] {
    const rows = super.all<Row>(sql, ...values);
    this.#between();
    return rows;
  }
}

it('O3: a message that is indexed while somebody searches is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-search-'));
  const register = new Register(folder);
  const key = { tenant: ACME, address: 'alice@acme.test' as MailAddress };
  const place = register.place(key);
  const account = new Account(key, place, new Views(), NOON);
  const inbox = inboxOf(account);
  const change = (work: () => void): void => {
    account.begin();
    account.attempt(work);
    account.commit();
  };
  const mail = letter({ text: 'needle' });
  const input = { mailbox: '' as never, mails: [packMessage(mail, 0)], limits: { quotaBytes: null } };
  change(() => void append(account, inbox, input, { bytes: mail.content, base: 0 }));
  const beside = new Beside(place.database, () => change(() => void indexSome(account)));
  try {
    assert.deepEqual(holding(beside, inbox.id, ['needle'], 'text'), [1]);
    assert.deepEqual(holding(beside, inbox.id, ['needle'], 'text'), [1]);
    assert.equal(account.db.get<{ n: number }>('SELECT count(*) AS n FROM unindexed')?.n, 0);
  } finally {
    for (const each of [beside, account, register]) each.close();
    rmSync(folder, { recursive: true });
  }
});
