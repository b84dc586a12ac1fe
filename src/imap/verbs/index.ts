/** Which verb runs when, and what is told behind it: one table. */
import type { Command, Reply } from '#/codec/imap/index.ts';
import * as answers from '../answers.ts';
import { isOffered } from '../capabilities.ts';
import type { Telling } from '../selected.ts';
import type { Session } from '../session.ts';
import { authenticate, login } from './access.ts';
import { copy, expunge, store } from './change.ts';
import { fetch } from './fetch.ts';
import { list } from './list.ts';
import { create, remove, rename, subscribe } from './mailboxes.ts';
import { search, sort, thread } from './search.ts';
import { close, select, unselect } from './select.ts';
import { capability, enable, id, namespace, noop } from './session.ts';
import { getQuota, getQuotaRoot, status } from './status.ts';
import type { Ask, CommandOf } from './verb.ts';

export type { Ask } from './verb.ts';

/** RFC 9051 §3: the states in which a command makes sense. */
type When = 'always' | 'before sign-in' | 'signed in' | 'selected';

const WHEN: Readonly<Record<Command['name'], When>> = {
  CAPABILITY: 'always',
  NOOP: 'always',
  LOGOUT: 'always',
  ID: 'always',
  STARTTLS: 'before sign-in',
  AUTHENTICATE: 'before sign-in',
  LOGIN: 'before sign-in',
  ENABLE: 'signed in',
  SELECT: 'signed in',
  EXAMINE: 'signed in',
  CREATE: 'signed in',
  DELETE: 'signed in',
  RENAME: 'signed in',
  SUBSCRIBE: 'signed in',
  UNSUBSCRIBE: 'signed in',
  LIST: 'signed in',
  NAMESPACE: 'signed in',
  STATUS: 'signed in',
  APPEND: 'signed in',
  IDLE: 'signed in',
  GETQUOTA: 'signed in',
  GETQUOTAROOT: 'signed in',
  CHECK: 'selected',
  CLOSE: 'selected',
  UNSELECT: 'selected',
  EXPUNGE: 'selected',
  SEARCH: 'selected',
  SORT: 'selected',
  THREAD: 'selected',
  FETCH: 'selected',
  STORE: 'selected',
  COPY: 'selected',
  MOVE: 'selected',
};

/** Why a command does not run now; null where it may. */
export function refusalOf(command: Command, session: Session): Reply | null {
  const when = WHEN[command.name];
  const { person, selected } = session;
  if (when === 'before sign-in') return person === null ? null : answers.signedInAlready;
  if (when === 'always') return null;
  if (person === null) return answers.signInFirst;
  if (!isOffered(command, person.off)) return answers.notOffered;
  return when === 'selected' && selected === null ? answers.selectFirst : null;
}

/** What STARTTLS, LOGOUT, IDLE and APPEND ask of the connection is the dialogue's affair. */
type Spoken = Exclude<Command['name'], 'STARTTLS' | 'LOGOUT' | 'IDLE' | 'APPEND'>;

type Table = {
  readonly [Name in Spoken]: (command: CommandOf<Name>, session: Session, tag: string) => Ask | Reply | Promise<Reply>;
};

const VERBS: Table = {
  CAPABILITY: capability,
  NOOP: noop,
  CHECK: noop,
  ID: id,
  ENABLE: enable,
  NAMESPACE: namespace,
  AUTHENTICATE: authenticate,
  LOGIN: login,
  SELECT: select,
  EXAMINE: select,
  CLOSE: close,
  UNSELECT: unselect,
  CREATE: create,
  DELETE: remove,
  RENAME: rename,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: subscribe,
  LIST: list,
  STATUS: status,
  GETQUOTA: getQuota,
  GETQUOTAROOT: getQuotaRoot,
  FETCH: fetch,
  STORE: store,
  COPY: copy,
  MOVE: copy,
  EXPUNGE: expunge,
  SEARCH: search,
  SORT: sort,
  THREAD: thread,
};

/** Runs a verb that may run now. */
export function perform(command: Command, session: Session, tag: string): Ask | Reply | Promise<Reply> {
  const verb = VERBS[command.name as Spoken] as (
    command: Command,
    session: Session,
    tag: string,
  ) => Ask | Reply | Promise<Reply>;
  return verb(command, session, tag);
}

/**
 * What may be told behind a command. RFC 9051 §7.5.1: no number moves while FETCH, STORE or SEARCH with numbers is answered; SORT and THREAD
 * are searches (RFC 5256 §3).
 */
export function tellingOf(command: Command): Telling {
  switch (command.name) {
    case 'FETCH':
    case 'STORE':
    case 'SEARCH':
    case 'SORT':
    case 'THREAD':
      return command.uid ? 'all' : 'none gone';
    default:
      return 'all';
  }
}

/** Whether the client wants to know what is new, and the store is asked even where no notice has come. */
export function looksForNews(command: Command): boolean {
  return command.name === 'NOOP' || command.name === 'CHECK';
}
