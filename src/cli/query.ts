/** What was written behind a verb as one query for the server, and the two ways to get more than one page of an answer. */
import { isFault } from '#/model/index.ts';
import type { Operations } from './reach.ts';
import type { QueuedMail, TracedMail } from './shapes.ts';

/** Words of the command line as one query; a word with blanks in it was quoted in the shell and is quoted again. */
export function queryOf(words: readonly string[]): string {
  return words.map((word) => (/\s/.test(word) && !word.includes('"') ? `"${word}"` : word)).join(' ');
}

/** Up to `limit` mails that a query names, newest first, and whether there are more. */
export async function findTraces(
  server: Operations,
  query: string,
  limit: number,
  onProgress: (count: number) => void,
): Promise<{ readonly mails: readonly TracedMail[]; readonly more: boolean }> {
  const found = new Map<string, TracedMail>();
  let page = PAGE;
  let behind = '';
  while (found.size <= limit) {
    const wanted = Math.min(page, limit + 1 - found.size + SAME_MOMENT);
    const mails = await tracePage(server, `${query}${behind}`, wanted);
    if (mails === null) {
      page = Math.max(1, Math.floor(page / 4));
      continue;
    }
    const before = found.size;
    for (const mail of mails) found.set(mail.id, mail);
    onProgress(found.size);
    if (mails.length < wanted || found.size === before) break;
    // The next page begins where this one ends; mails of one millisecond come again and are known by their ids.
    behind = ` until:${new Date(Date.parse(mails.at(-1)?.receivedAt ?? '') + 1).toISOString()}`;
  }
  return { mails: [...found.values()].slice(0, limit), more: found.size > limit };
}

/** Up to `limit` mails in the queue behind `after`, and whether there are more. */
export async function listQueue(
  server: Operations,
  query: string,
  limit: number,
  after: string | null,
  onProgress: (count: number) => void,
): Promise<{ readonly mails: readonly QueuedMail[]; readonly more: boolean }> {
  const mails: QueuedMail[] = [];
  let last = after;
  while (mails.length <= limit) {
    const wanted = Math.min(PAGE_QUEUE, limit + 1 - mails.length);
    const page = await server.call<QueuedMail[]>('queue.list', { query, limit: wanted, after: last });
    mails.push(...page);
    onProgress(mails.length);
    if (page.length < wanted) break;
    last = page.at(-1)?.id ?? null;
  }
  return { mails: mails.slice(0, limit), more: mails.length > limit };
}

const PAGE = 250;
const PAGE_QUEUE = 1_000;
/** Mails that may share the millisecond at which a page ends. */
const SAME_MOMENT = 50;
const TRACE_MS = 60_000;

// Null where the answer is larger than the socket carries: mails with thousands of recipients; ask for fewer.
async function tracePage(server: Operations, query: string, limit: number): Promise<TracedMail[] | null> {
  try {
    return await server.call<TracedMail[]>('trace.find', { query, limit }, { deadlineMs: TRACE_MS });
  } catch (error) {
    if (isFault(error, 'call.refused') && limit > 1) return null;
    throw error;
  }
}
