/**
 * Which waiting mail one sees: one's own, one's team's (from an address of a group that one is in), what one is asked to approve, and, for
 * administrators and operators, all.
 */
import type { Directory } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { isAsked, isSender, isTeams } from './rights.ts';

export const TRAYS = ['mine', 'team', 'approve', 'all'] as const;
export type Tray = (typeof TRAYS)[number];

/** The mail with the recipients that belong into this tray; null where there are none. Another tenant's mail is in none. */
export function inTray(mail: Trace, tray: Tray, actor: Actor, directory: Directory): Trace | null {
  if (actor.kind === 'operator') return mail;
  if (mail.tenant !== actor.tenant) return null;
  if (tray === 'mine') return isSender(mail, actor, directory) ? mail : null;
  if (tray === 'team') return isTeams(mail, actor, directory) ? mail : null;
  if (tray === 'all' && actor.isAdmin) return mail;
  const isMine = tray === 'all' && (isSender(mail, actor, directory) || isTeams(mail, actor, directory));
  const recipients = mail.recipients.filter(
    ({ state, verdict }) => isMine || (state === 'approval' && isAsked(mail, verdict, actor, directory)),
  );
  return recipients.length === 0 ? null : { ...mail, recipients };
}
