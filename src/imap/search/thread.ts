/** THREAD (RFC 5256 §3): conversations by subject alone, or by who answers whom. Pure. */
import type { ThreadNode } from '#/codec/imap/index.ts';
import { byReferences } from './thread-references.ts';
import { byTime, type Threaded } from './threaded.ts';

export function threads(
  messages: readonly Threaded[],
  algorithm: 'ORDEREDSUBJECT' | 'REFERENCES',
): readonly ThreadNode[] {
  return algorithm === 'ORDEREDSUBJECT' ? byOrderedSubject(messages) : byReferences(messages);
}

/** RFC 5256 §3, ORDEREDSUBJECT: one subject is one thread; its first message has all others as answers. */
function byOrderedSubject(messages: readonly Threaded[]): readonly ThreadNode[] {
  const subjects = Map.groupBy(messages.toSorted(byTime), ({ subject }) => subject);
  // The map keeps the order in which subjects came, which is that of their first messages.
  return [...subjects.values()].map(([first, ...others]) => ({
    number: first?.number ?? null,
    children: others.map(({ number }) => ({ number, children: [] })),
  }));
}
