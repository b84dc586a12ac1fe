/**
 * A milter, asked about mail that has long been accepted: it is told connection, envelope, header and body as a mail server would tell them, and what it
 * would have answered to each is its opinion.
 * ```
 *   negotiate ─▶ connect ─▶ helo ─▶ mail ─▶ rcpt … ─▶ data ─▶ header … ─▶ end of header ─▶ body … ─▶ end of body ─▶ changes …, verdict ─▶ quit
 * ```
 * Its changes of the mail are not made: those of header fields are told in the log, all others count as found, since it would not have let the mail go
 * as it is. One that accepts before it has heard a line of the mail, as milters do that trust localhost, has not looked at it: it counts as unread,
 * unless settings say that this will do. "Not now" counts as not looked at, never as away: a mail may bring it about.
 */
import type { Call, Identity } from '#/model/index.ts';
import type { Connect, HookClient, HookMail, HookOpinion } from '../hook.ts';
import { HOOK_LIMITS } from '../limits.ts';
import { talk, type Wire } from '../wire.ts';
import { bodyPieces, pieced } from './message.ts';
import { Opinion } from './opinion.ts';
import { agreed, type Command, macros, negotiation, packet, type Step, texts } from './packets.ts';
import { type Reply, replyOf } from './reply.ts';

/** What a milter gets and says in one conversation, at most; each octet of body may be answered. */
const PACKET_BYTES_MAX = HOOK_LIMITS.answerBytesMax;

export function milter(connect: Connect, { acceptsEarly = false }: MilterTerms = {}): HookClient {
  return {
    ask: (mail, call) =>
      talk(connect, PACKET_BYTES_MAX, call, (wire) => new Conversation(wire, acceptsEarly).about(mail)),
    ping: (call: Call) =>
      talk(connect, PACKET_BYTES_MAX, call, async (wire) => {
        await new Conversation(wire, acceptsEarly).begin();
        await wire.write(packet('quit'));
      }),
  };
}

export interface MilterTerms {
  /** Whether a mail is clean that it accepts by its connection or envelope alone. */
  readonly acceptsEarly?: boolean;
}

/** Steps that tell nothing of the mail itself. */
const BEFORE_CONTENT: ReadonlySet<Command> = new Set(['connect', 'helo', 'mail', 'recipient', 'data']);

class Conversation {
  readonly #wire: Wire;
  readonly #acceptsEarly: boolean;
  readonly #opinion = new Opinion();
  #steps: ReadonlySet<Step> = new Set();
  /** Nothing more need be said: it has decided. */
  #isOver = false;

  constructor(wire: Wire, acceptsEarly: boolean) {
    this.#wire = wire;
    this.#acceptsEarly = acceptsEarly;
  }

  async begin(): Promise<void> {
    await this.#wire.write(negotiation());
    const { letter, data } = await this.#packet();
    const steps = letter === 'O' ? agreed(data) : null;
    if (steps === null) throw new Error('it asks for a protocol that we do not speak');
    this.#steps = steps;
  }

