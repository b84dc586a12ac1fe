import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import type { Operations } from '../reach.ts';
import type { AffectedAnswer, AffectedItem } from '../shapes.ts';
import { formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

/** Recipients of a page: an answer of a few megabytes, and few readings of the window. */
const PAGE = 5_000;
const DEADLINE_MS = 10 * 60_000;
const WORDS = ['from', 'to', 'component', 'worker', 'policy', 'destination', 'tenant'] as const;

export const AFFECTED_FLAGS: FlagTable = {
  from: {
    kind: 'text',
    value: 'TIME',
    help: 'begin of the window: 2026-11-21T12:07, 12:07, 2h (ago); bare ones in the tenant’s zone',
  },
  to: { kind: 'text', value: 'TIME', help: 'its end, which is outside (now)' },
  component: {
    kind: 'text',
    value: 'NAME',
    help: 'what touched it: gate, inspect, deliver, janitor, cli, or a stage such as hold',
  },
  worker: { kind: 'text', value: 'NAME', help: 'one process, or all of a host: HOST, HOST/ROLE, HOST/ROLE/PID' },
  policy: { kind: 'text', value: 'RULE', help: 'mail that this rule decided on' },
  destination: {
    kind: 'text',
    value: 'HOP',
    help: 'mail before this next hop: peer.test, mx:peer.test, route:192.0.2.7:25, local',
  },
  tenant: { kind: 'text', value: 'ID', help: 'of one tenant alone' },
};

export const affected: Verb = {
  usage: [
    'affected --from TIME [--to TIME] [--tenant ID] [--list|--csv [--unserved]]',
    'affected --from TIME … [--component NAME] [--worker NAME]',
    'affected --from TIME … [--policy RULE] [--destination HOP]',
  ],
  about:
    'Which mail a fault may have touched: by tenant, with its contacts, how many messages and recipients, and how many recipients are not served yet. --list names each of them, --csv as a table for other programs.',
  flags: {
    ...AFFECTED_FLAGS,
    list: { kind: 'yes', help: 'each message and recipient' },
    csv: { kind: 'yes', help: 'the same as comma-separated values, with a heading' },
    unserved: { kind: 'yes', help: 'lists: those alone who are not served' },
  },
  examples: [
    'holdfast affected --from 12:07 --to 12:11 --component inspect',
    'holdfast affected --from 2026-11-21T12:07 --to 2026-11-21T12:11 --csv --unserved > list.csv',
  ],
  run: async (order) => {
    const { flags } = order;
    if (flags.words.length > 0) throw usage(`affected takes flags alone; what does '${flags.words[0]}' belong to?`);
    const input = windowOf(order);
    await using server = await order.operations('reads');
    if (flags.is('csv')) return await csv(server, input, order);
    if (flags.is('list')) return await list(server, input, order);
    return await count(server, input, order);
  },
};

/** The window that flags name, as operations take it. */
export function windowOf({ flags }: Order): Readonly<Record<string, string>> {
  if (!flags.is('from')) throw usage('Say when it began: --from 2026-11-21T12:07, --from 12:07 or --from 2h (ago).');
  return Object.fromEntries(WORDS.flatMap((word) => (flags.is(word) ? [[word, flags.text(word) ?? '']] : [])));
}

async function count(server: Operations, input: object, { json, answer, terminal }: Order): Promise<ExitCode> {
  const found = await server.call<AffectedAnswer>('affected.count', input, { deadlineMs: DEADLINE_MS });
  if (json) answer(found);
  else terminal.print(formatCounts(found, terminal));
  return EXIT.done;
}

function formatCounts(found: AffectedAnswer, terminal: Order['terminal']): string {
  const { tenants, messages, recipients, unserved } = found;
  if (tenants.length === 0) return 'No mail was touched in this window.';
  const right = 'right' as const;
  const columns = [
    { title: 'tenant', least: 12 },
    ...['messages', 'recipients', 'unserved'].map((title) => ({ title, align: right })),
    { title: 'contacts', least: 20 },
  ];
  const rows = tenants.map((one) => [
    one.tenant,
    ...[one.messages, one.recipients, one.unserved].map(formatCount),
    one.contacts.length === 0 ? { text: 'none known', tone: 'warn' as const } : one.contacts.join(', '),
  ]);
  const nobody = tenants.filter(({ contacts }) => contacts.length === 0).length;
  const sum = `${formatCount(unserved)} of ${formatCount(recipients)} recipients of ${formatCount(messages)} messages are not served.`;
  const missing =
    nobody === 0
      ? ''
      : ` ${formatCount(nobody)} of ${formatCount(tenants.length)} tenants have no contact: find one, and add it to their resources.`;
  return `${formatTable(columns, rows, terminal)}\n\n${sum}${missing}`;
}

// One recipient a line: an answer of a hundred thousand is never one string.
async function list(server: Operations, input: object, order: Order): Promise<ExitCode> {
  const { json, terminal } = order;
  let shown = 0;
  for await (const item of all(server, input, order)) {
    if (json) terminal.print(`${shown === 0 ? '[' : ','}${JSON.stringify(item)}`);
    else terminal.print(formatItem(item));
    shown += 1;
  }
  if (json) terminal.print(shown === 0 ? '[]' : ']');
  else terminal.print(shown === 0 ? 'No mail was touched in this window.' : `${formatCount(shown)} recipients.`);
  return EXIT.done;
}

function formatItem({ id, recipient, tenant, state, address, subject }: AffectedItem): string {
  return harmless(`${id}/${recipient}  ${tenant}  ${state}  ${address}  ${subject}`);
}

const COLUMNS = [
  'id',
  'recipient',
  'tenant',
  'state',
  'served',
  'reason',
  'receivedAt',
  'from',
  'address',
  'subject',
] as const;

async function csv(server: Operations, input: object, order: Order): Promise<ExitCode> {
  const { terminal } = order;
  let rows = 0;
  terminal.print(`${COLUMNS.join(',')}\r`);
  for await (const item of all(server, input, order)) {
    terminal.print(`${COLUMNS.map((name) => cell(String(item[name] ?? ''))).join(',')}\r`);
    rows += 1;
  }
  terminal.note(`${formatCount(rows)} recipients.`);
  return EXIT.done;
}

/** What stands in a mail must not become a formula in somebody's spreadsheet. */
function cell(text: string): string {
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

async function* all(server: Operations, input: object, { flags, terminal }: Order): AsyncGenerator<AffectedItem> {
  let seen = 0;
  for (let after: string | null = null; ; ) {
    const page: { items: AffectedItem[]; next: string | null } = await server.call(
      'affected.list',
      { ...input, limit: PAGE, after },
      { deadlineMs: DEADLINE_MS },
    );
    yield* flags.is('unserved') ? page.items.filter(({ served }) => !served) : page.items;
    seen += page.items.length;
    if (page.next === null) return;
    after = page.next;
    terminal.progress(`${formatCount(seen)} recipients …`);
  }
}
