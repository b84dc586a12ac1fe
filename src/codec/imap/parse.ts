/** One whole command: its octets to a value, or to the answer that it earned (RFC 9051 §9). */
import type { Command } from './command.ts';
import { tagBytesMax } from './limits.ts';
import { readAuthenticate, readEnable, readId, readLogin } from './read-access.ts';
import { readFetch } from './read-fetch.ts';
import { readList, readLsub } from './read-list.ts';
import { readCreate, readGetQuota, readMailbox, readRename, readSelect, readStatus } from './read-mailboxes.ts';
import { readCopy, readStore, readUidExpunge } from './read-messages.ts';
import { readSearch, readSort, readThread } from './read-search.ts';
import { Reader } from './reader.ts';
import * as replies from './replies.ts';
import type { Reply } from './reply.ts';

export type Parsed = { readonly kind: 'command'; readonly tag: string; readonly command: Command } | Refused;

/** `tag` null: none could be read, the answer is untagged. */
export interface Refused {
  readonly kind: 'refuse';
  readonly tag: string | null;
  readonly reply: Reply;
  readonly hangUp: boolean;
}

/** The beginning of a command: as much as says which it is. */
export interface Opening {
  readonly tag: string | null;
  /** In capitals, `UID ` before it where that stands there; empty where there is none. */
  readonly name: string;
  /** Where its arguments begin. */
  readonly end: number;
}

interface Form {
  readonly read: (r: Reader) => Command;
  /** What to write; said to who wrote something else. */
  readonly form: string;
}

/** RFC 9051 §9: tag, and a command's name. */
const tags = /^[^\0-\x20\x7f-\xff(){%*"\\+]+(?= |$|\r|\n)/;
const commandNames = / +((?:UID +)?[^\0-\x20\x7f-\xff(){%*"\\\]]+)/iy;
/** A line of HTTP: browsers can be led to any port. */
const httpRequest = /^[A-Z]+ \S+ HTTP\/\d/;

const bare = ['CAPABILITY', 'NOOP', 'LOGOUT', 'STARTTLS', 'NAMESPACE', 'CHECK', 'CLOSE', 'UNSELECT', 'IDLE'] as const;

const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...bare.map((name): [string, Form] => [name, { read: () => ({ name }), form: name }]),
  ['AUTHENTICATE', { read: readAuthenticate, form: 'AUTHENTICATE mechanism, and perhaps a first answer in base64' }],
  ['LOGIN', { read: readLogin, form: 'LOGIN user password, each quoted where it has special letters' }],
  ['ENABLE', { read: readEnable, form: 'ENABLE capability ...' }],
  ['ID', { read: readId, form: 'ID NIL or ID ("name" "value" ...)' }],
  ['SELECT', { read: (r) => readSelect('SELECT', r), form: 'SELECT mailbox' }],
  ['EXAMINE', { read: (r) => readSelect('EXAMINE', r), form: 'EXAMINE mailbox' }],
  ['CREATE', { read: readCreate, form: 'CREATE mailbox' }],
  ['DELETE', { read: (r) => readMailbox('DELETE', r), form: 'DELETE mailbox' }],
  ['SUBSCRIBE', { read: (r) => readMailbox('SUBSCRIBE', r), form: 'SUBSCRIBE mailbox' }],
  ['UNSUBSCRIBE', { read: (r) => readMailbox('UNSUBSCRIBE', r), form: 'UNSUBSCRIBE mailbox' }],
  ['RENAME', { read: readRename, form: 'RENAME mailbox newname' }],
  ['LIST', { read: readList, form: 'LIST reference pattern, for example LIST "" "*"' }],
  ['LSUB', { read: readLsub, form: 'LSUB reference pattern, for example LSUB "" "*"' }],
  ['STATUS', { read: readStatus, form: 'STATUS mailbox (MESSAGES UNSEEN ...)' }],
  ['GETQUOTA', { read: readGetQuota, form: 'GETQUOTA root' }],
  ['GETQUOTAROOT', { read: (r) => readMailbox('GETQUOTAROOT', r), form: 'GETQUOTAROOT mailbox' }],
  ['APPEND', { read: readAppendWithout, form: 'APPEND mailbox (flags) "date" {octets}' }],
  ['EXPUNGE', { read: () => ({ name: 'EXPUNGE', uids: null }), form: 'EXPUNGE' }],
  ['UID EXPUNGE', { read: readUidExpunge, form: 'UID EXPUNGE set' }],
  ...withUid('SEARCH', readSearch, 'RETURN (...) CHARSET UTF-8 key ...'),
  ...withUid('SORT', readSort, '(criterion ...) UTF-8 key ...'),
  ...withUid('THREAD', readThread, 'REFERENCES UTF-8 key ...'),
  ...withUid('FETCH', readFetch, 'set (item ...)'),
  ...withUid('STORE', readStore, 'set FLAGS (flag ...), or +FLAGS or -FLAGS'),
  ...withUid('COPY', (r, uid) => readCopy('COPY', r, uid), 'set mailbox'),
  ...withUid('MOVE', (r, uid) => readCopy('MOVE', r, uid), 'set mailbox'),
]);

function withUid(name: string, read: (r: Reader, uid: boolean) => Command, form: string): [string, Form][] {
  return [
    [name, { read: (r) => read(r, false), form: `${name} ${form}` }],
    [`UID ${name}`, { read: (r) => read(r, true), form: `UID ${name} ${form}` }],
  ];
}

/** APPEND that ends without a message. */
function readAppendWithout(r: Reader): Command {
  r.fail('form');
  return { name: 'NOOP' };
}

/** The beginning of a command; of its octets some 100 are enough. */
export function parseOpening(text: string): Opening {
  const tag = tags.exec(text)?.[0];
  if (tag === undefined || tag.length > tagBytesMax) return { tag: null, name: '', end: 0 };
  commandNames.lastIndex = tag.length;
  const name = commandNames.exec(text)?.[1];
  if (name === undefined) return { tag, name: '', end: tag.length };
  return { tag, name: name.replace(/ +/, ' ').toUpperCase(), end: commandNames.lastIndex };
}

export function isKnown(name: string): boolean {
  return forms.has(name);
}

/** The command of its octets (each a character), without its line end; its literals stand in it as they came. */
export function parseCommand(text: string, utf8: boolean): Parsed {
  const { tag, name, end } = parseOpening(text);
  const form = forms.get(name);
  if (form === undefined) return refuseUnknown(text);
  if (text.includes('\0')) return refuse(tag, replies.controlInCommand);
  const r = new Reader(text, utf8, end);
  const command = form.read(r);
  r.end();
  if (tag === null || r.fault !== null) return refuse(tag, answerTo(r.fault ?? 'form', name));
  return { kind: 'command', tag, command };
}

/** A fault as an answer: where the command as a whole is none, what can be written. */
export function answerTo(fault: Reply | 'form', name: string): Reply {
  return fault === 'form' ? replies.badForm(forms.get(name)?.form ?? name) : fault;
}

export function refuse(tag: string | null, reply: Reply): Refused {
  return { kind: 'refuse', tag, reply, hangUp: reply.status === 'BYE' };
}

/** The answer to a line that is no command of ours. */
export function refuseUnknown(text: string): Refused {
  if (httpRequest.test(text)) return refuse(null, replies.notAWebServer);
  const { tag, name } = parseOpening(text);
  return refuse(tag, name === '' ? replies.noTag : replies.unknownCommand(name));
}