  async about(mail: HookMail): Promise<HookOpinion> {
    await this.begin();
    const { fields, body, isWhole } = pieced(mail.content);
    if (!isWhole) this.#opinion.unread();
    await this.#envelope(mail);
    await this.#header(fields.map(({ name, value }) => [name, this.#spaced(value)]));
    await this.#body(body);
    if (!this.#isOver) await this.#end();
    await this.#wire.write(packet('quit'));
    return this.#opinion.whole();
  }

  async #envelope({ id, facts: { sender, recipients, identity } }: HookMail): Promise<void> {
    const user = identity.kind === 'user' ? { '{auth_authen}': identity.name, '{auth_type}': 'PLAIN' } : {};
    await this.#say('connect', peerOf(identity), { leave: 'noConnect', quiet: 'quietConnect' }, { j: 'holdfast' });
    await this.#say('helo', texts('localhost'), { leave: 'noHelo', quiet: 'quietHelo' });
    const from = `<${sender ?? ''}>`;
    await this.#say(
      'mail',
      texts(from),
      { leave: 'noMail', quiet: 'quietMail' },
      { i: id, '{mail_addr}': sender ?? '', ...user },
    );
    for (const { address } of recipients) {
      const values = { '{rcpt_addr}': address };
      await this.#say('recipient', texts(`<${address}>`), { leave: 'noRecipient', quiet: 'quietRecipient' }, values);
    }
    await this.#say('data', Buffer.alloc(0), { leave: 'noData', quiet: 'quietData' }, { i: id });
  }

  async #header(fields: readonly (readonly [name: string, value: string])[]): Promise<void> {
    for (const [name, value] of fields) {
      // Octets of the header as they are: they were read as such.
      const data = Buffer.from(`${name}\0${value.replaceAll('\0', '')}\0`, 'latin1');
      await this.#say('header', data, { leave: 'noHeaders', quiet: 'quietHeader' });
    }
    await this.#say('endOfHeader', Buffer.alloc(0), { leave: 'noEndOfHeader', quiet: 'quietEndOfHeader' });
  }

  async #body(body: Uint8Array): Promise<void> {
    for (const piece of bodyPieces(body)) {
      const reply = await this.#say('body', piece, { leave: 'noBody', quiet: 'quietBody' });
      if (this.#isOver || reply?.kind === 'skip') return;
    }
  }

  async #end(): Promise<void> {
    await this.#wire.write(packet('endOfBody'));
    for (;;) {
      const reply = await this.#reply();
      if (reply.kind === 'change') this.#opinion.change(reply);
      else if (reply.kind === 'quarantine') this.#opinion.found(reply.reason);
      else if (reply.kind !== 'progress') return this.#take(reply, 'endOfBody');
    }
  }

  /** One step and its answer; null where it is left out, or answered by nothing. */
  async #say(
    command: Command,
    data: Uint8Array,
    { leave, quiet }: { readonly leave: Step; readonly quiet: Step },
    values: Readonly<Record<string, string>> = {},
  ): Promise<Reply | null> {
    if (this.#isOver || this.#steps.has(leave)) return null;
    if (Object.keys(values).length > 0) await this.#wire.write(macros(command, values));
    await this.#wire.write(packet(command, data));
    if (this.#steps.has(quiet)) return null;
    let reply = await this.#reply();
    while (reply.kind === 'progress') reply = await this.#reply();
    this.#take(reply, command);
    return reply;
  }

  #take(reply: Reply, command: Command): void {
    // A recipient that is refused is out, and the mail goes on for the others; for us it is found either way.
    const ends = command !== 'recipient';
    switch (reply.kind) {
      case 'continue':
        return;
      case 'skip':
        if (command === 'body') return;
        break;
      case 'accept':
        if (BEFORE_CONTENT.has(command) && !this.#acceptsEarly) this.#opinion.unread();
        this.#isOver = true;
        return;
      case 'refuse':
        this.#opinion.found(reply.reason);
        this.#isOver ||= ends;
        return;
      case 'later':
        this.#opinion.unread();
        this.#isOver ||= ends;
        return;
      case 'progress':
      case 'change':
      case 'quarantine':
        break;
    }
    throw new Error(`it answers “${reply.kind}” to “${command}”`);
  }

  // The blank behind the colon belongs to the value only for those who asked for it.
  #spaced(value: string): string {
    return this.#steps.has('headerSpace') ? value : value.replace(/^[ \t]/, '');
  }

  async #reply(): Promise<Reply> {
    const { letter, data } = await this.#packet();
    const reply = replyOf(letter, data);
    if (reply === null) throw new Error(`its answer “${letter}” is none`);
    return reply;
  }

  async #packet(): Promise<{ readonly letter: string; readonly data: Buffer }> {
    const length = (await this.#wire.exactly(4)).readUInt32BE(0);
    if (length < 1 || length > PACKET_BYTES_MAX) throw new Error('its answer has no end');
    const whole = await this.#wire.exactly(length);
    return { letter: whole.toString('latin1', 0, 1), data: whole.subarray(1) };
  }
}

// Where a stranger came from is not kept with the mail. Ours came from us, as mail that a program hands in on the server itself.
function peerOf({ kind }: Identity): Buffer {
  if (kind === 'peer') return Buffer.concat([texts('unknown'), Buffer.from('U')]);
  return Buffer.concat([texts('localhost'), Buffer.from([IPV4, 0, 0]), texts('127.0.0.1')]);
}

/** The letter 4; two octets of port follow it. */
const IPV4 = 0x34;
