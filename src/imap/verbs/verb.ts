/** The form of a verb: it reads its arguments, asks the world, and says its answers; the reply ends the command. */
import type { Command, Reply } from '#/codec/imap/index.ts';
import type { Session } from '../session.ts';

/** One more answer of SASL is wanted (RFC 9051 §6.2.2). */
export interface Ask {
  /** In base64. */
  readonly challenge: string;
  readonly next: (line: string) => Promise<Reply>;
}

/** The form of the command with this name: several have one form. */
export type CommandOf<Name extends Command['name'], Form = Command> = Form extends { readonly name: infer Names }
  ? [Extract<Names, Name>] extends [never]
    ? never
    : Form
  : never;

export type Verb<Name extends Command['name']> = (
  command: CommandOf<Name>,
  session: Session,
  tag: string,
) => Reply | Promise<Reply>;
