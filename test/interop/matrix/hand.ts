/** Hands one mail to a server, step by step, as a plain client; content goes out exactly as it is given. */
import { SmtpPeer } from '#/testkit/index.ts';

export interface Parcel {
  /** Null is the null reverse-path. */
  readonly sender: string | null;
  /** What stands behind MAIL's path: `SMTPUTF8`, `RET=HDRS ENVID=a` … */
  readonly mailWords?: string;
  readonly recipients: readonly string[];
  /** What stands behind each RCPT's path. */
  readonly rcptWords?: string;
  readonly content: Buffer;
}

export interface Handed {
  /** The first reply that was no yes, or the last one. */
  readonly reply: string;
  readonly taken: boolean;
  /** What followed the greeting of EHLO. */
  readonly offered: string;
}

/** Servers that write many large mails at once answer slowly. */
const PATIENCE_MS = 20_000;
const FINAL_PATIENCE_MS = 90_000;
const TRIES = 3;

interface How {
  /** Whom the server sees. */
  readonly localAddress?: string;
  readonly tls?: boolean;
}

/**
 * Hands it over. A server that is silent before it has the content is tried again: how it treats this client is not what is looked at,
 * and OpenSMTPD on a busy machine now and then leaves one of many connections without an answer.
 */
export async function hand(port: number, parcel: Parcel, how: How = {}): Promise<Handed> {
  for (let left = TRIES - 1; ; left--) {
    const progress = { whole: false };
    try {
      return await visit(port, parcel, how, progress);
    } catch (error) {
      if (left === 0 || progress.whole) throw error;
    }
  }
}

async function visit(port: number, parcel: Parcel, how: How, progress: { whole: boolean }): Promise<Handed> {
  const from = how.localAddress === undefined ? {} : { localAddress: how.localAddress };
  using peer = await SmtpPeer.connect(port, { ...from, patienceMs: PATIENCE_MS });
  await peer.hears('220');
  let offered = await peer.asks('EHLO client.test', '250');
  if (how.tls === true) {
    await peer.startsTls();
    offered = await peer.asks('EHLO client.test', '250');
  }
  const reply = await transact(peer, parcel, progress);
  return { reply, taken: reply.startsWith('250'), offered };
}

/** Whether a handshake after STARTTLS comes to its end. */
export async function speaksTls(port: number): Promise<boolean> {
  using peer = await SmtpPeer.connect(port, { patienceMs: PATIENCE_MS });
  await peer.hears('220');
  await peer.asks('EHLO client.test', '250');
  try {
    await peer.startsTls();
    return true;
  } catch {
    return false;
  }
}

async function transact(peer: SmtpPeer, parcel: Parcel, progress: { whole: boolean }): Promise<string> {
  const { sender, mailWords = '', recipients, rcptWords = '', content } = parcel;
  const mail = await peer.asks(`MAIL FROM:<${sender ?? ''}> ${mailWords}`.trimEnd(), /^\d/);
  if (!mail.startsWith('250')) return mail;
  for (const recipient of recipients) {
    const rcpt = await peer.asks(`RCPT TO:<${recipient}> ${rcptWords}`.trimEnd(), /^\d/);
    if (!rcpt.startsWith('25')) return rcpt;
  }
  const data = await peer.asks('DATA', /^\d/);
  if (!data.startsWith('354')) return data;
  peer.sends(Buffer.from(content.toString('latin1').replace(/(?<=^|\r\n)\./g, '..'), 'latin1'));
  peer.sends('.\r\n');
  progress.whole = true;
  return peer.hears(/^\d/, FINAL_PATIENCE_MS);
}

/** The two codes of a reply: what is the same in every run. */
export function codes(reply: string): string {
  return /^\d{3}(?:[ -]\d\.\d+\.\d+)?/.exec(reply)?.[0].replace('-', ' ') ?? reply.slice(0, 3);
}
