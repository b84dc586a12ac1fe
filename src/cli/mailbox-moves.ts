/** `mailbox import` and `mailbox pull`: whole mailboxes come in, and can come again. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DEFAULT_UIDL_FORMAT, parseUidlFormat, type UidlFormat } from '#/codec/mail-files/index.ts';
import { Refusal } from '#/ports/index.ts';
import {
  type Granted,
  importFiles,
  type Moved,
  type MoveOptions,
  type MoveWatch,
  pullAccount,
} from '#/roles/transfer.ts';
import { FORMATS, type Format, SinkTrouble, SourceTrouble } from '#/transfer/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type FlagTable, usage } from './flags.ts';
import { type Cell, formatTable, harmless } from './table.ts';
import type { Order } from './verb.ts';
import { formatCount, formatSpan } from './when.ts';

export const MOVE_FLAGS: FlagTable = {
  format: {
    kind: 'text',
    value: FORMATS.join('|'),
    help: 'import: how the files are kept, where that is not plain to see; export: how to write them',
  },
  into: { kind: 'text', value: 'FOLDER', help: 'import, pull: all of it below this folder' },
  again: {
    kind: 'text',
    value: 'LABEL',
    help: 'import, pull: bring also what an earlier run brought; a run with the same label goes on',
  },
  'dry-run': { kind: 'yes', help: 'import, pull: only count what would come' },
  'uidl-format': {
    kind: 'text',
    value: 'FORMAT',
    help: `import, pull: pop3_uidl_format of the old server (${DEFAULT_UIDL_FORMAT})`,
  },
  'password-file': {
    kind: 'text',
    value: 'FILE',
    help: 'pull: the password over there, or - for standard input; else HOLDFAST_PULL_PASSWORD has it',
  },
  user: { kind: 'text', value: 'NAME', help: 'pull: who signs in over there, where the URL does not say' },
  'read-body': { kind: 'text', value: 'REASON', help: 'export: why this mail may be read, for the audit log' },
  trust: {
    kind: 'text',
    value: 'FILE',
    help: 'pull: a certificate (PEM) to trust, of the old server or of its authority',
  },
};

const PASSWORD_VARIABLE = 'HOLDFAST_PULL_PASSWORD';
const PASSWORD_BYTES_MAX = 4_096;
const IMAPS_PORT = 993;

/** `mailbox import ADDRESS PATH`. */
export async function importMail(address: string, path: string, order: Order): Promise<ExitCode> {
  const from = resolve(order.world.cwd, path);
  const files = { path: from, format: formatIn(order), uidlFormat: uidlFormatIn(order) };
  const options = optionsIn(order);
  const granted = await grant(address, from, options, order);
  const { settings } = await order.settings();
  return await told(order, options, (watch) => importFiles(settings, granted, files, options, watch));
}

/** `mailbox pull ADDRESS URL`. */
export async function pullMail(address: string, url: string, order: Order): Promise<ExitCode> {
  const place = placeIn(url, order);
  const password = await passwordIn(order);
  const trust = order.flags.text('trust');
  const trusted = trust === null ? null : await fileOf(trust, order.world);
  const options = optionsIn(order);
  const folders = order.flags.is('folder') ? order.flags.texts('folder') : null;
  const wanted = { folders, uidlFormat: uidlFormatIn(order) };
  const granted = await grant(address, `imaps://${place.user}@${place.host}:${place.port}`, options, order);
  const { settings } = await order.settings();
  const server = { ...place, password, trusted };
  return await told(order, options, (watch) => pullAccount(settings, granted, server, wanted, options, watch));
}

/** The format that was asked for, or null. */
export function formatIn({ flags }: Order): Format | null {
  const text = flags.text('format');
  const format = FORMATS.find((each) => each === text) ?? null;
  if (text !== null && format === null) throw usage(`--format is one of ${FORMATS.join(', ')}, not '${text}'.`);
  return format;
}

async function grant(address: string, from: string, { dryRun }: MoveOptions, order: Order): Promise<Granted> {
  await using server = await order.operations('changes');
  return await server.call<Granted>('mailbox.import', { address, from, dryRun });
}

function optionsIn({ flags }: Order): MoveOptions {
  return { into: flags.text('into'), again: flags.text('again'), dryRun: flags.is('dry-run') };
}

function uidlFormatIn({ flags }: Order): UidlFormat {
  const text = flags.text('uidl-format') ?? DEFAULT_UIDL_FORMAT;
  const format = parseUidlFormat(text);
  if (format !== null) return format;
  throw usage(
    `UIDLs of the form '${text}' can't be made here: %u, %v, %f and their forms like %08Xu can. POP3 clients would load all mail anew.`,
  );
}

