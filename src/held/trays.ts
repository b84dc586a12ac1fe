/** Which waiting mail one sees: one's own, what one is asked to approve, and, for administrators and operators, all. */
import type { Directory } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { isAsked, isSender } from './rights.ts';

export const TRAYS = ['mine', 'approve', 'all'] as const;
export type Tray = (typeof TRAYS)[number];

/** The mail with the recipients that belong into this tray; null where there are none. Another tenant's mail is in none. */
export function inTray(mail: Trace, tray: Tray, actor: Actor, directory: Directory): Trace | null {
  if (actor.kind === 'operator') return mail;
  if (mail.tenant !== actor.tenant) return null;
  if (tray === 'mine') return isSender(mail, actor, directory) ? mail : null;
  if (tray === 'all' && actor.isAdmin) return mail;
  const isMine = tray === 'all' && isSender(mail, actor, directory);
  const recipients = mail.recipients.filter(
    ({ state, verdict }) => isMine || (state === 'approval' && isAsked(mail, verdict, actor, directory)),
  );
  return recipients.length === 0 ? null : { ...mail, recipients };
}
