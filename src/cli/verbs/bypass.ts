import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { destinationOf } from '../queue-acts.ts';
import { type Cell, formatTable, wrap } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatMoment } from '../when.ts';

interface BypassLine {
  readonly tenant: string;
  readonly state: 'active' | 'ended';
  readonly since: string;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
  readonly destination: string | null;
}

interface Recipe {
  readonly tenant: string;
  readonly without: string;
  readonly connectors: readonly { readonly name: string; readonly kind: string; readonly steps: readonly string[] }[];
}

export const bypass: Verb = {
  usage: [
    'bypass list [--tenant ID]',
    'bypass set TENANT --until T --reason TEXT [--via HOST:PORT]',
    'bypass end TENANT',
    'bypass recipe TENANT',
  ],
  about:
    'For the hour in which inspection is what keeps mail back. set lets all mail of one tenant, what comes and what waits for inspection, go by it until a time (72 hours at most), and with --via by another next hop; each mail that goes so says it in its trace. What policy has held already stays held. It ends by itself, or with end. recipe says how each connector of the tenant (Microsoft 365, Google Workspace, servers, devices) sends around this server for as long as it takes no mail at all.',
  flags: {
    tenant: { kind: 'text', value: 'ID', help: 'list: whose' },
    until: { kind: 'text', value: 'T', help: 'set: its end, such as 2h or 2026-11-30T18:00:00+09:00' },
    reason: { kind: 'text', value: 'TEXT', help: 'set: why, for trace and audit' },
    via: { kind: 'text', value: 'HOST:PORT', help: 'set: the next hop of what leaves the tenant meanwhile' },
  },
  examples: [
    'holdfast bypass set acme --until 2h --reason "inspection is slow, incident 42"',
    'holdfast bypass set acme --until 30m --via relay.example.net:25 --reason "on a block list"',
    'holdfast bypass recipe acme',
  ],
  run: async (order) => {
    const [act = 'list', tenant, more] = order.flags.words;
    if (act === 'list' && tenant === undefined) return list(order);
    if (tenant === undefined || more !== undefined) throw usage(`Name one tenant: holdfast bypass ${act} TENANT.`);
    if (act === 'set') return set(tenant, order);
    if (act === 'end') return end(tenant, order);
    if (act === 'recipe') return recipe(tenant, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`bypass knows no '${act}': ${suggestion(act, ['list', 'set', 'end', 'recipe'])}`);
  },
};

async function list({ flags, json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<BypassLine[]>('bypass.list', { tenant: flags.text('tenant') });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Tenant', least: 8 },
    { title: 'State' },
    { title: 'Until' },
    { title: 'By', least: 8 },
    { title: 'Next hop' },
    { title: 'Why', least: 20 },
  ];
  const rows = found.map(({ tenant, state, until, by, destination, reason }): Cell[] => [
    tenant,
    state === 'active' ? { text: 'active', tone: 'warn' } : { text: 'ended', tone: 'quiet' },
    formatMoment(Date.parse(until), calendar),
    by,
    destination ?? 'as always',
    reason,
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  const active = found.filter(({ state }) => state === 'active').length;
  terminal.print(active === 0 ? 'All mail that rules concern is inspected.' : `${active} active.`);
  return EXIT.done;
}

async function set(tenant: string, { flags, json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  const [until, reason, via] = [flags.text('until'), flags.text('reason'), flags.text('via')];
  if (until === null || reason === null) throw usage('Say until when and why: --until 2h --reason TEXT.');
  await using server = await operations('changes');
  const input = { tenant, until, reason, destination: via === null ? null : destinationOf(via) };
  const done = await server.call<BypassLine>('bypass.set', input);
  if (json) answer(done);
  else {
    const end = formatMoment(Date.parse(done.until), calendar);
    const way = done.destination === null ? '' : `, and leaves by ${done.destination}`;
    terminal.print(`Mail of ${tenant} goes by inspection until ${end}${way}. "holdfast bypass end ${tenant}" ends it.`);
  }
  return EXIT.done;
}

async function end(tenant: string, { json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('changes');
  const done = await server.call<BypassLine>('bypass.end', { tenant });
  if (json) answer(done);
  else terminal.print(`Mail of ${tenant} is inspected again.`);
  return EXIT.done;
}

async function recipe(tenant: string, { json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<Recipe>('bypass.recipe', { tenant });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const width = terminal.columns - 4;
  for (const { name, kind, steps } of found.connectors) {
    terminal.print(terminal.paint('strong', `${name} (${kind})`));
    for (const step of steps) terminal.print(`  - ${wrap(step, width).replaceAll('\n', '\n    ')}`);
  }
  if (found.connectors.length === 0)
    terminal.print(`${tenant} has no connectors: only its users send through this server.`);
  terminal.print(`\n${wrap(found.without, terminal.columns)}`);
  return EXIT.done;
}
