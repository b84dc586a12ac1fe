import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTraceList } from '../page/lists.ts';
import { formatTrace } from '../page/trace-page.ts';
import { findTraces, queryOf } from '../query.ts';
import type { TracedMail } from '../shapes.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

const SHOWN = 50;
const LIMIT_MAX = 10_000_000;

export const trace: Verb = {
  usage: ['trace QUERY… [--limit N] [--json]'],
  about:
    'Says where a mail is, since when, why, and what happens next; then every step of its way. A query is a queue ID, a Message-ID, an address, or words like from:alice@acme.test to:*@peer.test subject:quotation since:2h until:14:00 state:held tenant:acme. It works while the server is stopped, too.',
  flags: {
    limit: { kind: 'text', value: 'N', help: `at most so many mails, newest first (${SHOWN}; with --json 1,000)` },
  },
  examples: [
    'holdfast trace 01M6Z0V6K8Q3T9XA',
    'holdfast trace alice@acme.test since:2h',
    'holdfast trace to:*@peer.test state:deferred',
  ],
  run: async (order) => {
    const { flags, json, terminal } = order;
    const query = queryOf(flags.words);
    if (query === '') throw usage('Say what to look for: holdfast trace ID, an address, or from:… to:… since:….');
    const limit = flags.count('limit', json ? 1_000 : SHOWN, LIMIT_MAX);
    await using server = await order.operations('reads');
    const { mails, more } = await findTraces(server, query, limit, (count) => {
      if (count >= 1_000) terminal.progress(`${formatCount(count)} mails …`);
    });
    if (json) answer(mails, more, order);
    else show(mails, more, query, order);
    return mails.length === 0 ? EXIT.no : EXIT.done;
  },
};

// One mail a line: an answer of a million mails is never one string.
function answer(mails: readonly TracedMail[], more: boolean, { terminal }: Order): void {
  if (mails.length === 0) terminal.print('[]');
  for (const [i, mail] of mails.entries()) {
    terminal.print(`${i === 0 ? '[' : ''}${JSON.stringify(mail)}${i === mails.length - 1 ? ']' : ','}`);
  }
  if (more)
    terminal.note(`There are more than these ${formatCount(mails.length)}: raise --limit, or narrow the query.`);
}

function show(mails: readonly TracedMail[], more: boolean, query: string, { terminal, calendar }: Order): void {
  const [only] = mails;
  if (only === undefined) {
    terminal.print(
      `No mail matches ${query}. Queue IDs have 16 letters and figures; mail of the last 2 s may still be missing.`,
    );
  } else if (mails.length === 1 && !more) {
    terminal.print(formatTrace(only, calendar, terminal));
  } else {
    terminal.print(formatTraceList(mails, calendar, terminal));
    const count = more
      ? `The newest ${formatCount(mails.length)}; there are more (--limit)`
      : `${formatCount(mails.length)} mails`;
    terminal.print(`\n${count}. "holdfast trace ID" shows one.`);
  }
}
