import { mkdir, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import type { Operations } from '../reach.ts';
import { formatTable } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

const PAGE_MS = 10 * 60_000;
const ERASE_MS = 60 * 60_000;

/** A page of `subject.export`. */
interface ExportPage {
  readonly addresses: readonly string[];
  readonly place: string;
  readonly about: string;
  readonly records: readonly object[];
  readonly isCut: boolean;
  readonly next: string | null;
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

/** `index.json`: each place that was looked at, and what is in none. */
interface ExportIndex {
  readonly addresses: readonly string[];
  readonly tenant: string | null;
  readonly exportedAt: string;
  readonly places: readonly PlaceLine[];
  readonly leftOut: ExportPage['leftOut'];
}

interface PlaceLine {
  readonly place: string;
  readonly about: string;
  readonly records: number;
  /** Its file; null where nothing was written. */
  readonly file: string | null;
  readonly isCut: boolean;
}

export const subject: Verb = {
  usage: [
    'subject export ADDRESS [--tenant ID] [--out DIR] [--json]',
    'subject erase ADDRESS … --reason TEXT [--dry-run] [--yes] [--json]',
  ],
  about:
    'Answers a person who asks what is kept of them, or to be erased. export gives every record that names them, place by place, with a list of all places that were looked at and of what is in none, with its reason; without --out it only counts, with --out DIR it writes a file for each place, a record a line, and index.json. erase takes them out of what names them: the audit log and lists of changes keep a pseudonym, the rest is forgotten; what is kept is shown with its reason. Give all their addresses at once. Both stand in the audit log.',
  flags: {
    tenant: {
      kind: 'text',
      value: 'ID',
      help: 'export: what one tenant keeps of them; without it the whole installation',
    },
    out: {
      kind: 'text',
      value: 'DIR',
      help: 'export: write the records into this folder, which must be empty or not be there',
    },
    reason: { kind: 'text', value: 'TEXT', help: 'erase: why, for the audit log' },
    'dry-run': { kind: 'yes', help: 'erase: only show what would go and what would stay' },
    yes: { kind: 'yes', help: 'erase: do not ask first' },
  },
  examples: [
    'holdfast subject export alice@acme.test',
    'holdfast subject export alice@acme.test --out /srv/requests/alice',
    'holdfast subject export guest@partner.test --tenant acme --json',
    'holdfast subject erase alice@acme.test --reason "request of 1 December" --dry-run',
  ],
  run: async (order) => {
    const [act, address, ...more] = order.flags.words;
    if (act === 'erase') return erased(order.flags.words.slice(1), order);
    if (act !== 'export' || address === undefined || more.length > 0)
      throw usage('Say whose: holdfast subject export ADDRESS --out DIR.');
    return exported(address, order);
  },
};

/** The answer of `subject.erase`. */
interface Erasure {
  readonly pseudonym: string;
  readonly places: readonly {
    readonly place: string;
    readonly records: number;
    readonly isErased: boolean;
    readonly why: string;
  }[];
  readonly correspondents: number | null;
}

async function erased(addresses: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal, json, answer } = order;
  const reason = flags.text('reason');
  if (addresses.length === 0 || reason === null)
    throw usage('Say whom and why: holdfast subject erase ADDRESS --reason TEXT --dry-run.');
  await using server = await order.operations('changes');
  const ask = (dryRun: boolean): Promise<Erasure> =>
    server.call('subject.erase', { addresses, reason, dryRun }, { deadlineMs: ERASE_MS });
  const dryRun = flags.is('dry-run');
  const looked = dryRun || !flags.is('yes') ? await ask(true) : null;
  if (looked !== null && !(dryRun && json)) showErasure(looked, false, terminal);
  if (looked !== null && dryRun) {
    if (json) answer(looked);
    return EXIT.done;
  }
  if (looked !== null && !(await terminal.ask(`Erase ${addresses.join(', ')}? This can't be undone.`))) return EXIT.no;
  const done = await ask(false);
  if (json) answer(done);
  else showErasure(done, true, terminal);
  return EXIT.done;
}

function showErasure({ pseudonym, places }: Erasure, isDone: boolean, terminal: Order['terminal']): void {
  const columns = [
    { title: 'Place', least: 16 },
    { title: 'Records', align: 'right' as const },
    { title: isDone ? 'Done' : 'Fate' },
    { title: 'Why' },
  ];
  const rows = places.map(({ place, records, isErased, why }) => [
    place,
    formatCount(records),
    isErased ? 'erased' : 'kept',
    why,
  ]);
  terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  const stands = isDone ? 'stands' : 'would stand';
  terminal.print(`${pseudonym} ${stands} where something is proved. Mailboxes and backups are not touched.`);
}

async function exported(address: string, order: Order): Promise<ExitCode> {
  const { flags, world, terminal, json, answer } = order;
  const [tenant, out] = [flags.text('tenant'), flags.text('out')];
  const folder = out === null ? null : resolve(world.cwd, out);
  if (folder !== null) await makeFolder(folder);
  await using server = await order.operations('changes');
  const input = { address, ...(tenant === null ? {} : { tenant }) };
  const places: PlaceLine[] = [];
  let first: ExportPage | null = null;
  let next: string | null = null;
  do {
    terminal.progress(`${places.at(-1)?.place ?? 'Looking'} …`);
    const page: ExportPage = await server.call('subject.export', { ...input, after: next }, { deadlineMs: PAGE_MS });
    first ??= page;
    const line = await placeFrom(page, input, folder, server);
    places.push(line.place);
    next = line.next;
  } while (next !== null);
  const index: ExportIndex = {
    ...{ addresses: first.addresses, tenant, exportedAt: new Date(world.now()).toISOString() },
    ...{ places, leftOut: first.leftOut },
  };
  if (folder !== null) await writeIndex(folder, index);
  if (json) answer(index);
  else show(index, folder, terminal);
  return EXIT.done;
}

/** All pages of a place, into its file as they come. */
async function placeFrom(
  first: ExportPage,
  input: object,
  folder: string | null,
  server: Operations,
): Promise<{ readonly place: PlaceLine; readonly next: string | null }> {
  const { place, about } = first;
  const file = folder === null ? null : `${place}.ndjson`;
  await using writer = folder === null ? null : await open(join(folder, `${place}.ndjson`), 'wx', 0o600);
  let page = first;
  let records = 0;
  let isCut = false;
  for (;;) {
    records += page.records.length;
    isCut ||= page.isCut;
    if (page.records.length > 0)
      await writer?.appendFile(page.records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const { next } = page;
    if (next === null || !next.startsWith(`${place}:`)) {
      await writer?.sync();
      return { place: { place, about, records, file, isCut }, next };
    }
    page = await server.call('subject.export', { ...input, after: next }, { deadlineMs: PAGE_MS });
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw usage(`${folder} is not empty. Name a folder that is not there yet.`);
}

/** Last: a folder without it is an export that was cut off. */
async function writeIndex(folder: string, index: ExportIndex): Promise<void> {
  await using file = await open(join(folder, 'index.json'), 'wx', 0o600);
  await file.writeFile(`${JSON.stringify(index, null, 2)}\n`);
  await file.sync();
}

function show({ addresses, places, leftOut }: ExportIndex, folder: string | null, terminal: Order['terminal']): void {
  const columns = [{ title: 'Place', least: 16 }, { title: 'Records', align: 'right' as const }, { title: 'What' }];
  const rows = places.map(({ place, records, isCut, about }) => [
    place,
    `${formatCount(records)}${isCut ? '+' : ''}`,
    about,
  ]);
  terminal.print(`Records that name ${addresses.join(', ')}:\n\n${formatTable(columns, rows, terminal)}\n`);
  if (places.some(({ isCut }) => isCut)) terminal.print('+ older records of this place may not have been looked at.\n');
  terminal.print(`Not in it:\n${leftOut.map(({ what, why }) => `- ${what}: ${why}`).join('\n')}\n`);
  const sum = places.reduce((all, { records }) => all + records, 0);
  terminal.print(
    folder === null
      ? `${formatCount(sum)} records. Nothing was written: --out DIR writes them.`
      : `${formatCount(sum)} records are in ${folder}; index.json says where.`,
  );
}
