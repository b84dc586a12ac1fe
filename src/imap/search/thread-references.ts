/**
 * THREAD=REFERENCES (RFC 5256 §3): a tree of who answers whom, made of References; messages that were named and are not here hold a place
 * where they keep others together. Nothing calls itself: conversations go as deep as people answer each other.
 */
import type { ThreadNode } from '#/codec/imap/index.ts';
import { linked, type Place } from './thread-places.ts';
import { byTime, type Threaded } from './threaded.ts';

export function byReferences(messages: readonly Threaded[]): readonly ThreadNode[] {
  const roots = prune(linked(messages));
  // Step 4: so that each thread's first message is known.
  sortDeep(roots);
  const threads = joinedBySubject(roots);
  sortDeep(threads);
  return asNodes(threads);
}

/** Step 3: places without a message go; their children move up, at the root only where there is one of them. */
function prune(roots: readonly Place[]): Place[] {
  // From the leaves up: children are pruned before their parents look at them.
  for (const place of descendants(roots).toReversed()) {
    place.children = place.children.flatMap((child) => (child.message === null ? child.children : [child]));
  }
  return roots.flatMap((root) => (root.message === null && root.children.length < 2 ? root.children : [root]));
}

/** Step 5: threads of one subject are one. */
function joinedBySubject(roots: readonly Place[]): Place[] {
  const first = firstOfSubjects(roots);
  return roots.filter((root) => {
    const subject = subjectOf(root);
    const other = subject === '' ? undefined : first.get(subject);
    if (other === undefined || other === root) return true;
    join(root, other);
    return false;
  });
}

/** Step 5C: the one that stays is `other`. */
function join(root: Place, other: Place): void {
  if (other.message === null) other.children.push(...(root.message === null ? root.children : [root]));
  else if (isReply(root) && !isReply(other)) other.children.push(root);
  else {
    // Neither answers the other: both stand below a place that is nobody's.
    const moved: Place = { message: other.message, parent: other, children: other.children };
    other.message = null;
    other.children = [moved, root];
  }
}

/** Step 5B: of each subject the thread that others join: one without a message of its own, else one that is no answer. */
function firstOfSubjects(roots: readonly Place[]): Map<string, Place> {
  const table = new Map<string, Place>();
  for (const root of roots) {
    const subject = subjectOf(root);
    if (subject === '') continue;
    const known = table.get(subject);
    const better =
      known === undefined ||
      (root.message === null && known.message !== null) ||
      (known.message !== null && isReply(known) && !isReply(root));
    if (better) table.set(subject, root);
  }
  return table;
}

function subjectOf(root: Place): string {
  return firstMessage(root)?.subject ?? '';
}

function isReply(root: Place): boolean {
  return firstMessage(root)?.isReply ?? false;
}

/** Of a place without a message, that of its first child: those have one. */
function firstMessage(place: Place): Threaded | null {
  return place.message ?? place.children[0]?.message ?? null;
}

/** Steps 4 and 6: siblings by the time of their first message. */
function sortDeep(roots: Place[]): void {
  const order = (one: Place, other: Place): number => {
    const [a, b] = [firstMessage(one), firstMessage(other)];
    return a === null || b === null ? 0 : byTime(a, b);
  };
  // Children before parents: a place without a message has the time of its first child.
  for (const place of descendants(roots).toReversed()) place.children.sort(order);
  roots.sort(order);
}

/** All places, parents before their children. */
function descendants(roots: readonly Place[]): Place[] {
  const all = [...roots];
  for (let at = 0; at < all.length; at++) for (const child of all[at]?.children ?? []) all.push(child);
  return all;
}

function asNodes(roots: readonly Place[]): readonly ThreadNode[] {
  const nodes = new Map<Place, { readonly number: number | null; readonly children: ThreadNode[] }>();
  for (const place of descendants(roots).toReversed()) {
    const children = place.children.flatMap((child) => nodes.get(child) ?? []);
    nodes.set(place, { number: place.message?.number ?? null, children });
  }
  return roots.flatMap((root) => nodes.get(root) ?? []);
}
