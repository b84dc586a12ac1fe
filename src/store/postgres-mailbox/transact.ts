/** A transaction on one account, from its lock to its COMMIT, and the question whether one whose answer was lost came to be. */
import type { AccountKey } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Fields, Prepared, Step } from '../postgres/batch.ts';
import type { Lane } from '../postgres/lane.ts';
import { BEGIN, COMMIT, WRITE_SOMETHING } from '../postgres/statements.ts';
import { mayBeDone, troubleOf } from '../postgres/trouble.ts';
import { ACCOUNT_COLUMNS, readAccount } from './account-row.ts';
import type { Token } from './change.ts';
import { Change } from './change.ts';
import { makeAccountSteps } from './make-account.ts';

const LOCK: Prepared = {
  name: 'lock-mailbox-account',
  text: `SELECT ${ACCOUNT_COLUMNS} FROM mailbox_account WHERE tenant = $1::text AND address = $2::text FOR UPDATE`,
};
const LAST_WRITE: Prepared = {
  name: 'last-mailbox-write',
  text: `SELECT w.token FROM mailbox_account a JOIN mailbox_write w ON w.account = a.id
    WHERE a.tenant = $1::text AND a.address = $2::text AND w.writer = $3::text`,
};
const ROLLBACK: Prepared = { name: 'rollback', text: 'ROLLBACK' };

/** Nobody knows whether it was committed; `value` is its answer if it was. */
export class InDoubt<T> extends Error {
  readonly done: Done<T>;
  readonly token: Token;

  constructor(done: Done<T>, token: Token, cause: unknown) {
    super('The answer to a commit was lost.', { cause });
    this.done = done;
    this.token = token;
  }
}

export interface Done<T> {
  readonly value: T;
  readonly accountId: number;
  /** The account's version behind it, and whether it changed anything. */
  readonly version: number;
  readonly changed: boolean;
}

/** Runs `work` in one transaction on the account, which comes to be where it is not there. Rejects with `InDoubt`, `ConnectionLost` before the COMMIT, and the server's errors. */
export async function transact<T>(
  lane: Lane,
  key: AccountKey,
  token: Token,
  now: number,
  work: (change: Change) => Promise<T>,
): Promise<Done<T>> {
  let done: Done<T> | null = null;
  try {
    const change = new Change(lane, readAccount(await locked(lane, key, now)), token, now);
    const value = await work(change);
    const { account, changes: changed } = change;
    done = { value, accountId: account.id, version: account.version + (changed ? 1 : 0), changed };
    await change.commit();
    return done;
  } catch (error) {
    if (done !== null && mayBeDone(error)) throw new InDoubt(done, token, error);
    await undo(lane, error);
    throw error;
  }
}

/** Whether the transaction with this token was committed: it is over once the account's lock is ours. What it wrote is then as safe as anything we write. */
export async function wasCommitted(lane: Lane, { tenant, address }: AccountKey, token: Token): Promise<boolean> {
  try {
    const begun = await lane.run([
      { statement: BEGIN, values: [] },
      { statement: LOCK, values: [tenant, address] },
      { statement: LAST_WRITE, values: [tenant, address, token.writer] },
      { statement: WRITE_SOMETHING, values: [] },
      { statement: COMMIT, values: [] },
    ]);
    return begun[2]?.[0]?.[0] === String(token.number);
  } catch (error) {
    await undo(lane, error);
    throw error;
  }
}

async function locked(lane: Lane, key: AccountKey, now: number): Promise<Fields> {
  const lock: Step = { statement: LOCK, values: [key.tenant, key.address] };
  const [, found = []] = await lane.run([{ statement: BEGIN, values: [] }, lock]);
  if (found[0] !== undefined) return found[0];
  const made = await lane.run([...makeAccountSteps(key, now), lock]);
  const fields = made.at(-1)?.[0];
  if (fields === undefined) throw new Fault('store.failed', 'An account that was made is not there.');
  return fields;
}

// Where even this fails the connection is of no use.
async function undo(lane: Lane, error: unknown): Promise<void> {
  if (troubleOf(error) === 'lost') return;
  try {
    await lane.run([{ statement: ROLLBACK, values: [] }]);
  } catch {
    lane.cut();
  }
}
