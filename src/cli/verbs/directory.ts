import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import {
  type DifferenceShown,
  formatDifference,
  formatGenerations,
  formatRemarks,
  formatStanding,
  type GenerationShown,
  type StandingShown,
} from '../page/people-page.ts';
import { harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';

/** 500,000 people on a slow disk. */
const LOAD_MS = 30 * 60_000;
const WORDS = ['status', 'list', 'show', 'diff', 'load', 'use', 'return', 'token'] as const;

interface LoadShown {
  readonly outcome: 'serves' | 'unchanged' | 'refused' | 'would serve' | 'would be refused';
  readonly generation: GenerationShown;
  readonly difference: DifferenceShown;
  readonly charset: string;
}

export const directory: Verb = {
  usage: [
    'directory status TENANT',
    'directory list TENANT',
    'directory show ADDRESS --tenant ID [--generation ID]',
    'directory diff TENANT [--from ID] [--to ID]',
    'directory load TENANT FILE.csv [--dry-run] [--column NAME=WHAT …] [--require NAME …]',
    'directory load TENANT FILE.csv --reason TEXT',
    'directory use TENANT ID|resources --reason TEXT',
    'directory return TENANT [--reason TEXT]',
    'directory token TENANT [--end]',
  ],
  about:
    'What is known of the people of a tenant, for signatures: names, titles, phones, groups. It comes in generations, each whole; a new one is looked at before it serves, and refused where too much is missing in it: then the last one goes on, and --reason lets the new one serve all the same. return is one step back. token is for a program that pushes people by SCIM. Without a table the users of the resources file are the people.',
  flags: {
    tenant: { kind: 'text', value: 'ID', help: 'show: whose person' },
    generation: { kind: 'text', value: 'ID', help: 'show: in which generation (else: the one that serves)' },
    from: { kind: 'text', value: 'ID', help: 'diff: the older generation (else: what served before)' },
    to: { kind: 'text', value: 'ID', help: 'diff: the newer one (else: what serves)' },
    'dry-run': { kind: 'yes', help: 'load: only say what would come of it' },
    column: {
      kind: 'texts',
      value: 'NAME=WHAT',
      help: 'load: what a column is: address, aliases, manager, groups, an attribute, or nothing (NAME=)',
    },
    require: { kind: 'texts', value: 'NAME', help: 'load: an attribute that nearly everybody must have' },
    charset: {
      kind: 'text',
      value: 'NAME',
      help: 'load: utf-8, utf-16le, shift_jis, iso-2022-jp … (else it is found out)',
    },
    separator: { kind: 'text', value: 'SIGN', help: 'load: what stands between fields (else: , or ; or a tab)' },
    end: { kind: 'yes', help: 'token: end the one there is, make none' },
    reason: { kind: 'text', value: 'TEXT', help: 'load, use, return: why, for the record' },
  },
  examples: [
    'holdfast directory load acme people.csv --dry-run',
    'holdfast directory load acme 社員.csv --column 内線=extension --require displayName',
    'holdfast directory status acme',
    'holdfast directory return acme --reason "titles were wrong"',
  ],
  run: async (order) => {
    const [act = 'status', first, second, ...more] = order.flags.words;
    if (more.length > 0) throw usage(`One word too many: ${more[0]}.`);
    if (act === 'load' && first !== undefined && second !== undefined) return load(first, second, order);
    if (act === 'use' && first !== undefined && second !== undefined) return use(first, second, order);
    if (first !== undefined && second === undefined) {
      if (act === 'status') return status(first, order);
      if (act === 'list') return list(first, order);
      if (act === 'show') return show(first, order);
      if (act === 'diff') return diff(first, order);
      if (act === 'return') return back(first, order);
      if (act === 'token') return token(first, order);
    }
    if (WORDS.some((one) => one === act))
      throw usage(`Say one of: ${directory.usage.map((line) => `holdfast ${line}`).join('; ')}.`);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`directory knows no '${act}': ${suggestion(act, [...WORDS])}`);
  },
};

async function status(tenant: string, { operations, json, answer, terminal, calendar }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<StandingShown>('directory.status', { tenant });
  if (json) answer(found);
  else terminal.print(formatStanding(found, calendar));
  return EXIT.done;
}

async function list(tenant: string, { operations, json, answer, terminal, calendar }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<{ serves: string | null; generations: GenerationShown[] }>('directory.list', {
    tenant,
  });
  if (json) answer(found);
  else if (found.generations.length > 0)
    terminal.print(formatGenerations(found.serves, found.generations, calendar, terminal));
  if (!json && found.serves === null) terminal.print('The users of the resources file serve.');
  return EXIT.done;
}

