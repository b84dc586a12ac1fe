import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { givenOf, oneId, printAll, printOne, seenOf, TEXT_FLAGS, textsOf } from '../incident-acts.ts';
import type { IncidentLine, IncidentPage } from '../page/incident-page.ts';
import type { Order, Verb } from '../verb.ts';

const LIMIT = 50;
const LIMIT_MAX = 200;
const ACTS = ['update', 'start', 'verify', 'complete', 'cancel'] as const;
type Act = (typeof ACTS)[number];

const FLAGS: FlagTable = {
  ...TEXT_FLAGS,
  component: { kind: 'texts', value: 'NAME', help: 'all that are worked on' },
  tell: { kind: 'texts', value: 'TENANT', help: 'mail the contacts of these tenants alone; all where nobody is named' },
  from: { kind: 'text', value: 'T', help: 'its begin: a time with its offset, or a duration from now such as 2d' },
  until: { kind: 'text', value: 'T', help: 'its end' },
  'by-hand': { kind: 'yes', help: 'it does not begin and end by itself' },
  open: { kind: 'yes', help: 'list: what is planned or under way' },
  limit: { kind: 'text', value: 'N', help: `list: at most so many (${LIMIT})` },
};

export const maintenance: Verb = {
  usage: [
    'maintenance list [--open] [--limit N]',
    'maintenance show ID',
    'maintenance schedule --title TEXT --text TEXT --component NAME --from T --until T …',
    'maintenance update ID [--text TEXT] [--from T] [--until T]',
    'maintenance start|verify|complete|cancel ID [--text TEXT]',
  ],
  about:
    'Planned work, told beforehand: it begins and ends by itself, and what its components show meanwhile is no incident. Each text goes to the contacts of tenants, and to whoever asked at /status/subscribe. With --by-hand nothing happens by itself.',
  flags: FLAGS,
  examples: [
    'holdfast maintenance schedule --title "New disk" --component webmail --from 01:00 --until 02:00 …',
    'holdfast maintenance update 20261201-01 --until 03:00 --text "It takes longer."',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'list') return list(order);
    if (act === 'show') return show(words, order);
    if (act === 'schedule') return schedule(words, order);
    if (isAct(act)) return change(act, words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`maintenance knows no '${act}': ${suggestion(act, ['list', 'show', 'schedule', ...ACTS])}`);
  },
};

async function list(order: Order): Promise<ExitCode> {
  const { flags } = order;
  await using server = await order.operations('reads');
  const input = { open: flags.is('open'), limit: flags.count('limit', LIMIT, LIMIT_MAX) };
  const { maintenances } = await server.call<{ maintenances: IncidentLine[] }>('maintenance.list', input);
  printAll(maintenances, flags.is('open') ? 'Nothing is planned.' : 'There was no planned work.', order);
  return EXIT.done;
}

async function show(words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId('maintenance', 'show', words);
  await using server = await order.operations('reads');
  printOne(await server.call<IncidentPage>('maintenance.show', { id }), order);
  return EXIT.done;
}

async function schedule([more]: readonly string[], order: Order): Promise<ExitCode> {
  if (more !== undefined) throw usage('schedule takes no ID: it gives one.');
  const { flags } = order;
  if (flags.text('from') === null || flags.text('until') === null)
    throw usage('Say from when until when: --from T --until T.');
  await using server = await order.operations('changes');
  const input = { ...givenIn(order), ...(flags.is('by-hand') ? { byHand: true } : {}) };
  return told(await server.call<IncidentLine>('maintenance.schedule', input), order);
}

async function change(act: Act, words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId('maintenance', act, words);
  await using server = await order.operations('changes');
  const input = { id, ...seenOf(order), ...givenIn(order), ...(order.flags.is('by-hand') ? { byHand: true } : {}) };
  return told(await server.call<IncidentLine>(`maintenance.${act}`, input), order);
}

function givenIn(order: Order): Readonly<Record<string, unknown>> {
  const components = order.flags.texts('component');
  return {
    ...textsOf(order, ['title', 'text', 'advice']),
    ...givenOf(order, { from: 'from', until: 'until' }),
    ...(order.flags.texts('tell').length === 0 ? {} : { tenants: order.flags.texts('tell') }),
    ...(components.length === 0 ? {} : { components }),
  };
}

function told(one: IncidentLine, { json, answer, terminal }: Order): ExitCode {
  if (json) answer(one);
  else terminal.print(`${one.id} is ${one.phase.replace('_', ' ')} (${one.entries} entries).`);
  return EXIT.done;
}

function isAct(word: string): word is Act {
  return ACTS.some((act) => act === word);
}
