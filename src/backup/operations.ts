/** What people do with backups, as far as the running installation has to know (ports/operation.ts). */
import { z } from 'zod';
import { type Custody, type Operation, operation } from '#/ports/index.ts';
import { type MarkParts, markRestored } from './mark.ts';

export interface BackupOperationParts extends MarkParts {
  readonly custody: MarkParts['custody'] & Pick<Custody, 'books'>;
}

/** `backup.begin`: a copy of everything is about to be taken, which the audit log says before it is done. `store.mark-restored`. */
export function backupOperations(parts: BackupOperationParts): readonly Operation[] {
  const begin = operation({
    name: 'backup.begin',
    summary: 'Writes down that a backup is being taken, where to, and whether the key that opens it goes along.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({ folder: z.string().min(1).max(4_096), withKey: z.boolean() }),
    output: z.object({}),
    subject: ({ folder, withKey }) => (withKey ? `${folder}, with secrets.key` : folder),
    async handle(_input, { call }) {
      // Whoever asks for the books has what was answered so far put where a reader, and so a copy, sees it.
      await parts.custody.books(call);
      return {};
    },
  });
  const mark = operation({
    name: 'store.mark-restored',
    summary:
      'Holds all mail that waits and renews UIDVALIDITY, in a store that was restored by other means; no server may run.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({}),
    output: z.object({ held: z.int() }),
    async handle(_input, { by }) {
      return { held: await markRestored(by, parts) };
    },
  });
  return [begin, mark] as readonly Operation[];
}
