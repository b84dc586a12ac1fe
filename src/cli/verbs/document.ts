import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Refusal } from '#/ports/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { type Cell, formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

interface Registered {
  readonly name: string;
  readonly addedAt: string;
  readonly by: string;
  readonly chars: number;
  readonly cut: boolean;
}

/** A large PDF is read in seconds, and others may be read before it. */
const ADD_MS = 120_000;
const ACTS = ['list', 'add', 'remove'] as const;

export const document: Verb = {
  usage: [
    'document list --tenant ID',
    'document add FILE --tenant ID [--name NAME]',
    'document remove NAME --tenant ID',
  ],
  about:
    'Documents that must not leave in part: rules with “documents” know mail that quotes them, in its text or in files, whatever was done to blanks and widths. A document is read as inspection reads it in mail; what is kept is a name and numbers, not its text. The name stands in what people are told of a mail; without --name it is that of the file.',
  flags: {
    tenant: { kind: 'text', value: 'ID', help: 'whose documents' },
    name: { kind: 'text', value: 'NAME', help: 'add: how people know it' },
  },
  examples: [
    'holdfast document add contract.docx --tenant acme --name "Standard contract"',
    'holdfast document list --tenant acme',
    'holdfast document remove "Standard contract" --tenant acme',
  ],
  run: async (order) => {
    const [act = 'list', word, ...more] = order.flags.words;
    if (act === 'list' && word === undefined) return list(order);
    if (act === 'add' && word !== undefined && more.length === 0) return add(word, order);
    if (act === 'remove' && word !== undefined && more.length === 0) return remove(word, order);
    if (ACTS.some((one) => one === act))
      throw usage(`Say one of: ${document.usage.map((line) => `holdfast ${line}`).join('; ')}.`);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`document knows no '${act}': ${suggestion(act, [...ACTS])}`);
  },
};

async function list(order: Order): Promise<ExitCode> {
  const { terminal, calendar, json, answer } = order;
  await using server = await order.operations('reads');
  const found = await server.call<Registered[]>('document.list', { tenant: tenantIn(order) });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Document', least: 20 },
    { title: 'Since' },
    { title: 'By', least: 12 },
    { title: 'Characters', align: 'right' as const },
    { title: '' },
  ];
  const rows = found.map(({ name, addedAt, by, chars, cut }): Cell[] => [
    name,
    formatMoment(Date.parse(addedAt), calendar),
    by,
    formatCount(chars),
    cut ? { text: 'its beginning', tone: 'warn' } : '',
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  const counts = `${formatCount(found.length)} ${found.length === 1 ? 'document' : 'documents'}.`;
  terminal.print(found.length === 0 ? 'No documents are registered.' : counts);
  return EXIT.done;
}

async function add(path: string, order: Order): Promise<ExitCode> {
  const { flags, world, terminal, json, answer } = order;
  const tenant = tenantIn(order);
  const file = basename(path);
  const content = (await octetsOf(resolve(world.cwd, path))).toString('base64');
  const input = { tenant, name: flags.text('name') ?? file, file, content };
  await using server = await order.operations('changes');
  const done = await server.call<Registered & { unread: string[] }>('document.add', input, { deadlineMs: ADD_MS });
  if (json) {
    answer(done);
    return EXIT.done;
  }
  const chars = `${formatCount(done.chars)} characters`;
  const beginning = done.cut ? ' It is long, and known by its beginning.' : '';
  terminal.print(harmless(`“${done.name}” is registered: ${chars} were read, none are kept.${beginning}`));
  for (const detail of done.unread) terminal.print(harmless(`Not read, and not recognised: ${detail}`));
  return EXIT.done;
}

async function remove(name: string, order: Order): Promise<ExitCode> {
  const { terminal, json, answer } = order;
  await using server = await order.operations('changes');
  const done = await server.call<{ name: string }>('document.remove', { tenant: tenantIn(order), name });
  if (json) answer(done);
  else terminal.print(harmless(`“${done.name}” is forgotten.`));
  return EXIT.done;
}

function tenantIn({ flags }: Order): string {
  const tenant = flags.text('tenant');
  if (tenant === null) throw usage('Name the tenant: --tenant ID');
  return tenant;
}

async function octetsOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Refusal(EXIT.usage, `${path} can't be read (${why}).`);
  }
}
