/** The forms of `holdfast mailbox` that are about mail that comes: rules, forwards, absence. What is shown can be edited and given back. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type FlagTable, usage } from './flags.ts';
import { harmless } from './table.ts';
import type { Order } from './verb.ts';

interface Document {
  readonly rules?: readonly { readonly name: string; readonly action: object }[];
  readonly vacation?: object;
}

interface Tried {
  readonly kept: boolean;
  readonly mailbox: string | null;
  readonly flags: readonly string[];
  readonly forwards: readonly string[];
  readonly answered: string | null;
  readonly rules: readonly string[];
  readonly wayEnded: string | null;
}

/** A file of rules is written by people. */
const RULES_BYTES_MAX = 1024 * 1024;
const MAIL_BYTES_MAX = 3 * 1024 * 1024;
/** The rule that `mailbox forward` writes. */
const FORWARD = 'forward';

export const RULE_USAGE = [
  'mailbox rules ADDRESS [--set FILE | --clear]',
  'mailbox rules ADDRESS --test MAIL [--sender ADDRESS] [--set FILE]',
  'mailbox forward ADDRESS TO… [--no-copy]',
  'mailbox forward ADDRESS off',
  'mailbox vacation ADDRESS --text TEXT [--from TIME] [--until TIME] [--subject TEXT]',
  'mailbox vacation ADDRESS off',
];

export const RULE_FLAGS: FlagTable = {
  set: { kind: 'text', value: 'FILE', help: 'rules: replaces them by this file, YAML or JSON; - for standard input' },
  clear: { kind: 'yes', help: 'rules: takes them away, with the absence' },
  test: { kind: 'text', value: 'MAIL', help: 'rules: only says what would be done with this mail, an .eml file' },
  sender: { kind: 'text', value: 'ADDRESS', help: 'rules --test: whom the mail comes from; <> for a bounce' },
  'no-copy': { kind: 'yes', help: 'forward: mail goes on and stays nowhere here' },
  text: { kind: 'text', value: 'TEXT', help: 'vacation: what senders are told' },
  subject: { kind: 'text', value: 'TEXT', help: 'vacation: under which subject, in place of "Auto: " and theirs' },
  from: { kind: 'text', value: 'TIME', help: 'vacation: from then on, as 2026-12-24 or 2026-12-24T18:00' },
  until: { kind: 'text', value: 'TIME', help: 'vacation: until then; a day is meant whole' },
};

/** Shows, replaces or tries somebody's rules. */
export async function rules(address: string, order: Order): Promise<ExitCode> {
  const { flags } = order;
  if (flags.is('test')) return test(address, order);
  if (flags.is('clear') && flags.is('set')) throw usage('Say --set FILE or --clear, not both.');
  if (flags.is('clear')) return set(address, null, order, `${address} has no rules any more.`);
  const file = flags.text('set');
  if (file === null) return show(address, order);
  return set(address, await readRulesFile(file, order), order, `The rules of ${address} are set.`);
}

/** Forwards all mail, before any other rule; or no more. */
export async function forward(address: string, to: readonly string[], order: Order): Promise<ExitCode> {
  const now = await current(address, order);
  const others = (now.rules ?? []).filter(({ name }) => name !== FORWARD);
  if (to.length === 1 && to[0] === 'off')
    return set(address, { ...now, rules: others }, order, `Mail to ${address} is forwarded no more.`);
  const keep = !order.flags.is('no-copy');
  const rule = { name: FORWARD, action: { forward: to, keep }, continue: true };
  const stays = keep ? 'A copy stays here' : 'No copy stays here';
  const told = `Mail to ${address} goes on to ${to.join(', ')}. ${stays}.`;
  return set(address, { ...now, rules: [rule, ...others] }, order, told);
}

/** Says that somebody is away; or that they are back. */
export async function vacation(address: string, isOff: boolean, order: Order): Promise<ExitCode> {
  const { flags } = order;
  const now = await current(address, order);
  if (isOff) return set(address, { rules: now.rules ?? [] }, order, `${address} answers by itself no more.`);
  const text = flags.text('text');
  if (text === null) throw usage('Say what senders are told: --text "I am away until …".');
  const given = ['subject', 'from', 'until'].flatMap((name) => {
    const value = flags.text(name);
    return value === null ? [] : [[name, value] as const];
  });
  const absence = { ...Object.fromEntries(given), text };
  const told = `${address} answers each sender once in 7 days, who wrote to them in person.`;
  return set(address, { ...now, vacation: absence }, order, told);
}