function placeIn(
  url: string,
  { flags }: Order,
): { readonly host: string; readonly port: number; readonly user: string } {
  const [, named, host = '', port] =
    /^imaps:\/\/(?:(.*)@)?([^@/:[\]]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?\/?$/.exec(url) ?? [];
  if (host === '')
    throw usage(
      `Say where from as imaps://USER@HOST, with :PORT where it is not ${IMAPS_PORT}. The connection is always encrypted.`,
    );
  if (named?.includes(':') === true)
    throw usage('A password in a URL is seen by everyone on this host: give it with --password-file.');
  const user = flags.text('user') ?? decoded(named ?? '');
  if (user === '') throw usage('Say who signs in over there: imaps://USER@HOST, or --user NAME.');
  return { host, port: Number(port ?? IMAPS_PORT), user };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function passwordIn({ flags, world }: Order): Promise<string> {
  const file = flags.text('password-file');
  const text = file === null ? world.env[PASSWORD_VARIABLE] : await passwordOf(file, world);
  const password = text?.replace(/\r?\n$/, '') ?? '';
  if (password !== '') return password;
  throw usage(`Give the password over there with --password-file FILE, or in the environment as ${PASSWORD_VARIABLE}.`);
}

async function passwordOf(file: string, world: Order['world']): Promise<string> {
  if (file === '-') return await world.readInput(PASSWORD_BYTES_MAX);
  return await fileOf(file, world);
}

async function fileOf(file: string, world: Order['world']): Promise<string> {
  const text = await readFile(resolve(world.cwd, file), 'utf8').catch(() => null);
  if (text === null) throw new Refusal(EXIT.usage, `${file} can't be read.`);
  return text;
}

/** Moves, and says what came of it. */
async function told(
  order: Order,
  { dryRun }: MoveOptions,
  move: (watch: MoveWatch) => Promise<Moved>,
): Promise<ExitCode> {
  const { json, answer } = order;
  const began = performance.now();
  const moved = await move(watchIn(order)).catch((error: unknown) => {
    throw endOf(error, order);
  });
  const seconds = Math.round(performance.now() - began) / 1_000;
  if (json) answer({ ...moved, seconds });
  else report(moved, dryRun, seconds, order);
  if (moved.outcome === 'full') return EXIT.tryAgain;
  return moved.folders.some(({ refused }) => refused > 0) ? EXIT.no : EXIT.done;
}

/** Shows how far it is, and ends with Ctrl-C. */
export function watchIn(order: Order): MoveWatch {
  const { terminal, world } = order;
  const began = performance.now();
  return {
    signal: world.signal,
    onProgress: (done, of) => terminal.progress(progressLine(done, of, performance.now() - began, order)),
    onWait: (why) => terminal.note(harmless(`${why} It is tried again.`)),
  };
}

/** What a failure means to who gave the command. What comes from another server or from a name over there is a plain line. */
export function endOf(error: unknown, { world }: Order): unknown {
  // Ctrl-C ends calls that are under way, each in its own words.
  if (world.signal.aborted) return world.signal.reason;
  if (error instanceof SinkTrouble) return new Refusal(EXIT.no, harmless(error.message));
  if (!(error instanceof SourceTrouble)) return error;
  const goesOn = error.retry ? ' What came is kept; the same command goes on where it stopped.' : '';
  return new Refusal(error.retry ? EXIT.tryAgain : EXIT.no, harmless(`${error.message}${goesOn}`));
}

function progressLine(done: number, of: number | null, ms: number, { calendar }: Order): string {
  const pace = (done / Math.max(ms, 1)) * 1_000;
  const rate = `${formatCount(Math.round(pace))} a second`;
  if (of === null || of < done) return `${formatCount(done)} messages, ${rate}`;
  const left = pace > 0 ? `, about ${formatSpan(((of - done) / pace) * 1_000, calendar.language)} left` : '';
  return `${formatCount(done)} of ${formatCount(of)} messages, ${rate}${left}`;
}

function report(
  { outcome, folders, refusals, notes }: Moved,
  dryRun: boolean,
  seconds: number,
  { terminal }: Order,
): void {
  const columns = [
    { title: 'From', least: 12 },
    { title: 'Mailbox', least: 12 },
    { title: dryRun ? 'Would come' : 'Imported', align: 'right' as const },
    { title: 'There before', align: 'right' as const },
    { title: 'Refused', align: 'right' as const },
  ];
  const rows = folders.map(({ folder, mailbox, imported, there, refused }): Cell[] => [
    harmless(folder === '' ? '.' : folder),
    harmless(mailbox),
    formatCount(imported),
    formatCount(there),
    refused === 0 ? '0' : { text: formatCount(refused), tone: 'warn' },
  ]);
  if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  for (const { folder, message, why } of refusals)
    terminal.print(`${terminal.paint('warn', 'refused')} ${harmless(`${folder} ${message}: ${why}`)}`);
  const sum = (of: 'imported' | 'there' | 'refused'): number => folders.reduce((all, row) => all + row[of], 0);
  if (sum('refused') > refusals.length) terminal.print(`… and ${formatCount(sum('refused') - refusals.length)} more.`);
  for (const note of notes) terminal.print(harmless(note));
  terminal.print(lastLine(outcome, dryRun, sum, seconds));
}

function lastLine(
  outcome: Moved['outcome'],
  dryRun: boolean,
  sum: (of: 'imported' | 'there' | 'refused') => number,
  seconds: number,
): string {
  const there = `${formatCount(sum('there'))} were there before, ${formatCount(sum('refused'))} were refused`;
  if (outcome === 'full')
    return `The account is full: ${formatCount(sum('imported'))} messages came, ${there}. Raise its quota; the same command goes on.`;
  if (dryRun) return `${formatCount(sum('imported'))} messages would come; ${there}. Nothing was changed.`;
  return `${formatCount(sum('imported'))} messages came in ${formatCount(Math.ceil(seconds))} s; ${there}.`;
}
