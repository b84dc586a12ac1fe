/**
 * One mail at a time to one smarthost, past the queue: the way of notices about trouble, which must not need what is in trouble (H8). A connection for
 * each mail; no retries, no reports: who hands a mail over hears at once whether it was taken, and has the queue for what was not.
 *
 * What must never happen: many letters that each wait for a smarthost that is away: after a failure none is tried for a while.
 */
import { endOfData, formatMail, formatRcpt, type ServerReply, stuff } from '#/codec/smtp/index.ts';
import { type ArrivedMail, type Call, type MailAddress, within } from '#/model/index.ts';
import type { Dialer, Resolver } from '#/ports/index.ts';
import { HandshakeFailed, type Handshaken, shakeHands } from './handshake.ts';
import type { Hop } from './routes.ts';
import type { OutboundLimits } from './settings.ts';
import { findTargets } from './targets.ts';
import { TurnShare } from './turn-share.ts';
import { Watch } from './watch.ts';
import { WireLost } from './wire.ts';

export interface DirectParts {
  readonly dialer: Dialer;
  readonly resolver: Resolver;
  /** Our name in EHLO. */
  readonly hostname: string;
  readonly limits: OutboundLimits;
}

export type DirectHop = Omit<Extract<Hop, { kind: 'route' }>, 'kind' | 'lmtp' | 'pool'>;

/** For one letter, from the name of the host to the last answer. */
const SEND_MS = 20_000;
/** Asked for one letter alone. */
class Refused extends Error {}

/** After a failure nothing is tried for so long. */
const REST_MS = 60_000;

export class DirectWay {
  readonly #hop: Extract<Hop, { kind: 'route' }>;
  readonly #parts: DirectParts;
  readonly #shared = { watch: new Watch(), turns: new TurnShare() };
  /** Monotonic ms. */
  #restsUntil = 0;

  constructor(hop: DirectHop, parts: DirectParts) {
    this.#hop = { ...hop, kind: 'route', lmtp: false, pool: null };
    this.#parts = parts;
  }

  /** Resolves when the smarthost has taken it; rejects with a plain Error that says why it did not. */
  async send(mail: ArrivedMail, to: MailAddress, call: Call): Promise<void> {
    if (performance.now() < this.#restsUntil)
      throw new Error('It failed a moment ago, and is tried again in a minute.');
    const limit = within(Math.min(SEND_MS, call.deadlineAt - performance.now()), call.signal);
    const late = AbortSignal.timeout(Math.max(1, Math.ceil(limit.deadlineAt - performance.now())));
    const signal = call.signal === undefined ? late : AbortSignal.any([late, call.signal]);
    try {
      const session = await this.#open(signal);
      const giveUp = (): void => session.wire.abort('took too long');
      signal.addEventListener('abort', giveUp);
      try {
        await this.#carry(mail, to, session);
        session.wire.quit();
      } finally {
        signal.removeEventListener('abort', giveUp);
        giveUp();
      }
    } catch (error) {
      // One address that it does not take says nothing of the others.
      if (!(error instanceof Refused)) this.#restsUntil = performance.now() + REST_MS;
      throw error instanceof WireLost ? new Error(`${this.#hop.host} ${error.message}.`) : error;
    }
  }

  async #open(signal: AbortSignal): Promise<Handshaken> {
    const found = await findTargets(this.#hop, this.#parts, signal);
    if (found.kind !== 'found') throw new Error(found.reply.text);
    const demand = { ...this.#hop, requireTls: false, probe: true };
    let failure: HandshakeFailed | null = null;
    for (const target of found.targets) {
      try {
        return await shakeHands(target, demand, { ...this.#parts, ...this.#shared }, signal);
      } catch (error) {
        if (!(error instanceof HandshakeFailed)) throw error;
        failure = error;
      }
    }
    throw failure ?? new Error(`${this.#hop.host} has no address.`);
  }

  async #carry({ sender, size, needs, body }: ArrivedMail, to: MailAddress, session: Handshaken): Promise<void> {
    const { wire, capabilities: peer } = session;
    if (body.kind !== 'memory') throw new TypeError('A letter is in memory.');
    if (needs.smtpUtf8 && !peer.smtpUtf8) throw new Refused(`${this.#hop.host} takes no address with such letters.`);
    const ask = async (line: string, code: number): Promise<void> =>
      answered(await wire.ask(line, line.slice(0, 4), SEND_MS), code, this.#hop.host);
    await ask(formatMail({ sender, size, needs }, peer), 250);
    await ask(formatRcpt({ address: to, notify: null, originalRecipient: null }, peer), 250);
    await ask('DATA\r\n', 354);
    const content = Buffer.concat([...stuff(body.chunks), endOfData]);
    wire.writeAll([content], '');
    answered(await wire.ask(null, 'the mail', SEND_MS), 250, this.#hop.host);
  }
}

function answered({ code, lines }: ServerReply, expected: number, host: string): void {
  if (code !== expected) throw new Refused(`${host} answered "${code} ${lines.join(' ')}".`);
}
