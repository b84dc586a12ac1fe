/** What an account says about mail that comes, and whom it has answered by itself (RFC 5230 §4.2). */
import { addressKey } from '#/model/index.ts';
import { answersMax, checkedRules } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import type { Input } from './protocol.ts';

export function readRules({ db }: Account): string | null {
  return db.get<{ readonly text: string }>('SELECT text FROM rules')?.text ?? null;
}

export function setRules({ db }: Account, { rules }: Input<'setRules'>): null {
  const text = checkedRules(rules);
  if (text === null) db.run('DELETE FROM rules');
  else db.run('INSERT INTO rules VALUES (1, ?) ON CONFLICT DO UPDATE SET text = excluded.text', text);
  return null;
}

interface Last {
  readonly at: number;
  readonly message: string;
  readonly recipient: number;
}

export function mayAnswer({ db }: Account, { key, to, about, at, since }: Input<'mayAnswer'>): boolean {
  const address = addressKey(to);
  const last = db.get<Last>(
    'SELECT at, message, recipient FROM answer WHERE about = ? AND address = ?',
    about,
    address,
  );
  if (last !== undefined && last.at > since) return last.message === key.message && last.recipient === key.recipient;
  db.run(
    `INSERT INTO answer VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET at = excluded.at, message = excluded.message, recipient = excluded.recipient`,
    about,
    address,
    at,
    key.message,
    key.recipient,
  );
  const count = db.get<{ readonly n: number }>('SELECT count(*) AS n FROM answer')?.n ?? 0;
  if (count > answersMax)
    db.run(
      'DELETE FROM answer WHERE (about, address) IN (SELECT about, address FROM answer ORDER BY at LIMIT ?)',
      count - answersMax,
    );
  return true;
}
