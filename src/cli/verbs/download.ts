import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { whoOf } from '../held-acts.ts';
import { formatShare, formatShares } from '../page/download-page.ts';
import type { SharedFiles, ShownShare } from '../shapes.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

const SHOWN = 50;
const LIMIT_MAX = 200;
const ACTS = { lock: 'locked', unlock: 'unlocked', extend: 'extended', revoke: 'revoked' } as const;
type Act = keyof typeof ACTS;

const FLAGS: FlagTable = {
  as: { kind: 'text', value: 'ADDRESS', help: 'act as this person, with what they may do; without it as the operator' },
  tenant: { kind: 'text', value: 'ID', help: 'list: those of one tenant' },
  recipient: { kind: 'text', value: 'ADDRESS', help: 'acts: one recipient’s link; without it all of them' },
  until: { kind: 'text', value: 'TIME', help: 'extend: a time with its offset, or a duration from now such as 5d' },
  limit: { kind: 'text', value: 'N', help: `list: at most so many (${SHOWN})` },
  after: { kind: 'text', value: 'ID', help: 'list: those behind this one' },
};

export const download: Verb = {
  usage: [
    'download list [MAIL] [--as ADDRESS] [--tenant ID] [--limit N] [--after ID]',
    'download show ID [--as ADDRESS]',
    'download lock|unlock|revoke ID [--recipient ADDRESS] [--as ADDRESS]',
    'download extend ID --until TIME [--recipient ADDRESS] [--as ADDRESS]',
  ],
  about:
    'Attachments that a rule turned into downloads: which files, who may fetch them, how often they did and from where. lock stops it for now, revoke for good, also when the mail has long gone. Senders see their own, administrators those of their tenant. MAIL is the queue ID that trace takes.',
  flags: FLAGS,
  examples: [
    'holdfast download list --as alice@acme.test',
    'holdfast download lock 01M6Z0V6K8Q3T9XA.3f0c9a1b2c3d4e5 --recipient taro@example.test',
    'holdfast download extend 01M6Z0V6K8Q3T9XA.3f0c9a1b2c3d4e5 --until 5d',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'list') return list(words, order);
    if (act === 'show') return show(words, order);
    if (isAct(act)) return change(act, words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`download knows no '${act}': ${suggestion(act, ['list', 'show', ...Object.keys(ACTS)])}`);
  },
};

async function list([message, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  if (more.length > 0) throw usage('Name one mail at most: holdfast download list MAIL.');
  const { flags, terminal } = order;
  const limit = flags.count('limit', SHOWN, LIMIT_MAX);
  const tenant = flags.text('tenant');
  await using server = await order.operations('reads');
  const { shares, next } = await server.call<{ shares: SharedFiles[]; next: string | null }>('download.list', {
    ...whoOf(order),
    ...(message === undefined ? {} : { message }),
    ...(tenant === null ? {} : { tenant }),
    ...{ limit, after: flags.text('after') },
  });
  const behind = next === null ? '' : ` There may be more: --after ${next}`;
  if (order.json) {
    order.answer(shares);
    if (behind !== '') terminal.note(behind.trim());
    return EXIT.done;
  }
  if (shares.length > 0) terminal.print(`${formatShares(shares, order.calendar, terminal)}\n`);
  const counts = `${formatCount(shares.length)} ${shares.length === 1 ? 'mail' : 'mails'} with downloads.`;
  terminal.print(`${shares.length === 0 ? 'There are no downloads here.' : counts}${behind}`);
  return EXIT.done;
}

async function show(words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId('show', words);
  await using server = await order.operations('reads');
  const share = await server.call<ShownShare>('download.show', { ...whoOf(order), id });
  if (order.json) order.answer(share);
  else order.terminal.print(formatShare(share, order.calendar, order.terminal));
  return EXIT.done;
}

async function change(act: Act, words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId(act, words);
  const { flags, terminal, json } = order;
  const [recipient, until] = [flags.text('recipient'), flags.text('until')];
  if (act === 'extend' && until === null) throw usage(`Say until when: holdfast download extend ${id} --until 5d.`);
  if (act !== 'extend' && until !== null) throw usage('--until is for extend.');
  await using server = await order.operations('changes');
  const done = await server.call<{ links: number }>(`download.${act}`, {
    ...{ ...whoOf(order), id },
    ...(recipient === null ? {} : { recipient }),
    ...(until === null ? {} : { until }),
  });
  if (json) order.answer(done);
  else terminal.print(`${formatCount(done.links)} ${done.links === 1 ? 'link' : 'links'} ${ACTS[act]}.`);
  return EXIT.done;
}

function oneId(act: string, [id, ...more]: readonly string[]): string {
  if (id !== undefined && more.length === 0) return id;
  throw usage(`Name one of them: holdfast download ${act} ID. "holdfast download list" shows the IDs.`);
}

function isAct(word: string): word is Act {
  return Object.hasOwn(ACTS, word);
}
