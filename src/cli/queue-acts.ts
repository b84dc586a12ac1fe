/** Acts on mail that waits: what is meant, how much that is, whether it is really meant, and what was done. */
import { isMailId, type RecipientState, waitsByVerdict } from '#/model/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { usage } from './flags.ts';
import { listQueue, queryOf } from './query.ts';
import type { Operations } from './reach.ts';
import type { Order } from './verb.ts';
import { formatCount } from './when.ts';

export interface Act {
  readonly operation: string;
  /** For `N recipients …`. */
  readonly done: string;
  readonly asking: string;
  /** What can't be undone asks once. */
  readonly asks: boolean;
  /** Whose recipients it can hit. */
  readonly hits: readonly RecipientState[];
  /** Flags that it understands, and what of them the operation is given. */
  readonly flags: readonly string[];
  extra(order: Order): object;
}

const WAITING: readonly RecipientState[] = ['queued', 'deferred'];
const LIVE: readonly RecipientState[] = ['queued', 'deferred', 'held'];

export const ACTS = {
  hold: {
    operation: 'queue.hold',
    done: 'held',
    asking: 'Hold',
    asks: false,
    hits: WAITING,
    flags: ['until', 'reason'],
    extra: ({ flags }) => ({ ...given('until', flags.text('until')), ...given('reason', flags.text('reason')) }),
  },
  release: {
    operation: 'queue.release',
    done: 'released',
    asking: 'Release',
    asks: false,
    hits: ['held'],
    flags: ['reason'],
    extra: ({ flags }) => given('reason', flags.text('reason')),
  },
  retry: {
    operation: 'queue.retry',
    done: 'due now',
    asking: 'Retry',
    asks: false,
    hits: WAITING,
    flags: ['reason'],
    extra: ({ flags }) => given('reason', flags.text('reason')),
  },
  reroute: {
    operation: 'queue.reroute',
    done: 'rerouted',
    asking: 'Reroute',
    asks: false,
    hits: LIVE,
    flags: ['via', 'reason'],
    extra: ({ flags }) => ({
      destination: destinationOf(flags.text('via')),
      ...given('reason', flags.text('reason')),
    }),
  },
  bounce: {
    operation: 'queue.bounce',
    done: 'bounced, and their senders are told',
    asking: 'Bounce',
    asks: true,
    hits: LIVE,
    flags: ['reason'],
    extra: ({ flags }) => given('reason', flags.text('reason')),
  },
  drop: {
    operation: 'queue.drop',
    done: 'dropped; nobody is told',
    asking: 'Drop',
    asks: true,
    hits: LIVE,
    flags: ['reason'],
    extra: ({ flags }) => ({ reason: flags.text('reason') ?? 'dropped by an operator' }),
  },
} as const satisfies Record<string, Act>;

/** Whether a word is an act. */
export function isAct(word: string): word is keyof typeof ACTS {
  return Object.hasOwn(ACTS, word);
}

interface Done {
  readonly recipients: number;
  readonly messages: readonly string[];
  readonly more: boolean;
}

type Selection = { readonly query: string; readonly all: boolean };

const ROUND_MS = 60_000;
const COUNT_MAX = 10_000;
const OWN_FLAGS = ['until', 'via', 'reason', 'limit', 'after', 'read-body'];

/** Counts, asks where it is for good, acts until nothing is left, and says what was done. Exit 1 where nothing was hit. */
export async function actOn(act: Act, words: readonly string[], order: Order): Promise<ExitCode> {
  const selections = selectionsOf(words, order);
  const foreign = OWN_FLAGS.find((name) => order.flags.is(name) && !act.flags.includes(name));
  if (foreign !== undefined) throw usage(`--${foreign} means nothing to this act.`);
  const extra = act.extra(order);
  await using server = await order.operations('changes');
  if (!(await isMeant(act, selections, server, order))) return EXIT.no;
  const done = await actOnAll(act, selections, extra, server, order);
  if (order.json) order.answer(done);
  else order.terminal.print(outcome(act, done));
  return done.recipients > 0 ? EXIT.done : EXIT.no;
}

