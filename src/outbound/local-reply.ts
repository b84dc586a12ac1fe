/** Replies in the form of a peer's, for what a peer said and for what only we know. */
import type { ServerReply } from '#/codec/smtp/index.ts';
import type { PeerReply } from '#/model/index.ts';

/** Octets of a peer's reply that are kept: enough for its reason, a bound for rows and reports. */
const textMax = 1000;

/** Something that we say in a peer's place; `code` 0 is no answer at all. */
export function localReply(code: number, enhanced: string | null, text: string, host: string | null = null): PeerReply {
  return { code, enhanced, text, host };
}

/** What a peer answered, bounded. */
export function peerReply(reply: ServerReply, host: string): PeerReply {
  const [only = ''] = reply.lines;
  const text = reply.lines.length === 1 ? only : reply.lines.join(' ');
  return {
    code: reply.code,
    enhanced: reply.enhanced,
    text: text.length > textMax ? text.slice(0, textMax) : text,
    host,
  };
}
