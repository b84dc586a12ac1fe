/**
 * Messages that several entries share. Octets count against the quota once while any entry lives, and are kept while any entry needs them.
 * A message without a row here has one entry; so nearly all expunges and purges never look at one.
 */

import type { SqlValue } from '../sqlite/statement.ts';
import type { Account } from './account.ts';

/** Entries that are live become gone: `counts` of them, chosen by `which`. To be called before they are marked. */
export function becomeGone(
  account: Account,
  counts: { readonly count: number; readonly size: number },
  which: string,
  values: readonly SqlValue[],
): void {
  move(account, counts.count, counts.size);
  const { db } = account;
  const touched = `SELECT message, size FROM entry WHERE ${which}`;
  // Rows of `shared` that change, each once; where none of these entries has its message in common with another, that is all.
  db.run(
    `UPDATE shared SET live = live - 1, gone = gone + 1 FROM (${touched}) AS touched
     WHERE touched.message = shared.message`,
    ...values,
  );
  const changed = db.get<{ rows: number }>('SELECT changes() AS rows')?.rows ?? 0;
  if (changed === 0) return;
  // Of a message that lives on elsewhere no entry counted.
  const kept = db.get<Kept>(
    `SELECT count(*) AS entries, total(live <> 0) AS count, total(entry.size * (live <> 0)) AS size
     FROM entry JOIN shared ON shared.message = entry.message WHERE ${which}`,
    ...values,
  );
  if (kept === undefined) return;
  if (kept.entries === changed) move(account, -kept.count, -kept.size);
  else becomeGoneOften(account, touched, values);
}

interface Kept {
  readonly entries: number;
  readonly count: number;
  readonly size: number;
}

/** The rest where a message has several of these entries, of which one is counted by now. */
function becomeGoneOften(account: Account, touched: string, values: readonly SqlValue[]): void {
  const often = `SELECT message, max(size) AS size, count(*) AS times FROM (${touched}) GROUP BY message`;
  account.db.run(
    `UPDATE shared SET live = live - often.times + 1, gone = gone + often.times - 1 FROM (${often}) AS often
     WHERE often.message = shared.message AND often.times > 1`,
    ...values,
  );
  // Of one that is gone now, all but one did not count.
  const row = account.db.get<{ count: number; size: number }>(
    `SELECT total(times - (live = 0)) AS count, total(size * (times - (live = 0))) AS size
     FROM (${often}) AS often JOIN shared ON shared.message = often.message`,
    ...values,
  );
  if (row !== undefined) move(account, -row.count, -row.size);
}

/** One entry that was gone is live again. */
export function becomeLive(account: Account, message: number, size: number): void {
  const row = account.db.get<{ live: number }>(
    'UPDATE shared SET live = live + 1, gone = gone - 1 WHERE message = ? RETURNING live',
    message,
  );
  if (row === undefined || row.live === 1) move(account, -1, -size);
}

/** A live message gets one more live entry. */
export function share(account: Account, message: number): void {
  account.db.run(
    'INSERT INTO shared (message, live, gone) VALUES (?, 2, 0) ON CONFLICT (message) DO UPDATE SET live = live + 1',
    message,
  );
}

/** An entry that was gone is no more. Whether its message is needed by nobody now. */
export function loseEntry(account: Account, message: number, size: number): boolean {
  const row = account.db.get<{ live: number; gone: number }>(
    'UPDATE shared SET gone = gone - 1 WHERE message = ? RETURNING live, gone',
    message,
  );
  if (row !== undefined && row.live + row.gone > 0) {
    if (row.live + row.gone === 1) account.db.run('DELETE FROM shared WHERE message = ?', message);
    return false;
  }
  if (row !== undefined) account.db.run('DELETE FROM shared WHERE message = ?', message);
  account.state.goneMessages -= 1;
  account.state.goneBytes -= size;
  return true;
}

function move({ state }: Account, messages: number, bytes: number): void {
  state.liveMessages -= messages;
  state.liveBytes -= bytes;
  state.goneMessages += messages;
  state.goneBytes += bytes;
}
