/** Says the script to one server and keeps what it answered. */
import { signedIn } from '../far-side.ts';
import type { ImapWire, Said } from '../imap-wire.ts';
import type { MailServer } from '../mail-server.ts';
import { idleAnswersOf } from './idle.ts';
import { type Facts, factsOf } from './normal.ts';
import { SCRIPT } from './script.ts';

/** The facts of each step, by its name. */
export type Answers = ReadonlyMap<string, Facts>;

/** Two connections, one step after the other; then IDLE. */
export async function answersOf(server: MailServer): Promise<Answers> {
  await using first = await signedIn(server);
  await using second = await signedIn(server);
  const wires: Readonly<Record<'first' | 'second', ImapWire>> = { first, second };
  const known = new Map<string, string>();
  const answers = new Map<string, Facts>();
  for (const { name, on, command } of SCRIPT) {
    const parts = command.map((part) => (typeof part === 'string' ? filled(part, known) : part));
    const said = await wires[on].command(...parts);
    learn(known, said);
    answers.set(name, factsOf(said));
  }
  return new Map([...answers, ...(await idleAnswersOf(server))]);
}

const filled = (text: string, known: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => known.get(name) ?? '1');

// Of a SELECT: codes in untagged OK.
function learn(known: Map<string, string>, { untagged }: Said): void {
  for (const [word, code] of untagged) {
    if (word !== 'OK' || typeof code !== 'object') continue;
    const [name, value] = code;
    if (/^(UIDVALIDITY|HIGHESTMODSEQ)$/i.test(String(name))) known.set(String(name).toLowerCase(), String(value));
  }
}
