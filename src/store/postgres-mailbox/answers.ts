/** What an account says about mail that comes, and whom it has answered by itself (RFC 5230 §4.2). */
import { addressKey, type Call } from '#/model/index.ts';
import type { AutomaticAnswer } from '#/ports/index.ts';
import { answersMax, checkedRules } from '../mailbox/index.ts';
import type { Prepared } from '../postgres/batch.ts';
import type { Sql } from '../postgres/sql.ts';
import type { Change } from './change.ts';
import { idText } from './checked.ts';

const RULES = 'SELECT rules FROM mailbox_rules WHERE account = $1';
const SET_RULES: Prepared = {
  name: 'set-mailbox-rules',
  text: `INSERT INTO mailbox_rules VALUES ($1::int8, $2::text)
    ON CONFLICT (account) DO UPDATE SET rules = excluded.rules`,
};
const CLEAR_RULES: Prepared = {
  name: 'clear-mailbox-rules',
  text: 'DELETE FROM mailbox_rules WHERE account = $1::int8',
};
const LAST: Prepared = {
  name: 'last-mailbox-answer',
  text: `SELECT at, message, recipient FROM mailbox_answer
    WHERE account = $1::int8 AND about = $2::text AND address = $3::text`,
};
const REMEMBER: Prepared = {
  name: 'remember-mailbox-answer',
  text: `INSERT INTO mailbox_answer VALUES ($1::int8, $2::text, $3::text, $4::int8, $5::text, $6::int4)
    ON CONFLICT (account, about, address)
      DO UPDATE SET at = excluded.at, message = excluded.message, recipient = excluded.recipient`,
};
const FORGET: Prepared = {
  name: 'forget-mailbox-answers',
  text: `DELETE FROM mailbox_answer a USING (
      SELECT about, address FROM mailbox_answer WHERE account = $1::int8 ORDER BY at DESC OFFSET ${answersMax}) old
    WHERE a.account = $1::int8 AND a.about = old.about AND a.address = old.address`,
};

export async function readRules(sql: Sql, account: number, call: Call): Promise<string | null> {
  const [row] = await sql.rows<{ readonly rules: string }>(RULES, [account], call);
  return row?.rules ?? null;
}

/** Clients that watch see nothing of it: nobody is told. */
export async function setRules(change: Change, rules: string | null): Promise<void> {
  const text = checkedRules(rules);
  if (text === null) change.writeAside(CLEAR_RULES);
  else change.writeAside(SET_RULES, text);
}

/** Where the answer to its commit was lost it is done again, and says the same. */
export async function mayAnswer(change: Change, { key, to, about, at, since }: AutomaticAnswer): Promise<boolean> {
  const [address, name] = [idText(addressKey(to)), idText(about)];
  const [last] = await change.rows(LAST, name, address);
  if (last !== undefined && Number(last[0]) > since)
    return last[1] === key.message && Number(last[2]) === key.recipient;
  change.writeAside(REMEMBER, name, address, at, key.message, key.recipient);
  change.writeAside(FORGET);
  return true;
}
