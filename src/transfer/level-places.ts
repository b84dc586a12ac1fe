import { formatLevel } from '#/codec/mail-files/index.ts';
import type { MailboxName } from '#/model/index.ts';
import { SinkTrouble } from './sink.ts';

/** A mailbox's name as a path below the folder of an export; throws a `SinkTrouble` where it is too long for a file system. */
export function placeOf(name: MailboxName): string {
  const levels = name.split('/').map(formatLevel);
  if (!levels.includes(null)) return levels.join('/');
  throw new SinkTrouble(`The name of ${name} is too long for a file: export it alone, with --folder.`);
}
