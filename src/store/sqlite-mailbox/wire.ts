/** Messages and rows on their way between the proxy and its threads. */
import type { MessageFacts } from '#/codec/mime/index.ts';
import type { MessageRow } from '#/model/index.ts';
import type { FullRow, NewMessage } from '#/ports/index.ts';
import { threadKeys } from '../mailbox/index.ts';
import { emailIdOf, threadIdOf } from './ids.ts';
import { ROW_NUMBERS, type WireFlags, type WireMessage, type WireRows } from './protocol.ts';

type Terms = 'headTerms' | 'bodyTerms';

/** A message whose content stands at `at` of what goes along. */
export function packMessage(mail: NewMessage, at: number): WireMessage {
  const { headTerms, bodyTerms, ...facts } = mail.facts;
  return {
    at,
    size: mail.content.length,
    headBytes: facts.structure.body,
    facts: JSON.stringify(facts satisfies Omit<MessageFacts, Terms>),
    headTerms: headTerms.join(' '),
    bodyTerms: bodyTerms.join(' '),
    threadKeys: threadKeys(facts),
    flags: mail.flags,
    receivedAt: mail.receivedAt,
    uidl: mail.uidl,
  };
}

export function unpackRows({ numbers, sets, facts, heads }: WireRows): FullRow[] {
  let headAt = 0;
  return Array.from({ length: numbers.length / ROW_NUMBERS }, (_, i): FullRow => {
    const at = i * ROW_NUMBERS;
    const number = (place: number): number => numbers[at + place] ?? 0;
    const [inRow, headBytes] = [number(8), number(9)];
    const head = inRow < 0 ? null : heads.subarray(headAt, headAt + inRow);
    headAt += Math.max(0, inRow);
    return {
      uid: number(0),
      modSeq: number(1),
      flags: sets[number(7)] ?? [],
      emailId: emailIdOf(number(2)),
      threadId: threadIdOf(number(3)),
      receivedAt: number(4),
      savedAt: number(5),
      size: number(6),
      facts: readFacts(facts?.[i] ?? null),
      head,
      headBytes: headBytes < 0 ? null : headBytes,
    };
  });
}

export function unpackFlags({ uids, modSeqs, sets, setOf }: WireFlags): Pick<MessageRow, 'uid' | 'modSeq' | 'flags'>[] {
  return Array.from(uids, (uid, i) => ({ uid, modSeq: modSeqs[i] ?? 0, flags: sets[setOf[i] ?? 0] ?? [] }));
}

// Terms are for the index alone.
function readFacts(facts: string | null): MessageFacts | null {
  if (facts === null) return null;
  return { ...(JSON.parse(facts) as Omit<MessageFacts, Terms>), headTerms: [], bodyTerms: [] };
}
