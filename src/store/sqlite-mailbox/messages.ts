/** Messages: their octets exactly as they came, what was read of them, and the conversation that they belong to. */
import type { EmailId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { isUidl } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { numberOf } from './ids.ts';
import { PIECE_BYTES_MAX } from './limits.ts';
import { joined } from './octets.ts';
import type { WireMessage } from './protocol.ts';

/** Content up to here lies in the message's own row; of larger content only the header section does, which is read most. */
const INLINE_BYTES_MAX = 2048;

/** Stores a message that is new. Its entry is for the caller to add. */
export function storeMessage(
  account: Account,
  mail: WireMessage,
  content: Uint8Array,
): { readonly message: number; readonly thread: number } {
  const { db, state } = account;
  const message = account.newId();
  const whole = content.length <= INLINE_BYTES_MAX;
  const begin = whole ? content.length : Math.min(mail.headBytes, PIECE_BYTES_MAX);
  let first = 0;
  let pieces = 0;
  for (let at = begin; at < content.length; at += PIECE_BYTES_MAX, pieces++) {
    const piece = content.subarray(at, Math.min(at + PIECE_BYTES_MAX, content.length));
    const row = db.get<{ id: number }>('INSERT INTO piece (octets) VALUES (?) RETURNING id', piece);
    if (pieces === 0) first = row?.id ?? 0;
  }
  db.run(
    'INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)',
    message,
    content.length,
    first,
    pieces,
    Math.min(mail.headBytes, content.length),
    mail.facts,
    content.subarray(0, begin),
  );
  db.run('INSERT INTO unindexed (message, head, body) VALUES (?, ?, ?)', message, mail.headTerms, mail.bodyTerms);
  account.hasArrived();
  if (mail.uidl !== null) keepUidl(account, message, mail.uidl);
  state.liveMessages += 1;
  state.liveBytes += content.length;
  return { message, thread: threadOf(account, mail, message) };
}

interface Stored {
  readonly size: number;
  readonly first: number;
  readonly pieces: number;
  readonly inRow: number;
}

/** Octets from `from` on. Fault `body.missing` where the message is purged. */
export function readOctets(account: Account, message: number, from: number, bytes: number): Uint8Array<ArrayBuffer> {
  const { db } = account;
  const stored = db.get<Stored>(
    'SELECT size, first_piece AS first, pieces, length(begin) AS inRow FROM message WHERE id = ?',
    message,
  );
  if (stored === undefined) throw new Fault('body.missing');
  const end = Math.min(from + bytes, stored.size);
  if (from >= end) return new Uint8Array();
  const parts: Uint8Array[] = [];
  if (from < stored.inRow) {
    const row = db.get<{ octets: Uint8Array }>(
      'SELECT substr(begin, ?, ?) AS octets FROM message WHERE id = ?',
      from + 1,
      end - from,
      message,
    );
    if (row !== undefined) parts.push(row.octets);
  }
  const pieceOf = (at: number): number => Math.max(0, Math.floor((at - stored.inRow) / PIECE_BYTES_MAX));
  for (let n = pieceOf(from); n < stored.pieces && n <= pieceOf(end - 1) && end > stored.inRow; n++) {
    const begin = stored.inRow + n * PIECE_BYTES_MAX;
    const row = db.get<{ octets: Uint8Array }>(
      'SELECT substr(octets, ?, ?) AS octets FROM piece WHERE id = ?',
      Math.max(0, from - begin) + 1,
      end - Math.max(from, begin),
      stored.first + n,
    );
    if (row === undefined) throw new Fault('body.missing');
    parts.push(row.octets);
  }
  const [only] = parts;
  const octets = parts.length === 1 && only !== undefined ? (only as Uint8Array<ArrayBuffer>) : joined(parts);
  if (octets.length !== end - from) throw new Fault('body.damaged');
  return octets;
}

/** Removes what is kept of a message that nobody needs any more, but for its terms. */
export function removeMessage({ db }: Account, message: number): void {
  const row = db.get<{ first: number; pieces: number }>(
    'DELETE FROM message WHERE id = ? RETURNING first_piece AS first, pieces',
    message,
  );
  if (row === undefined) return;
  if (row.pieces > 0) db.run('DELETE FROM piece WHERE id BETWEEN ? AND ?', row.first, row.first + row.pieces - 1);
  db.run('DELETE FROM uidl WHERE message = ?', message);
}

/** RFC 8474 §5.2: the rule of `threadKeys`. */
function threadOf({ db }: Account, { threadKeys }: WireMessage, message: number): number {
  const keys = threadKeys.map((key) => Buffer.from(key, 'base64url'));
  let thread = message;
  for (const key of keys) {
    const row = db.get<{ thread: number }>('SELECT thread FROM thread WHERE key = ?', key);
    if (row === undefined) continue;
    thread = row.thread;
    break;
  }
  for (const key of keys) db.run('INSERT OR IGNORE INTO thread (key, thread) VALUES (?, ?)', key, thread);
  return thread;
}

/** RFC 1939 §7: one that came along is kept where no other message has it, or will have it. */
function keepUidl({ db, state }: Account, message: number, uidl: string): void {
  const number = numberOf(uidl as EmailId);
  const isOurs = number >= state.nextId || db.get('SELECT 1 AS there FROM message WHERE id = ?', number) !== undefined;
  if (isOurs || !isUidl(uidl)) return;
  db.run('INSERT OR IGNORE INTO uidl (message, uidl) VALUES (?, ?)', message, uidl);
}
