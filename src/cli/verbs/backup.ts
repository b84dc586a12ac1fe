import { resolve } from 'node:path';
import type { Manifest } from '#/backup/index.ts';
import { Fault } from '#/model/index.ts';
import { backUp, oneCell, verify } from '#/roles/backup.ts';
import { watchOf } from '../copy-watch.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { Unreachable } from '../reach.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

export const backup: Verb = {
  usage: [
    'backup DIR [--with-key] [--without-database] [--cell NAME] [--json]',
    'backup verify DIR [--key FILE] [--json]',
  ],
  about:
    'Copies the installation into a new folder while it runs: all mail in custody and its content as of one moment, mailboxes, tenants, closed days of the journal, keys, settings; then opens the copy, checks it and counts its books. secrets.key, which opens the mail in custody, is not copied unless --with-key says so: keep it elsewhere. verify looks again whether every file is as it was written, whether the databases are sound and the books balance; it exits 1 where not.',
  flags: {
    'with-key': { kind: 'yes', help: 'copy secrets.key too: whoever has the folder can then read all mail in it' },
    'without-database': { kind: 'yes', help: 'PostgreSQL: leave the database to its own backups' },
    cell: { kind: 'text', value: 'NAME', help: 'of an installation with cells: the one to back up' },
    key: {
      kind: 'text',
      value: 'FILE',
      help: 'verify: the secrets.key that opens it (else that of this installation, where it is the one)',
    },
  },
  examples: ['holdfast backup /backup/2026-11-21', 'holdfast backup verify /backup/2026-11-21'],
  run: async (order) => {
    const [first, second, more] = order.flags.words;
    if (first === 'verify' && second !== undefined && more === undefined) {
      if (order.flags.is('with-key'))
        throw usage('--with-key means nothing to verify; --key FILE names the key that opens it.');
      return look(resolve(order.world.cwd, second), order);
    }
    if (first !== undefined && first !== 'verify' && second === undefined) {
      if (order.flags.is('key')) throw usage('--key means something to verify alone.');
      return make(resolve(order.world.cwd, first), order);
    }
    throw usage('Say where to: holdfast backup DIR, or which one: holdfast backup verify DIR.');
  },
};

async function make(folder: string, order: Order): Promise<ExitCode> {
  const withKey = order.flags.is('with-key');
  const whole = await order.settings();
  const cell = order.flags.text('cell');
  const loaded = cell === null ? whole : oneCell(whole, cell);
  await note(folder, withKey, order);
  const began = performance.now();
  const { manifest, damage, opened } = await backUp(
    loaded,
    folder,
    { withKey, withDatabase: !order.flags.is('without-database') },
    watchOf(order),
  );
  const seconds = Math.round(performance.now() - began) / 1000;
  const good = damage.length === 0 && manifest.balanced !== false;
  if (order.json) order.answer({ folder, good, damage, opened, seconds, ...manifest });
  else {
    show(folder, manifest, damage, order);
    const { terminal } = order;
    terminal.print(`\n${keyLine(manifest, loaded.settings.secrets.key.file)}`);
    const done = `Done in ${formatCount(Math.ceil(seconds))} s. ${checked(opened, manifest)}`;
    const bad =
      'It was made, but what is in it is not sound: see above. "holdfast audit" tells what the installation itself says.';
    terminal.print(`\n${good ? terminal.paint('ok', done) : terminal.paint('bad', bad)}`);
  }
  return good ? EXIT.done : EXIT.no;
}

// The audit log has it before it is done; a store that can't be opened for writing is what backups are for.
async function note(folder: string, withKey: boolean, order: Order): Promise<void> {
  await using server = await order.operations('changes');
  try {
    await server.call('backup.begin', { folder, withKey });
  } catch (error) {
    if (!(error instanceof Fault || error instanceof Unreachable)) throw error;
    order.terminal.note(`This backup could not be written into the audit log: ${error.message}`);
  }
}

async function look(folder: string, order: Order): Promise<ExitCode> {
  const { good, damage, opened, manifest } = await verify(folder, await keyFileOf(order), watchOf(order));
  if (order.json) order.answer({ folder, good, damage, opened, ...manifest });
  else {
    show(folder, manifest, damage, order);
    const { terminal } = order;
    terminal.print(
      good
        ? `\n${terminal.paint('ok', `The backup is whole: every file is as it was written. ${checked(opened, manifest)}`)}`
        : `\n${terminal.paint('bad', 'Do not rely on this backup. Take another one, and look at the disk it lies on.')}`,
    );
  }
  return good ? EXIT.done : EXIT.no;
}

// Where the backup was made on another machine there may be no installation here, and nobody needs one to verify.
async function keyFileOf(order: Order): Promise<string | null> {
  const given = order.flags.text('key');
  if (given !== null) return resolve(order.world.cwd, given);
  try {
    return (await order.settings()).settings.secrets.key.file;
  } catch {
    return null;
  }
}

function checked(opened: boolean, { database }: Manifest): string {
  if (database !== null)
    return database.included
      ? 'The dump of its database can be read; its books are counted when it is a database again.'
      : 'Its database is not in it.';
  return opened
    ? 'Its databases are sound, its books balance, and all mail that waits in it was opened and is as it was accepted.'
    : 'Its databases are sound, its books balance, and all mail that waits in it is there; it was not opened, for want of its key.';
}

function show(folder: string, manifest: Manifest, damage: readonly string[], { terminal, calendar }: Order): void {
  const { files, database } = manifest;
  const lines = [
    ['of', `${manifest.hostname}, Holdfast ${manifest.release}`],
    ['as of', formatMoment(Date.parse(manifest.snapshotAt), calendar)],
    ['in', folder],
    ['files', `${formatCount(files.count)}, ${formatCount(Math.ceil(files.bytes / 1_000_000))} MB`],
    ...(database === null ? mailLines(manifest, terminal) : [databaseLine(database)]),
    ...(manifest.blobs === 'elsewhere'
      ? [['content', 'of large mails is kept elsewhere, with backups of its own']]
      : []),
  ];
  for (const [name = '', text = ''] of lines) terminal.print(`${terminal.paint('quiet', name.padEnd(8))} ${text}`);
  for (const line of damage) terminal.print(`${terminal.paint('bad', 'damaged ')} ${line}`);
}

function mailLines({ messages, live, mailboxes, books, balanced }: Manifest, terminal: Order['terminal']): string[][] {
  const tenants = books.length === 1 ? '1 tenant' : `${formatCount(books.length)} tenants`;
  const say = {
    true: 'they balance',
    false: terminal.paint('bad', 'they do not balance'),
    null: 'not counted',
  } as const;
  return [
    ['mail', `${formatCount(messages ?? 0)} messages; ${formatCount(live ?? 0)} recipients wait or are held`],
    ...(mailboxes === null
      ? []
      : [
          [
            'people',
            `${formatCount(mailboxes.messages)} messages in the mailboxes of ${formatCount(mailboxes.accounts)}`,
          ],
        ]),
    ['books', `of ${tenants}: ${say[`${balanced}`]}`],
  ];
}

function databaseLine({ url, included }: NonNullable<Manifest['database']>): string[] {
  return ['mail', `in ${url}: ${included ? 'database.dump' : 'not in this backup; it needs backups of its own'}`];
}

function keyLine({ key }: Manifest, file: string): string {
  const id = key.id === null ? '' : ` (${key.id})`;
  return key.included
    ? `secrets.key${id} is in it: whoever has this folder can read all mail in it.`
    : `secrets.key${id} is not in it, and without it nobody can read the mail in custody. Keep a copy of ${file} in another safe place.`;
}
