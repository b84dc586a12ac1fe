/** What is offered when (RFC 9051 §7.2.2), and which commands go with it. */
import { type Command, capabilitiesOfUsers } from '#/codec/imap/index.ts';
import type { Session } from './session.ts';

/** Said before anybody has signed in, beside what says how to. */
const TO_STRANGERS = ['IMAP4rev2', 'IMAP4rev1', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE'] as const;

/** Commands that go with a capability, so that a switch turns off what it says. */
const COMMAND_OF: Readonly<Partial<Record<Command['name'], readonly string[]>>> = {
  ENABLE: ['ENABLE'],
  GETQUOTA: ['QUOTA'],
  GETQUOTAROOT: ['QUOTA'],
  ID: ['ID'],
  IDLE: ['IDLE'],
  MOVE: ['MOVE'],
  NAMESPACE: ['NAMESPACE'],
  SORT: ['SORT'],
  THREAD: ['THREAD=ORDEREDSUBJECT', 'THREAD=REFERENCES'],
  UNSELECT: ['UNSELECT'],
};

/** The capabilities of a session at this moment, in the order of CAPABILITY. */
export function capabilities(session: Session): readonly string[] {
  const { person, tls, mayAuthenticate, kind, world } = session;
  if (person === null) {
    const signIn = mayAuthenticate ? ['AUTH=PLAIN'] : ['LOGINDISABLED'];
    const startTls = !tls && kind === 'imap' && world.tls.ready(kind) ? ['STARTTLS'] : [];
    return [...TO_STRANGERS, ...startTls, ...signIn];
  }
  // RFC 7889 §3: one bound for all mailboxes.
  const offered = [...capabilitiesOfUsers, `APPENDLIMIT=${world.settings.messageBytesMax}`];
  return offered.filter((name) => isOn(name, person.off));
}

/** Whether the account's switches leave a command on. A client that does not obey the list hears so. */
export function isOffered(command: Command, off: ReadonlySet<string>): boolean {
  if (off.size === 0) return true;
  if (command.name === 'THREAD') return isOn(`THREAD=${command.algorithm}`, off);
  const names = COMMAND_OF[command.name];
  return names === undefined || names.some((name) => isOn(name, off));
}

/** `THREAD` turns off all that begin with `THREAD=`; QRESYNC stands on CONDSTORE (RFC 7162 §3.2). */
export function isOn(name: string, off: ReadonlySet<string>): boolean {
  const [family = ''] = name.split('=');
  if (name === 'QRESYNC' && off.has('CONDSTORE')) return false;
  return !off.has(name.toUpperCase()) && !off.has(family.toUpperCase());
}
