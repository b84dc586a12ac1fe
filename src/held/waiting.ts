/** Mail that waits by a verdict, in order of acceptance, page by page: approvals and holds are read apart, since nothing else in a long queue is meant. */
import type { Call, MailId } from '#/model/index.ts';
import { waitsByVerdict } from '#/model/index.ts';
import type { Journal, QueueFilter, Trace } from '#/ports/index.ts';

type Page = Awaited<ReturnType<Journal['queue']>>;

const SOURCES: readonly Pick<QueueFilter, 'state' | 'reason'>[] = [
  { state: 'approval' },
  { state: 'held', reason: 'policy' },
  { state: 'held', reason: 'stopped by sender' },
];

/** One page behind `after`; `next` is null at the end. */
export async function waitingPage(
  journal: Pick<Journal, 'queue'>,
  filter: QueueFilter,
  after: MailId | null,
  limit: number,
  call: Call,
): Promise<Page> {
  const { state, reason, ...rest } = filter;
  const sources = SOURCES.filter(
    (source) => (state ?? source.state) === source.state && (reason === undefined || reason === source.reason),
  );
  const pages = await Promise.all(sources.map((source) => journal.queue({ ...rest, ...source }, after, limit, call)));
  return merged(pages, limit);
}

/** All of them, within the time of the call. */
export async function* allWaiting(
  journal: Pick<Journal, 'queue'>,
  filter: QueueFilter,
  after: MailId | null,
  call: Call,
): AsyncGenerator<Trace> {
  for (let from = after; ; ) {
    const page: Page = await waitingPage(journal, filter, from, PAGE, call);
    yield* page.items;
    from = page.next;
    if (from === null) return;
  }
}

const PAGE = 100;

// What stands behind the end of any page that has more after it is left for the next one, or a mail would be torn apart.
function merged(pages: readonly Page[], limit: number): Page {
  const ends = pages.flatMap(({ next }) => next ?? []).sort();
  const [bound = null] = ends;
  const byId = new Map<MailId, Trace>();
  for (const { items } of pages) {
    for (const item of items) {
      if (bound !== null && item.id > bound) continue;
      const recipients = [...(byId.get(item.id)?.recipients ?? []), ...item.recipients.filter(waitsByVerdict)];
      byId.set(item.id, { ...item, recipients: recipients.sort((a, b) => a.n - b.n) });
    }
  }
  const items = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]?.id ?? null };
  return { items, next: bound };
}
