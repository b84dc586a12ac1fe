/** What a server holds, seen by a plain IMAP connection beside the client under test. */

import type { Tree } from './imap-tree.ts';
import { ImapWire } from './imap-wire.ts';
import type { MailServer } from './mail-server.ts';

/** One message. */
export interface FarMessage {
  readonly uid: number;
  /** Without `\Recent`, in order. */
  readonly flags: readonly string[];
  /** Latin-1: a character an octet. */
  readonly octets: string;
}

/** A connection that is signed in. */
export async function signedIn(server: MailServer): Promise<ImapWire> {
  const wire = await ImapWire.open(server.ports.imaps);
  const { verdict } = await wire.login(server.user, server.password);
  if (verdict !== 'OK') throw new Error(`LOGIN answered ${verdict}`);
  return wire;
}

/** All mailboxes that are not empty, by the names on the wire. */
export async function farMailboxes(server: MailServer): Promise<ReadonlyMap<string, readonly FarMessage[]>> {
  await using wire = await signedIn(server);
  const { untagged } = await wire.command('LIST "" *');
  const names = untagged.filter(([word]) => word === 'LIST').map((words) => unquoted(words[3]));
  const found = new Map<string, readonly FarMessage[]>();
  for (const name of names.sort()) {
    const messages = await messagesOf(wire, name);
    if (messages.length > 0) found.set(name, messages);
  }
  return found;
}

/** The messages of one mailbox, by rising UID; none where it is not there. */
export async function farMessages(server: MailServer, name: string): Promise<readonly FarMessage[]> {
  await using wire = await signedIn(server);
  return await messagesOf(wire, name);
}

async function messagesOf(wire: ImapWire, name: string): Promise<readonly FarMessage[]> {
  const { verdict } = await wire.command(`EXAMINE "${name}"`);
  if (verdict !== 'OK') return [];
  const { untagged } = await wire.command('UID FETCH 1:* (UID FLAGS BODY.PEEK[])');
  return untagged.filter((words) => words[1] === 'FETCH').map((words) => messageFrom(words[2] ?? []));
}

function messageFrom(items: Tree): FarMessage {
  const given = new Map<string, Tree>();
  for (let at = 0; at + 1 < items.length; at += 2) given.set(String(items[at]), items[at + 1] ?? '');
  const flags = (given.get('FLAGS') ?? []) as readonly string[];
  return {
    uid: Number(given.get('UID')),
    flags: flags.filter((flag) => flag !== '\\Recent').sort(),
    octets: unquoted(given.get('BODY[]')),
  };
}

/** An atom or string as its text. */
export function unquoted(tree: Tree | undefined): string {
  return typeof tree === 'string' ? tree.replace(/^"/, '') : '';
}