async function current(address: string, { operations }: Order): Promise<Document> {
  await using server = await operations('refuses');
  return (await server.call<Document | null>('mailbox.rules', { address })) ?? {};
}

async function show(address: string, order: Order): Promise<ExitCode> {
  const { json, answer, terminal } = order;
  const found = await current(address, order);
  const isEmpty = (found.rules ?? []).length === 0 && found.vacation === undefined;
  if (json) answer(isEmpty ? null : found);
  else if (isEmpty) terminal.print(`${address} has no rules: holdfast mailbox rules ${address} --set FILE.`);
  else for (const line of stringify(brief(found)).trimEnd().split('\n')) terminal.print(harmless(line));
  return EXIT.done;
}

async function set(address: string, document: unknown, order: Order, told: string): Promise<ExitCode> {
  const { json, answer, terminal, operations } = order;
  await using server = await operations('changes');
  const done = await server.call('mailbox.set-rules', { address, rules: document });
  if (json) answer(done);
  else terminal.print(told);
  return EXIT.done;
}

async function test(address: string, order: Order): Promise<ExitCode> {
  const { flags, json, answer, terminal, operations } = order;
  const mail = (await readBytes(flags.text('test') ?? '', order)).toString('base64');
  const file = flags.text('set');
  const document = file === null ? {} : { rules: await readRulesFile(file, order) };
  await using server = await operations('refuses');
  const tried = await server.call<Tried>('mailbox.test-rules', {
    address,
    mail,
    sender: flags.text('sender'),
    ...document,
  });
  if (json) answer(tried);
  else for (const line of linesOf(tried)) terminal.print(harmless(line));
  return EXIT.done;
}

const WAY_ENDS: Readonly<Record<string, string>> = {
  'been here': 'It is not forwarded: it has been here before.',
  'too far': 'It is not forwarded: it has come too far.',
  shared: 'It goes to no group: somebody here has forwarded it already.',
};

function linesOf({ kept, mailbox, flags, forwards, answered, rules: by, wayEnded }: Tried): readonly string[] {
  const marks = flags.length === 0 ? '' : `, marked ${flags.join(' ')}`;
  const place = mailbox === null ? 'It is kept where mail comes in' : `It is kept in ${mailbox}`;
  const nowhere = forwards.length > 0 ? 'No copy is kept.' : 'It is discarded.';
  return [
    kept ? `${place}${marks}.` : nowhere,
    ...forwards.map((to) => `It goes on to ${to}.`),
    ...(wayEnded === null ? [] : [WAY_ENDS[wayEnded] ?? `It is not forwarded: ${wayEnded}.`]),
    ...(answered === null ? [] : [`${answered} is answered, unless that was done lately.`]),
    by.length === 0 ? 'No rule speaks of it.' : `Rules: ${by.join(', ')}.`,
  ];
}

async function readRulesFile(file: string, order: Order): Promise<unknown> {
  const text = file === '-' ? await order.world.readInput(RULES_BYTES_MAX) : (await readBytes(file, order)).toString();
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw usage(`${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readBytes(file: string, { world }: Order): Promise<Buffer> {
  try {
    const bytes = await readFile(resolve(world.cwd, file));
    if (bytes.length <= MAIL_BYTES_MAX) return bytes;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code;
    throw usage(why === 'ENOENT' ? `There is no file ${file}.` : `${file} can't be read (${why}).`);
  }
  throw usage(`${file} is larger than 3 MB.`);
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  not: false,
  off: false,
  match: 'all',
  continue: false,
  keep: true,
  discard: false,
};

/** Without what is meant anyway, and lists of one thing as that thing. */
function brief(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 && typeof value[0] === 'string' ? value[0] : value.map(brief);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, each]) => !(key in DEFAULTS && DEFAULTS[key] === each));
  return Object.fromEntries(
    entries.filter(([key, each]) => key !== 'when' || !isEmpty(each)).map(([k, v]) => [k, brief(v)]),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