// Several IDs are several selections; anything else is one filter.
function selectionsOf(words: readonly string[], { flags }: Order): Selection[] {
  const all = flags.is('all');
  if (all && words.length > 0) throw usage('Either --all, or IDs or a filter: not both.');
  if (all) return [{ query: '', all: true }];
  if (words.length === 0) {
    throw usage(
      'Say which mail is meant: IDs, a filter such as to:*@peer.test, or --all. "holdfast queue list" shows what waits.',
    );
  }
  if (words.every((word) => isMailId(word.toUpperCase()))) {
    return [...new Set(words.map((word) => word.toUpperCase()))].map((query) => ({ query, all: false }));
  }
  return [{ query: queryOf(words), all: false }];
}

function isById({ query }: Selection): boolean {
  return isMailId(query);
}

// By IDs everybody knows what is meant; a filter can hit more than anybody thought, so that its number is said first.
async function isMeant(act: Act, selections: readonly Selection[], server: Operations, order: Order): Promise<boolean> {
  const { terminal, flags } = order;
  if (selections.every(isById) && !(act.asks && terminal.asks)) return true;
  const hits = await countHits(act, selections, server);
  if (hits === '0') return true;
  const question = `${act.asking} ${hits} of ${selections.length === 1 ? 'this selection' : `${selections.length} mails`}`;
  if (!act.asks || flags.is('yes')) {
    terminal.note(`${question}.`);
    return true;
  }
  if (!terminal.asks)
    throw usage(`This would ${act.asking.toLowerCase()} ${hits} for good. Say --yes if that is meant.`);
  if (await terminal.ask(`${question}? This can't be undone.`)) return true;
  terminal.note('Nothing was changed.');
  return false;
}

async function countHits(act: Act, selections: readonly Selection[], server: Operations): Promise<string> {
  let count = 0;
  for (const { query } of selections) {
    const { mails, more } = await listQueue(server, query, COUNT_MAX, null, () => {});
    for (const { recipients } of mails) {
      count += recipients.filter((each) => act.hits.includes(each.state) && !waitsByVerdict(each)).length;
    }
    if (more) return `more than ${formatCount(count)} recipients`;
  }
  if (count === 0) return '0';
  return count === 1 ? '1 recipient' : `${formatCount(count)} recipients`;
}

async function actOnAll(
  act: Act,
  selections: readonly Selection[],
  extra: object,
  server: Operations,
  { terminal }: Order,
): Promise<Omit<Done, 'more'>> {
  const messages = new Set<string>();
  let recipients = 0;
  for (const selection of selections) {
    for (let more = true; more; ) {
      const step = await server.call<Done>(act.operation, { ...selection, ...extra }, { deadlineMs: ROUND_MS });
      recipients += step.recipients;
      for (const id of step.messages) messages.add(id);
      more = step.more && step.recipients > 0;
      if (more) terminal.progress(`${formatCount(recipients)} recipients ${act.done} …`);
    }
  }
  return { recipients, messages: [...messages] };
}

function outcome(act: Act, { recipients }: Omit<Done, 'more'>): string {
  if (recipients > 0) return `${formatCount(recipients)} ${recipients === 1 ? 'recipient' : 'recipients'} ${act.done}.`;
  return `Nothing was changed: no recipient that this act can move matches. It may have ended, be so already, be under way at this moment, or wait for a policy or an approver. "holdfast trace ID" says which.`;
}

// People write host and port; the destination's own spelling is understood too.
export function destinationOf(text: string | null): string {
  if (text === null) throw usage('Say where to: --via HOST:PORT, --via HOST:PORT:lmtp or --via mx:DOMAIN.');
  if (/^(mx:|route:)/.test(text) || text === 'local') return text;
  return /:\d{1,5}(:lmtp)?$/.test(text) ? `route:${text}` : `mx:${text}`;
}

function given(key: string, value: string | null): object {
  return value === null ? {} : { [key]: value };
}