async function show(address: string, { flags, operations, json, answer, terminal }: Order): Promise<ExitCode> {
  const tenant = flags.text('tenant');
  if (tenant === null) throw usage('Name the tenant: --tenant ID');
  const generation = flags.text('generation');
  await using server = await operations('reads');
  const found = await server.call<{
    readonly generation: string;
    readonly address: string;
    readonly aliases: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
    readonly manager: string | null;
    readonly groups: readonly string[];
    readonly photo: string | null;
  }>('directory.person', { tenant, address, ...(generation !== null && { generation }) });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const lines = [
    `${found.address} in generation ${found.generation}`,
    ...Object.entries(found.attributes).map(([name, value]) => `  ${name}: ${value}`),
    ...(found.aliases.length === 0 ? [] : [`  aliases: ${found.aliases.join(', ')}`]),
    ...(found.manager === null ? [] : [`  manager: ${found.manager}`]),
    ...(found.groups.length === 0 ? [] : [`  groups: ${found.groups.join(', ')}`]),
    ...(found.photo === null ? [] : ['  photo: yes']),
  ];
  terminal.print(lines.map(harmless).join('\n'));
  return EXIT.done;
}

async function diff(tenant: string, { flags, operations, json, answer, terminal }: Order): Promise<ExitCode> {
  const [from, to] = [flags.text('from'), flags.text('to')];
  await using server = await operations('reads');
  const input = { tenant, ...(from !== null && { from }), ...(to !== null && { to }) };
  const found = await server.call<{ from: string; to: string; difference: DifferenceShown }>('directory.diff', input);
  if (json) answer(found);
  else terminal.print(`From ${found.from} to ${found.to}:\n${formatDifference(found.difference)}`);
  return EXIT.done;
}

async function load(tenant: string, path: string, order: Order): Promise<ExitCode> {
  const { flags, world, json, answer, terminal } = order;
  const packed = await promisify(zstdCompress)(await octetsOf(resolve(world.cwd, path), path));
  const [charset, separator, reason] = [flags.text('charset'), flags.text('separator'), flags.text('reason')];
  const input = {
    ...{ tenant, content: packed.toString('base64'), packed: true, dryRun: flags.is('dry-run') },
    columns: Object.fromEntries(flags.texts('column').map(columnOf)),
    required: flags.texts('require'),
    ...(charset !== null && { charset }),
    ...(separator !== null && { separator: separator === 'tab' ? '\t' : separator }),
    ...(reason !== null && { reason }),
  };
  await using server = await order.operations('changes');
  const done = await server.call<LoadShown>('directory.load', input, { deadlineMs: LOAD_MS });
  const isRefused = done.outcome === 'refused' || done.outcome === 'would be refused';
  if (json) answer(done);
  else {
    const remarks = formatRemarks(done.generation);
    if (remarks !== '') terminal.print(remarks);
    terminal.print(formatDifference(done.difference));
    terminal.print(harmless(outcomeOf(done, tenant)));
  }
  return isRefused ? EXIT.no : EXIT.done;
}

function outcomeOf({ outcome, generation, charset }: LoadShown, tenant: string): string {
  const what = `${generation.people} people (read as ${charset})`;
  if (outcome === 'serves') return `Generation ${generation.id} serves: ${what}.`;
  if (outcome === 'unchanged') return `Nothing has changed: generation ${generation.id} serves on, and is confirmed.`;
  if (outcome === 'would serve') return `It would serve: ${what}. Nothing was changed.`;
  if (outcome === 'would be refused') return `It would be refused: ${what}. Nothing was changed.`;
  return `Refused; the last generation serves on. Look: holdfast directory list ${tenant}; let it serve all the same: holdfast directory use ${tenant} ${generation.id} --reason TEXT.`;
}

async function use(tenant: string, generation: string, order: Order): Promise<ExitCode> {
  const reason = order.flags.text('reason');
  if (reason === null) throw usage('Say why, for the record: --reason TEXT');
  return switched('directory.use', { tenant, generation, reason }, order);
}

async function back(tenant: string, order: Order): Promise<ExitCode> {
  const reason = order.flags.text('reason');
  return switched('directory.return', { tenant, ...(reason !== null && { reason }) }, order);
}

async function token(
  tenant: string,
  { flags, operations, settings, json, answer, terminal }: Order,
): Promise<ExitCode> {
  await using server = await operations('changes');
  const made = await server.call<{ token: string | null }>('directory.token', { tenant, end: flags.is('end') });
  if (json) answer(made);
  else if (made.token === null) terminal.print('Nobody pushes people any more.');
  else {
    const { url } = (await settings()).settings;
    terminal.print(`Tenant URL: ${url.replace(/\/+$/, '')}/scim/v2`);
    terminal.print(`Token, shown this once: ${made.token}`);
  }
  return EXIT.done;
}

async function switched(name: string, input: object, { operations, json, answer, terminal }: Order): Promise<ExitCode> {
  await using server = await operations('changes');
  const done = await server.call<{ serves: string }>(name, input);
  if (json) answer(done);
  else
    terminal.print(
      done.serves === 'resources' ? 'The users of the resources file serve.' : `Generation ${done.serves} serves.`,
    );
  return EXIT.done;
}

function columnOf(text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw usage(`--column takes NAME=WHAT, not '${text}'.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function octetsOf(path: string, named: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw usage(`${named} can't be read (${why}).`);
  }
}
