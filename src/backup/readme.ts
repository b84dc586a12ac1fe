/** The page that lies in a backup, for whoever finds it without this program's handbook at hand. */
import type { Manifest } from './manifest.ts';

/** Plain text: what it is, what opens it, how it is checked and restored. */
export function readmeOf({ hostname, snapshotAt, release, store, key }: Manifest): string {
  const keyLine = key.included
    ? 'data/secrets.key is in it, and opens all mail in custody: keep this folder as you would keep the mail itself.'
    : `The key that opens it (secrets.key${key.id === null ? '' : `, ${key.id}`}) is not in it. Without that file the mail in custody can't be read by anyone.`;
  const database =
    store === 'postgresql'
      ? [
          '',
          'Mail is kept in PostgreSQL: restore the database by its own means first, then run',
          '',
          '  holdfast restore --mark-restored',
          '',
        ]
      : [
          '',
          '  holdfast backup verify DIR            looks whether it is whole',
          '  holdfast restore DIR --data NEW       makes an installation of it in the new folder NEW',
          '',
          'The first start holds all mail that waited, since it may have been delivered after this backup was made.',
          'What people have in their mailboxes is in data/mailboxes, and is not encrypted: keep this folder as safe as the server.',
          '',
        ];
  return [
    `Backup of ${hostname}, as of ${snapshotAt}, made by Holdfast ${release}.`,
    '',
    keyLine,
    ...database,
    'Every file of it stands in files.sha256 (sha256sum --check files.sha256).',
    '',
  ].join('\n');
}
