import { resolve } from 'node:path';
import { type Restored, restore as restoreFrom } from '#/roles/backup.ts';
import { watchOf } from '../copy-watch.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

const MARK_MS = 60 * 60_000;

export const restore: Verb = {
  usage: ['restore DIR --data NEW [--json]', 'restore --mark-restored [--json]'],
  about:
    'Makes an installation of a backup in a new data directory; nothing is written over. Its first start holds all mail that waited, since it may have been delivered after the backup was taken: look at it, drop what has arrived, and release the rest with "holdfast queue release reason:restored". Mail programs fetch everything in the mailboxes once more, unless the marks of the lost installation were put into NEW/mailboxes/marks before. --mark-restored does the same to a store that was restored by other means, such as a PostgreSQL database or a snapshot of a disk; all servers must be stopped.',
  flags: {
    'mark-restored': {
      kind: 'yes',
      help: 'the store itself was restored by other means: hold all mail that waits in it',
    },
  },
  examples: [
    'holdfast restore /backup/2026-11-21 --data /var/lib/holdfast-new',
    'holdfast queue list reason:restored',
    'holdfast queue release reason:restored',
  ],
  run: async (order) => {
    const [folder, more] = order.flags.words;
    const marks = order.flags.is('mark-restored');
    if (marks && folder === undefined) return markInPlace(order);
    if (marks || folder === undefined || more !== undefined)
      throw usage('Name one backup: holdfast restore DIR --data NEW.');
    return restoreInto(resolve(order.world.cwd, folder), order);
  },
};

async function restoreInto(folder: string, order: Order): Promise<ExitCode> {
  const { settings } = await order.settings();
  const restored = await restoreFrom(settings, folder, order.world.by, watchOf(order));
  const { manifest, key, uids } = restored;
  const { snapshotAt, live } = manifest;
  if (order.json) order.answer({ folder, data: settings.data, snapshotAt, live, key, uids });
  else show(folder, settings, restored, order);
  return EXIT.done;
}

type Place = { readonly data: string; readonly secrets: { readonly key: { readonly file: string } } };

function show(folder: string, settings: Place, { manifest, key, uids }: Restored, { terminal, calendar }: Order): void {
  const { snapshotAt, live, messages } = manifest;
  const at = formatMoment(Date.parse(snapshotAt), calendar);
  if (manifest.database === null) {
    terminal.print(`${settings.data} is now the installation as of ${at}: ${formatCount(messages ?? 0)} messages.`);
    terminal.print(`\n${next(live ?? 0)}`);
  } else terminal.print(databaseNext(folder, settings.data, manifest.database));
  if (uids === 'begin anew') terminal.print(`\n${BEGIN_ANEW}`);
  const { file } = settings.secrets.key;
  const id = manifest.key.id === null ? '' : ` (${manifest.key.id})`;
  const keys = {
    fits: null,
    unknown: null,
    missing: `Before the first start, put your copy of secrets.key${id} at ${file}: without it nothing starts.`,
    other: `The key at ${file} is another one than the backup needs${id}. Put the right one there before the first start.`,
  } as const;
  const line = keys[key];
  if (line !== null) terminal.print(`\n${terminal.paint('warn', line)}`);
  terminal.print(`\nIts settings as they were: ${folder}/settings/holdfast.yaml`);
}

const BEGIN_ANEW = [
  'In its mailboxes UIDs begin anew: mail programs fetch everything once more. If the folder mailboxes/marks of the lost installation',
  'is still there, copy it into a new data directory first, and restore into that: then they go on, and only changes are fetched.',
].join('\n');

function next(live: number): string {
  if (live === 0) return 'No mail waited in it.';
  return [
    `${live === 1 ? 'One recipient' : `${formatCount(live)} recipients`} waited or were held then, and may have been served since. The first start holds what waited, and marks all of them.`,
    '  holdfast queue list reason:restored      look at it',
    '  holdfast queue drop ID… | bounce ID…     what should not go out again',
    '  holdfast queue release reason:restored   the rest goes on where it stopped',
  ].join('\n');
}

function databaseNext(folder: string, data: string, database: NonNullable<Restored['manifest']['database']>): string {
  return [
    `${data} has the files of this backup. Its mail is in the database ${database.url}, which is restored by its own means:`,
    database.included
      ? `  pg_restore --clean --if-exists --no-owner --dbname=URL ${folder}/database.dump`
      : '  its own backups (this one has none)',
    '',
    'Then, before any server starts, hold all mail that may have been delivered since:',
    '  holdfast restore --mark-restored',
  ].join('\n');
}

async function markInPlace(order: Order): Promise<ExitCode> {
  await using store = await order.operations('changes');
  order.terminal.progress('Holding all mail that waits …');
  const { held } = await store.call<{ held: number }>('store.mark-restored', {}, { deadlineMs: MARK_MS });
  if (order.json) order.answer({ held });
  else
    order.terminal.print(
      held === 0
        ? 'No mail waits in it that is not held and marked already.'
        : `${formatCount(held)} recipients are held: their mail may have been delivered after the moment that this store shows.\n"holdfast queue release reason:restored" lets them go on.`,
    );
  return EXIT.done;
}
