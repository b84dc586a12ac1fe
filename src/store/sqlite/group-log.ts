/** Groups of requests in the log: sealed on their way in, read again after a crash. */
import type { MailId } from '#/model/index.ts';
import type { BodyKeys } from './keys.ts';
import {
  BLOCK_HEAD_BYTES,
  type KeptRecord,
  type Log,
  type NamedBlock,
  type OnDamage,
  type Place,
  plainBlock,
  replay,
  type Segments,
  sealedBlock,
} from './log/index.ts';
import type { WireMail, WriterCall, WriterCalls, WriterRequest } from './protocol.ts';

/** What the tables know without the log: an index that is made again, and a look. */
const UNLOGGED: ReadonlySet<WriterCall> = new Set(['fillIndex', 'publish']);

/** A group as it is carried out, at first and when it is carried out again. */
export interface Batch {
  readonly now: number;
  readonly requests: readonly WriterRequest[];
  /** The content as it came; sealed where it comes from the log. */
  readonly bytes: Uint8Array;
  /** Where it begins in the log. */
  readonly at: Place;
  /** Where its record begins. */
  readonly place: Place;
  /** Whether its content is sealed in the log, whatever the setting is today. */
  readonly isSealed: boolean;
}

export function isLogged({ name }: WriterRequest): boolean {
  return !UNLOGGED.has(name);
}

/** Appends to the log what `words`, the requests as JSON, ask for. `keys` is null where content is kept as it came. */
export function append(
  log: Log,
  group: { readonly now: number; readonly requests: readonly WriterRequest[]; readonly words: string },
  bytes: Uint8Array,
  keys: BodyKeys | null,
): Batch {
  const content = mailsIn(group.requests).flatMap(({ mail, at }) => {
    const plain = bytes.subarray(at, at + mail.size);
    const sealing = keys?.sealing(group.now) ?? null;
    return sealing === null ? plainBlock(plain) : sealedBlock(sealing.key, sealing.day, mail.id, plain);
  });
  const isSealed = keys !== null;
  const { place, contentAt: at } = log.append({
    now: group.now,
    words: group.words,
    content,
    contentBytes: bytes.length,
    isSealed,
  });
  return { now: group.now, requests: group.requests, bytes, at, place, isSealed };
}

/** What the log holds behind `from`, in order. `onDamage` hears of parts that can't be read any more. */
export function* batchesSince(
  segments: Segments,
  from: Place,
  keys: BodyKeys,
  onDamage: OnDamage,
): Generator<Batch & { end: Place }> {
  const blocksOf = (words: string): NamedBlock[] =>
    mailsIn(JSON.parse(words)).map(({ mail, at }) => ({ id: mail.id, at, size: mail.size }));
  for (const record of replay(segments, from, blocksOf, (day) => keys.opening(day), onDamage)) yield batchOf(record);
}

// Plain content stands behind the head of its block; sealed content is not looked at again.
function batchOf({ now, words, content, contentAt, place, end, isSealed }: KeptRecord): Batch & { end: Place } {
  const requests = (JSON.parse(words) as WriterRequest[]).filter(isLogged);
  return { now, requests, bytes: content.subarray(BLOCK_HEAD_BYTES), at: contentAt, place, end, isSealed };
}

interface Placed {
  readonly mail: { readonly id: MailId; readonly size: number };
  readonly at: number;
}

/** Mails whose content comes with the requests, in the order of their content. */
function mailsIn(requests: readonly WriterRequest[]): Placed[] {
  return requests.flatMap(({ name, input, base }) => {
    if (name === 'accept') return placed((input as WriterCalls['accept']['input']).mails, base);
    return name === 'settle' ? placed((input as WriterCalls['settle']['input']).born, base) : [];
  });
}

function placed(mails: readonly WireMail[], base: number): Placed[] {
  return mails.flatMap(({ id, body }) =>
    body.kind === 'bytes' ? [{ mail: { id, size: body.size }, at: base + body.at }] : [],
  );
}
