import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { type Cell, formatTable } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

interface RelayLine {
  readonly tenant: string;
  readonly name: string;
  readonly kind: string;
  readonly on: boolean;
  readonly today: { readonly used: number; readonly limit: number | 'unlimited' };
  readonly lastSeen: string | null;
  readonly lastError: string | null;
  readonly lastErrorAt: string | null;
}

export const relay: Verb = {
  usage: ['relay list [--tenant ID]', 'relay on|off NAME --tenant ID'],
  about:
    'Lists the servers, devices and apps that send through Holdfast: when each was seen last, what it used of its limits today, and what went wrong last. off refuses one at once, on lets it in again; mail that it sent before goes on.',
  flags: { tenant: { kind: 'text', value: 'ID', help: 'whose relays' } },
  examples: ['holdfast relay list', 'holdfast relay off scanner-3f --tenant acme'],
  run: async (order) => {
    const [act, name, more] = order.flags.words;
    if (act === 'list' && name === undefined) return list(order);
    if ((act === 'on' || act === 'off') && name !== undefined && more === undefined) {
      return turn(name, act === 'on', order);
    }
    throw usage('Say: holdfast relay list, or holdfast relay on|off NAME --tenant ID.');
  },
};

async function list({ flags, json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const found = await server.call<RelayLine[]>('relay.list', { tenant: flags.text('tenant') });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Tenant', least: 8 },
    { title: 'Relay', least: 12 },
    { title: 'Kind' },
    { title: 'On' },
    { title: 'Last seen' },
    { title: 'Today', align: 'right' as const },
    { title: 'Last trouble', least: 20 },
  ];
  const moment = (at: string | null): string => (at === null ? 'never' : formatMoment(Date.parse(at), calendar));
  const rows = found.map((line): Cell[] => [
    line.tenant,
    line.name,
    line.kind,
    line.on ? 'on' : { text: 'off', tone: 'warn' },
    moment(line.lastSeen),
    `${formatCount(line.today.used)}${line.today.limit === 'unlimited' ? '' : ` of ${formatCount(line.today.limit)}`}`,
    line.lastError === null ? '' : `${moment(line.lastErrorAt)} ${line.lastError}`,
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  terminal.print(
    rows.length === 0 ? 'There are no relays.' : `${rows.length === 1 ? '1 relay' : `${rows.length} relays`}.`,
  );
  return EXIT.done;
}

async function turn(
  name: string,
  on: boolean,
  { flags, json, answer, terminal, operations }: Order,
): Promise<ExitCode> {
  const tenant = flags.text('tenant');
  if (tenant === null) throw usage('Say whose relay it is: --tenant ID.');
  await using server = await operations('changes');
  const done = await server.call<{ changed: boolean }>('relay.switch', { tenant, name, on });
  const state = on ? 'on' : 'off';
  if (json) answer(done);
  else
    terminal.print(
      done.changed ? `${tenant}: relay ${name} is ${state} now.` : `${tenant}: relay ${name} was ${state} already.`,
    );
  return EXIT.done;
}
