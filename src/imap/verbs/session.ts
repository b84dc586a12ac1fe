/** Commands about the connection itself: CAPABILITY, NOOP, CHECK, ID, ENABLE, NAMESPACE (RFC 9051 §6.1, §6.3.1, §6.3.10). */
import {
  formatCapability,
  formatEnabled,
  formatId,
  namespace as ownNamespace,
  type Reply,
} from '#/codec/imap/index.ts';
import * as answers from '../answers.ts';
import { capabilities, isOn } from '../capabilities.ts';
import type { Session } from '../session.ts';
import type { Verb } from './verb.ts';

export const capability: Verb<'CAPABILITY'> = (_command, session) => {
  session.output.say(formatCapability(capabilities(session)));
  return answers.done;
};

/** What has happened is told behind every command; NOOP and CHECK are for just that (RFC 9051 §6.1.2). */
export const noop = (): Reply => answers.done;

/** RFC 2971 §3.1. Which release runs is nobody's business; what the client says of itself is not kept. */
export const id: Verb<'ID'> = (_command, session) => {
  session.output.say(formatId([['name', 'Holdfast']]));
  return answers.done;
};

/** RFC 5161 §3.1: what is known is enabled, and the rest passed over. */
export const enable: Verb<'ENABLE'> = (command, session) => {
  const enabled = command.capabilities.filter((name) => turnOn(name, session));
  session.output.say(formatEnabled(enabled));
  return answers.done;
};

function turnOn(name: string, session: Session): boolean {
  if (session.person !== null && !isOn(name, session.person.off)) return false;
  switch (name) {
    case 'QRESYNC':
      session.qresync = true;
      turnOnCondstore(session);
      return true;
    case 'CONDSTORE':
      turnOnCondstore(session);
      return true;
    case 'UTF8=ACCEPT':
      session.utf8 = true;
      return true;
    case 'IMAP4REV2':
      session.rev2 = true;
      return true;
    default:
      return false;
  }
}

/** A command has shown that the client knows CONDSTORE (RFC 7162 §3.1): from now on it hears MODSEQ. */
export function turnOnCondstore(session: Session): void {
  if (session.condstore) return;
  session.condstore = true;
  const { selected, output } = session;
  // RFC 7162 §3.1: so that it knows from where on it has heard all.
  if (selected !== null) output.say(`* OK [HIGHESTMODSEQ ${selected.modSeq}] From here on you hear MODSEQ\r\n`);
}

/** RFC 9051 §6.3.10: people have their own mailboxes only. */
export const namespace: Verb<'NAMESPACE'> = (_command, session) => {
  session.output.say(ownNamespace);
  return answers.done;
};
